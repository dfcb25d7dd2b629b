package dev.understudy.proxy.gateway;

import static dev.understudy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our own filters in routes of the static settings, where the Gateway makes them by name. */
class StaticRoutesTest {
  private static final Map<String, String> FILTERS =
      Map.of(
          "deny", "Deny=403",
          "respond", "Respond=200, hello",
          "redirect", "Redirect=301, https://www.example.com{target}",
          "https", "RedirectToHttps=302",
          "host", "RedirectToHost=307, https://www.example.com",
          "guard", "RequireWebSocketUpgrade=/guard",
          "users", "BasicAuth=users",
          "rate", "RateLimit=1/10m, client-address");

  private static LaneApp app;

  @BeforeAll
  static void start() {
    List<String> settings = new ArrayList<>();
    FILTERS.forEach(
        (id, filter) -> {
          String route =
              "spring.cloud.gateway.server.webflux.routes[%d].".formatted(settings.size() / 4);
          settings.add(route + "id=" + id);
          settings.add(route + "uri=no://op");
          settings.add(route + "predicates[0]=Path=/" + id);
          settings.add(route + "filters[0]=" + filter);
        });
    app = LaneApp.start(settings.toArray(String[]::new));
    app.use(List.of());
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          deny     | 403 | x-request-id:
          respond  | 200 | hello
          redirect | 301 | location: https://www.example.com/redirect
          https    | 302 | location: https://
          host     | 307 | location: https://www.example.com/host
          guard    | 403 | x-request-id:
          users    | 401 | www-authenticate: Basic
          """)
  void filter_of_a_static_route_responds(String route, int status, String text) throws IOException {
    assertThat(get(app.port(), "/" + route))
        .startsWith("HTTP/1.1 " + status)
        .containsIgnoringCase(text);
  }

  @Test
  void rate_limit_of_a_static_route_counts() throws IOException {
    String first = get(app.port(), "/rate");
    assertThat(first).doesNotStartWith("HTTP/1.1 429");
    assertThat(get(app.port(), "/rate")).startsWith("HTTP/1.1 429");
  }
}
