package dev.understudy;

import static dev.understudy.TestProxy.LANES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestClient;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code RetryBudget}: how often requests reach a server that breaks each of them. */
class RetryBudgetTest {
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        TestProxy.lanes(
            folder,
            """
            none: [ ]
            two: [ 'RetryBudget=10, 2' ]
            each: [ 'RetryBudget=100, 1' ]
            last: [ 'RetryBudget=100, 100', 'RetryBudget=1, 1' ]
            other: [ 'RetryBudget=1, 1 when method(POST)' ]
            """);
    proxy.server.script(call -> call.reset());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "without a budget each is sent twice, none, GET, 6",
    "two are sent again, two, GET, 5",
    "each earns its own, each, GET, 6",
    "the last filter counts, last, GET, 4",
    "a filter whose condition does not hold bounds nothing, other, GET, 6",
    "what is not sent again takes nothing, two, POST, 3",
  })
  void three_requests_reach_the_server(String name, String route, String method, int sends) {
    for (String lane : LANES) {
      int before = proxy.server.calls().size();
      for (int i = 0; i < 3; i++) {
        try (TestClient client = proxy.connect(Protocol.HTTP_1_1)) {
          client.request(method, lane + route, "Host: a.test");
          assertThat(client.response(method).status()).isEqualTo(502);
        }
      }
      assertThat(proxy.server.calls().size() - before).as(lane).isEqualTo(sends);
    }
  }
}
