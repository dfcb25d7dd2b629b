package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.traffic.RequestOutcome;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The filters of our own, in front of a plain listener that trusts its neighbour. */
class OwnFiltersTest extends ScriptedLaneTable {
  @Override
  String[] properties() {
    return new String[] {ApplicationLane.TRUSTING};
  }

  private static final String HSTS = "StrictTransportSecurity=max-age=16000000; preload";

  @ParameterizedTest
  @CsvSource({
    "RedirectToHttps=301, 301, https://a.test/x?y=%zz|",
    "RedirectToHttps=308, 308, https://a.test/x?y=%zz|",
    "'RedirectToHttps=302,8443', 302, https://a.test:8443/x?y=%zz|",
    "RedirectToHttps, 301, https://a.test/x?y=%zz|",
  })
  void a_plain_request_is_sent_to_the_same_target_on_https(
      String filter, int status, String location) {
    app.use(List.of(filter), everything());
    String response = get("/x?y=%zz|", "Host: a.test:8080");
    assertThat(response)
        .startsWith("HTTP/1.1 " + status)
        .contains("location: " + location + "\r\n");
    assertThat(app.engine.calls).isEmpty();
  }

  @Test
  void a_request_without_a_host_is_not_led_to_wherever_its_target_says() {
    app.use(List.of("RedirectToHttps=301"), everything());
    assertThat(exchange("GET //evil.test/ HTTP/1.0\n\n"))
        .startsWith("HTTP/1.1 400")
        .doesNotContainIgnoringCase("location:");
  }

  @Test
  void strict_transport_security_is_on_local_responses_too_and_replaces_the_servers() {
    app.use(List.of(HSTS, "RequireWebSocketUpgrade=/websocket"), everything());
    assertThat(get("/websocket", "X-Forwarded-Proto: https"))
        .startsWith("HTTP/1.1 403")
        .contains("Strict-Transport-Security: max-age=16000000; preload\r\n");
    app.engine.script(
        call ->
            call.respond(ScriptedEngine.head(200, "strict-transport-security", "max-age=1"), "x"));
    assertThat(get("/", "X-Forwarded-Proto: https"))
        .containsOnlyOnce("max-age=")
        .contains("max-age=16000000; preload");
  }

  @Test
  void the_guard_judges_what_the_client_sent_whatever_other_filters_make_of_it() {
    app.use(List.of("RequireWebSocketUpgrade=/websocket"), everything("SetPath=/other"));
    assertThat(get("/websocket")).startsWith("HTTP/1.1 403");
  }

  @Test
  void a_request_that_no_engine_saw_has_one_outcome() {
    app.use(
        List.of("RequireWebSocketUpgrade=/websocket"),
        route("r", "pool://sense", "Path=/r", "RedirectToHttps=301"),
        route("w", "pool://sense", "Path=/websocket"),
        route("p", "pool://sense", "Path=/p"));
    for (String path : List.of("r", "websocket", "nowhere", "p")) {
      get("/" + path, "X-Request-Id: own-" + path);
    }
    Await.until("three ended", () -> own().size() >= 3);
    assertThat(own())
        .containsExactlyInAnyOrder(
            "301 r /r own-r LOCAL",
            "403 w /websocket own-websocket LOCAL",
            "404 null /nowhere own-nowhere LOCAL");
  }

  /** Without what may still be heard of another test's connections. */
  private List<String> own() {
    return app.ended.outcomes.stream()
        .filter(o -> o.requestId().startsWith("own-"))
        .map(
            o ->
                "%d %s %s %s %s"
                    .formatted(o.status(), routeOf(o), o.target(), o.requestId(), o.end()))
        .toList();
  }

  private static @Nullable String routeOf(RequestOutcome outcome) {
    return outcome.route() == null ? null : outcome.route().id();
  }
}
