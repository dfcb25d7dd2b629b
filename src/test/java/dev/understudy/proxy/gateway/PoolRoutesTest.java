package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.TestRoutes.part;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import java.util.List;
import org.junit.jupiter.api.Test;

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
