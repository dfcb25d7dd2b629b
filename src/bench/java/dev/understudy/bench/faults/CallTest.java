package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.faults.Call.End;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallTest {
  @ParameterizedTest
  @CsvSource({
    "200, sen2 w1, OK",
    "200, sen2 w11, MIXED_UP",
    "409, sen2 w1, FAILED",
    "503, nobody serves, FAILED",
    "502, broken, UNKNOWN",
    "504, late, UNKNOWN"
  })
  void response_says_how_a_call_ended(int status, String body, End end) {
    assertThat(Call.endOf("w1", status, body)).isEqualTo(end);
  }
}
