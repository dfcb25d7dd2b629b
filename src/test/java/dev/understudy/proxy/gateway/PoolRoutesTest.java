package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.TestRoutes.part;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.route.Route;

class PoolRoutesTest extends ScriptedLaneTable {
  @Test
  void new_routes_are_in_force_at_once() {
    app.use(List.of(), route("one", "pool://sense", "Path=/one"));
    assertThat(get("/two")).startsWith("HTTP/1.1 404");
    app.use(List.of(), route("two", "pool://sense", "Path=/two"));
    assertThat(get("/two")).startsWith("HTTP/1.1 200");
    assertThat(get("/one")).startsWith("HTTP/1.1 404");
  }

  @Test
  void one_bad_route_leaves_all_as_it_was() {
    app.use(List.of("AddResponseHeader=X-Kept, 1"), everything());
    var problem =
        app.routes.apply(
            List.of(
                route("new", "pool://sense", "Path=/new"),
                route("bad", "pool://sense", "Path=/bad", "NoSuchFilter=1")),
            List.of(part("AddResponseHeader=X-New, 1")));
    assertThat(problem).get().asString().contains("NoSuchFilter");
    assertThat(get("/new")).contains("X-Kept").doesNotContain("X-New");
    assertThat(last().request.route().id()).isEqualTo("all");
  }

  private Map<String, Route> made() {
    return app.context.getBean(RouteSnapshot.class).inForce().routes().stream()
        .collect(Collectors.toMap(Route::getId, each -> each));
  }

  @Test
  void only_routes_that_differ_are_made_anew() {
    RouteSpec stays = route("stays", "pool://sense", "Path=/stays", "AddResponseHeader=X-A, 1");
    app.use(List.of(), route("other", "pool://sense", "Path=/other", "SetStatus=201"), stays);
    Map<String, Route> before = made();
    app.use(List.of(), stays, route("other", "pool://sense", "Path=/other", "SetStatus=202"));

    assertThat(made().get("stays")).isSameAs(before.get("stays"));
    assertThat(made().get("other")).isNotSameAs(before.get("other"));
    assertThat(get("/other")).startsWith("HTTP/1.1 202");
    assertThat(get("/stays")).startsWith("HTTP/1.1 200").contains("X-A: 1");
  }

  @Test
  void default_filters_change_for_routes_that_stay_as_they_are() {
    app.use(List.of("AddResponseHeader=X-Of, before"), everything());
    app.use(List.of("AddResponseHeader=X-Of, now"), everything());
    assertThat(get("/")).contains("X-Of: now").doesNotContain("before");

    app.use(List.of(), everything());
    assertThat(get("/")).doesNotContain("X-Of");
  }

  @Test
  void a_default_filter_knows_the_variables_of_a_route_that_is_added() {
    String rewrite = "SetPath=/x/{segment}";
    app.use(List.of(rewrite), route("stays", "pool://sense", "Path=/stays"));
    Route before = made().get("stays");
    app.use(
        List.of(rewrite),
        route("stays", "pool://sense", "Path=/stays"),
        route("new", "pool://sense", "Path=/new/{segment}"));

    assertThat(made().get("stays")).isNotSameAs(before);
    get("/new/a");
    assertThat(last().request.target()).isEqualTo("/x/a");
  }

  @Test
  void a_refused_file_is_followed_by_one_that_is_made() {
    RouteSpec stays = route("stays", "pool://sense", "Path=/stays", "AddResponseHeader=X-A, 1");
    app.use(List.of(), stays);
    assertThat(
            app.routes.apply(
                List.of(stays, route("bad", "pool://sense", "Path=/bad", "NoSuchFilter=1")),
                List.of()))
        .isPresent();
    app.use(List.of(), stays, route("bad", "pool://sense", "Path=/bad"));

    assertThat(get("/bad")).startsWith("HTTP/1.1 200");
    assertThat(get("/stays")).contains("X-A: 1");
  }

  @Test
  void a_request_under_way_ends_on_the_route_that_it_matched() {
    app.use(List.of("AddResponseHeader=X-Before, 1"), everything());
    app.engine.script(call -> {});
    try (RawClient client = connect()) {
      client.sendLines("GET / HTTP/1.1\nHost: a\nConnection: close\n\n");
      Await.until("it is under way", () -> !app.engine.calls.isEmpty());
      app.use(List.of(), route("other", "pool://sense", "Path=/other"));
      ScriptedEngine.Call call = last();
      call.loop.execute(() -> call.respond(200, "ok"));
      assertThat(client.readAll()).contains("X-Before").endsWith("ok");
    }
  }
}
