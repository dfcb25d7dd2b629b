package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestRoutes;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of Spring's that change the requests of the Gateway lane. */
class SpringSettingsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          server.forward-headers-strategy=none      | /x          | 404
          server.forward-headers-strategy=framework | /x          | 200
          server.forward-headers-strategy=native    | /x          | 200
          spring.webflux.base-path=/base            | /app/x      | 404
          spring.webflux.base-path=/base            | /base/app/x | 200
          """)
  void a_route_sees_the_path_that_they_make(String setting, String target, int status) {
    try (LaneApp app = LaneApp.start(ApplicationLane.TRUSTING, setting)) {
      app.use(List.of(), TestRoutes.route("app", "pool://sense", "Path=/app/**"));
      assertThat(RawClient.get(app.port(), target, "X-Forwarded-Prefix: /app"))
          .startsWith("HTTP/1.1 " + status);
    }
  }
}
