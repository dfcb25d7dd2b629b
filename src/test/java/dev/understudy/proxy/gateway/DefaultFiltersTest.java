package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.TestRoutes;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Default filters beside a route's own, the same in both lanes. */
class DefaultFiltersTest extends ScriptedLaneTable {
  @Override
  String[] properties() {
    return new String[] {ApplicationLane.TRUSTING};
  }

  private static final String PLAIN = "X-Forwarded-Proto: http";
  private static final String TLS = "X-Forwarded-Proto: https";

  private static List<String> filters(String text) {
    return Stream.of(text.split(";")).map(String::strip).filter(each -> !each.isEmpty()).toList();
  }

  /** The express lane's routes; what is not compiled is the Gateway's. */
  private static RouteTable compiled(List<String> defaults, List<String> own) {
    return RouteCompiler.compile(
        List.of(everything(own.toArray(String[]::new))),
        defaults.stream().map(TestRoutes::part).toList());
  }

  /** Asks both lanes; their responses are equal but for the order and letter case of fields. */
  private String ask(List<String> defaults, List<String> own, String path, String header) {
    app.use(defaults, everything(own.toArray(String[]::new)));
    String response = "";
    for (RouteTable table : List.of(RouteTable.GATEWAY_ONLY, compiled(defaults, own))) {
      app.express.routes = table;
      String next =
          get(path, "Host: a.test", "X-Request-Id: one", header)
              .lines()
              .map(line -> line.toLowerCase(java.util.Locale.ROOT))
              .sorted()
              .toList()
              .toString();
      assertThat(next).isEqualTo(response.isEmpty() ? next : response);
      response = next;
    }
    return response;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          RequireWebSocketUpgrade=/ws                               | Respond=200, x | 403
          SetResponseHeader=A, 1; RequireWebSocketUpgrade=/ws       | Respond=200, x | 403
          StrictTransportSecurity=max-age=1; RequireWebSocketUpgrade=/ws; RedirectToHttps | Respond=200, x; AddRequestHeader=A, 1 | 403
          RequireWebSocketUpgrade=/other; RedirectToHttps           | Respond=200, x | 301
          SetRequestHeader=A, 1; RedirectToHttps                    | Deny           | 301
          SetRequestHeader=A, 1; SetRequestHeader=B, 1; RedirectToHost=308, https://b.test | Deny | 308
          SetRequestHeader=A, 1; RedirectToHttps=307                | RedirectTo=302, /x | 307
          SetRequestHeader=A, 1; Deny=429                           | Respond=200, x | 429
          SetRequestHeader=A, 1; Respond=201, y                     | Deny           | 201
          Deny=429; Respond=201, y                                  | Respond=200, x | 429
          SetRequestHeader=A, 1; RedirectTo=302, /x; Deny           | Respond=200, x | 200
          RedirectTo=302, /x; Deny                                  | Respond=200, x | 302
          """)
  void default_filters_that_end_requests_come_before_a_routes_own(
      String defaults, String own, String status) {
    assertThat(ask(filters(defaults), filters(own), "/ws", PLAIN)).contains("http/1.1 " + status);
  }

  @Test
  void a_default_header_of_transport_security_is_on_what_a_routes_own_filter_responds() {
    List<String> defaults = List.of("SetRequestHeader=A, 1", "StrictTransportSecurity=max-age=1");
    String header = "strict-transport-security: max-age=1";
    assertThat(ask(defaults, List.of("Deny"), "/", TLS)).contains("1.1 403", header);
    assertThat(ask(defaults, List.of("Deny"), "/", PLAIN))
        .contains("1.1 403")
        .doesNotContain(header);
  }

  @Test
  void a_route_may_still_name_such_a_filter_of_its_own() {
    assertThat(ask(List.of(), List.of("Deny=404", "RedirectToHttps"), "/", PLAIN))
        .contains("1.1 404");
    assertThat(app.context.getBean(RouteTrial.class).filterNames())
        .allMatch(name -> name.matches("[A-Za-z]+"));
  }
}
