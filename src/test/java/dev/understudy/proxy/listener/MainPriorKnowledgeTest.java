package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP/2 without TLS on {@code server.port}, by Spring Boot's own setting. */
class MainPriorKnowledgeTest {
  @ParameterizedTest
  @CsvSource({", false", "false, false", "true, true"})
  void it_is_on_only_if_somebody_sets_it(String setting, boolean on) throws Exception {
    List<String> properties =
        Stream.of("understudy.drain.delay=0s", "understudy.http.port=0").toList();
    if (setting != null) {
      properties =
          Stream.concat(properties.stream(), Stream.of("server.http2.enabled=" + setting)).toList();
    }
    try (ListenerApp app = ListenerApp.start(properties)) {
      int plain = app.context.getBean(Listeners.class).plainPort();
      assertThat(refusal(plain)).as("the second, plain listener").startsWith("HTTP/1.1 505");
      if (on) {
        try (RawHttp2 client = RawHttp2.clear(app.port()).settings()) {
          client.get(1, "/");
          assertThat(client.read(RawHttp2.HEADERS, 1).fields().status()).hasToString("200");
        }
      } else {
        assertThat(refusal(app.port())).startsWith("HTTP/1.1 505");
      }
      assertThat(RawClient.get(app.port(), "/")).startsWith("HTTP/1.1 200");
    }
  }

  private static String refusal(int port) throws Exception {
    try (RawClient client = new RawClient(port).write(RawHttp2.PREFACE)) {
      return new String(client.in().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
