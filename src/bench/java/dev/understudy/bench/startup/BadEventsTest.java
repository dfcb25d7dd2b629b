package dev.understudy.bench.startup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BadEventsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          a server is well;          {"type":"health-changed","from":"UNKNOWN","to":"UP"};      0
          a server is not;           {"type":"health-changed","from":"UNKNOWN","to":"DOWN"};    1
          the first one serves;      {"type":"switched","from":null,"to":"s0"};                 0
          another one serves;        {"type":"switched","from":"s1","to":"s0"};                 1
          none serves any more;      {"type":"switched","from":"s0","to":null};                 1
          none serves;               {"type":"nobody-serves"};                                  1
          a DOWN one serves;         {"type":"serves-down","server":"s0"};                      1
          a better one waits;        {"type":"failback-awaited","serving":"s1","better":"s0"};  1
          a circuit opens;           {"type":"circuit-changed","server":"s0","open":true};      1
          a circuit closes;          {"type":"circuit-changed","server":"s0","open":false};     0
          it serves as before;       {"type":"kept","serving":"s0"};                            0
          """)
  void events_are_bad_that_doubt_a_server(String what, String event, long bad) {
    assertThat(BadEvents.count("{\"events\":[" + event + "]}")).as(what).isEqualTo(bad);
  }
}
