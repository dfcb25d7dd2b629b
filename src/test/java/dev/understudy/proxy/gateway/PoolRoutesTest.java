package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.RawClient.get;
import static dev.understudy.testing.TestRoutes.part;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RoutePart;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoolRoutesTest {
  private static LaneApp app;

  @BeforeAll
  static void start() {
    app = LaneApp.start();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void new_routes_are_in_force_at_once() throws IOException {
    app.use(List.of(), route("one", "pool://sense", "Path=/one"));
    assertThat(get(app.port(), "/two")).startsWith("HTTP/1.1 404");
    app.use(List.of(), route("two", "pool://sense", "Path=/two"));
    assertThat(get(app.port(), "/two")).startsWith("HTTP/1.1 200");
    assertThat(get(app.port(), "/one")).startsWith("HTTP/1.1 404");
  }

  @Test
  void one_bad_route_leaves_all_as_it_was() throws IOException {
    app.use(List.of("AddResponseHeader=X-Kept, 1"), everything());
    var problem =
        app.routes.apply(
            List.of(
                route("new", "pool://sense", "Path=/new"),
                route("bad", "pool://sense", "Path=/bad", "NoSuchFilter=1")),
            List.of(part("AddResponseHeader=X-New, 1")));
    assertThat(problem).get().asString().contains("NoSuchFilter");
    assertThat(get(app.port(), "/new")).contains("X-Kept").doesNotContain("X-New");
    assertThat(app.engine.last().request.route().id()).isEqualTo("all");
  }

  @Test
  void a_request_under_way_ends_on_the_route_that_it_matched() throws IOException {
    app.use(List.of("AddResponseHeader=X-Before, 1"), everything());
    app.engine.script(call -> {});
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("GET / HTTP/1.1\nHost: a\nConnection: close\n\n");
      Await.until("it is under way", () -> !app.engine.calls.isEmpty());
      app.use(List.of(), route("other", "pool://sense", "Path=/other"));
      ScriptedEngine.Call call = app.engine.last();
      call.loop.execute(() -> call.respond(200, "ok"));
      assertThat(client.readAll()).contains("X-Before").endsWith("ok");
    }
    app.engine.script(ScriptedEngine.Call::echo);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "RedirectToHttps=303 | status: expected 301, 302, 307 or 308, found 303",
        "RedirectToHttps=abc | status: expected a whole number, found 'abc'",
        "'RedirectToHttps=301,8443,1' | expected at most 2 arguments [status, port], found 3",
        "'RedirectToHttps=301,0' | port: expected 1 to 65535, found 0",
        "'RedirectToHost=300,https://a.test' | status: expected 301, 302, 303, 307 or 308, found"
            + " 300",
        "RedirectToHost=301 | url: expected a scheme and a host without a path",
        "RedirectToHost | status: expected 301, 302, 303, 307 or 308, found nothing",
        "RedirectToHost=https://a.test | status: expected a whole number",
        "'RedirectToHost=301,https://a.test/x' | url: expected a scheme and a host without a path",
        "'RedirectToHost=301,https://a.test?x' | found 'https://a.test?x'",
        "'RedirectToHost=301,https://a.test#x' | found 'https://a.test#x'",
        "'RedirectToHost=301,https://u@a.test' | found 'https://u@a.test'",
        "'RedirectToHost=301,https://a.test:99999' | found 'https://a.test:99999'",
        "'RedirectToHost=301,https://a.test:' | found 'https://a.test:'",
        "'RedirectToHost=301,https://' | found 'https://'",
        "'RedirectToHost=301,a.test' | found 'a.test'",
        "'RedirectToHost=301,//a.test' | found '//a.test'",
        "'RedirectToHost=301,ftp://a.test' | found 'ftp://a.test'",
        "StrictTransportSecurity=preload | value: expected directives such as",
        "RequireWebSocketUpgrade=websocket | path: expected one that starts with '/'",
        "Deny=200 | status: expected 400 to 599, found 200",
        "Deny=600 | status: expected 400 to 599, found 600",
        "Deny=no | status: expected a whole number, found 'no'",
        "'Deny=403,no' | expected at most 1 arguments [status], found 2",
        "Respond=101 | status: expected 200 to 599, found 101",
        "Respond=text | status: expected a whole number, found 'text'",
        "PreferServer=Sen_2 | expected a DNS label",
        "StripPrefix=x | parts: expected a whole number, found 'x'",
        "NoSuch=1 | found NoSuch",
      })
  void the_trial_says_what_is_wrong_with_a_filter(String filter, String problem) {
    RouteTrial trial = app.context.getBean(RouteTrial.class);
    assertThat(trial.checkFilter(part(filter))).get().asString().contains(problem).hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NoSuch=1 | found NoSuch",
        "After=yesterday | datetime: expected a date",
        "Path=/{a | capture"
      })
  void the_trial_says_what_is_wrong_with_a_predicate(String predicate, String problem) {
    RouteTrial trial = app.context.getBean(RouteTrial.class);
    assertThat(trial.checkPredicate(part(predicate)))
        .get()
        .asString()
        .contains(problem)
        .hasLineCount(1);
  }

  @Test
  void the_trial_finds_an_unknown_argument_that_the_gateway_would_pass_over() {
    RouteTrial trial = app.context.getBean(RouteTrial.class);
    RoutePart filter = new RoutePart("StripPrefix", Map.of("prats", "1"));
    assertThat(trial.checkFilter(filter)).get().asString().contains("[parts]", "'prats'");
  }

  @Test
  void the_trial_takes_what_is_good_and_knows_all_names() {
    RouteTrial trial = app.context.getBean(RouteTrial.class);
    for (String filter :
        List.of("RedirectToHttps", "Retry=3", "RewritePath=/a/(?<x>.*), /$\\{x}")) {
      assertThat(trial.checkFilter(part(filter))).isEmpty();
    }
    assertThat(trial.filterNames()).contains("RedirectToHttps", "PreferServer", "StripPrefix");
    assertThat(trial.predicateNames()).contains("Host", "Path", "Weight");
  }
}
