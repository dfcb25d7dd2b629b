package dev.understudy.proxy.gateway;

import static dev.understudy.testing.TestRoutes.parts;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import dev.understudy.testing.Await;
import dev.understudy.testing.HeldRoutePredicateFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;
import org.springframework.cloud.gateway.event.RefreshRoutesResultEvent;
import org.springframework.context.ApplicationListener;

/**
 * New routes are applied while a refresh of somebody else's, as at the end of the Gateway's own
 * start, has read the definitions before and is not through with them.
 */
class OverlappingRefreshTest extends ScriptedLaneTable {
  private HeldRoutePredicateFactory held;

  @BeforeEach
  void before() {
    held = app.context.getBean(HeldRoutePredicateFactory.class);
    app.use(
        List.of("AddResponseHeader=X-Of, before"),
        new RouteSpec(
            "same", "pool://sense", 0, parts("Path=/before", "Held=1"), List.of(), Map.of()));
  }

  private Optional<String> apply(String... filters) {
    return app.routes.apply(
        List.of(route("same", "pool://sense", "Path=/now", filters)),
        parts("AddResponseHeader=X-Of, now"));
  }

  private void refresh() {
    app.context.publishEvent(new RefreshRoutesEvent(app));
  }

  @Test
  void refused_routes_are_not_taken_for_applied() throws Exception {
    AtomicBoolean refreshed = new AtomicBoolean();
    ApplicationListener<RefreshRoutesResultEvent> listener =
        event -> {
          if (event.isSuccess()) {
            refreshed.set(true);
          } else {
            // The refresh's result now comes after this one, if it has not come before.
            held.letGo();
            Await.until("the refresh has ended", refreshed::get);
          }
        };
    app.context.addApplicationListener(listener);
    try {
      assertThat(held.duringWhatMayWait(this::refresh, () -> apply("NoSuchFilter=1")))
          .get()
          .asString()
          .contains("NoSuchFilter");
    } finally {
      app.context.removeApplicationListener(listener);
    }
    assertThat(get("/before")).startsWith("HTTP/1.1 200").contains("X-Of: before");
    assertThat(get("/now")).startsWith("HTTP/1.1 404");
  }
}
