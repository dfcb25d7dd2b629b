package dev.understudy.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.soak.Visit.Ending;
import dev.understudy.bench.soak.Visit.Window;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VisitTest {
  private static final List<Window> FAULTS =
      List.of(new Window("kill", 100, 200), new Window("freeze", 500, Long.MAX_VALUE));

  @ParameterizedTest(name = "{0} {1} from {2} to {3}: {4}")
  @CsvSource({
    "GET_1_KB, SERVED,     10,  20, true",
    "POST,     REFUSED,    10,  20, false",
    "POST,     REFUSED,    90, 110, true",
    "POST,     REFUSED,   190, 300, true",
    "POST,     REFUSED,   250, 300, false",
    "POST,     REFUSED,   600, 700, true",
    "GET_1_KB, REFUSED,    90, 110, false",
    "GET_1_KB, BROKEN_OFF, 90, 110, true",
    "GET_1_KB, BROKEN_OFF, 10,  20, false",
    "POST,     WRONG,      90, 110, false",
    "WEBSOCKET, WRONG,     90, 110, false",
  })
  void faults_excuse_only_what_no_proxy_can_save(
      Habit habit, Ending ending, long start, long end, boolean expected) {
    assertThat(new Visit(habit, start, end, ending, "").isAsExpected(FAULTS)).isEqualTo(expected);
  }
}
