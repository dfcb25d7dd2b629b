package dev.understudy.proxy.gateway;

import static dev.understudy.testing.TestRoutes.parts;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import dev.understudy.testing.HeldRoutePredicateFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;

/** Requests are shared among the routes in force by the weights in force, whatever came before. */
class WeightedRoutesTest extends ScriptedLaneTable {
  /** What befalls one request in two is missed once in 2^40 runs. */
  private static final int REQUESTS = 40;

  @BeforeEach
  void a_and_b_share_a_group() {
    app.use(List.of(), weighted("a", "group", 50), weighted("b", "group", 50));
  }

  private static RouteSpec weighted(String id, String group, int weight, String... filters) {
    return route(id, "pool://sense", "Weight=" + group + "," + weight, filters);
  }

  /** The routes that took one request or more; all are answered. */
  private Set<String> taking() {
    Set<String> ids = new TreeSet<>();
    for (int i = 0; i < REQUESTS; i++) {
      assertThat(get("/")).startsWith("HTTP/1.1 200");
      ids.add(last().request.route().id());
    }
    return ids;
  }

  @Test
  void routes_of_one_group_share_its_requests() {
    assertThat(taking()).containsExactly("a", "b");
  }

  @Test
  void the_gateways_own_weight_filter_does_not_run() {
    TestParts.WatchingFilter filter = app.context.getBean(TestParts.WatchingFilter.class);
    filter.hasRun = false;
    taking();
    assertThat(filter.hasRun).isFalse();
  }

  @Test
  void a_route_that_is_gone_leaves_its_share_to_the_others() {
    app.use(List.of(), weighted("a", "group", 50));
    assertThat(taking()).containsExactly("a");
  }

  @Test
  void a_weight_that_is_now_0_takes_nothing() {
    app.use(List.of(), weighted("a", "group", 0), weighted("b", "group", 100));
    assertThat(taking()).containsExactly("b");
    app.use(List.of(), weighted("a", "group", 100), weighted("b", "group", 0));
    assertThat(taking()).containsExactly("a");
  }

  @Test
  void a_group_of_zeros_takes_nothing() {
    app.use(
        List.of(),
        weighted("a", "group", 0),
        weighted("b", "group", 0),
        route("rest", "pool://sense", "Path=/**"));
    assertThat(taking()).containsExactly("rest");
  }

  @Test
  void a_route_that_changes_groups_has_no_share_in_the_one_before() {
    app.use(List.of(), weighted("a", "group", 1), weighted("b", "other", 1));
    assertThat(taking()).containsExactly("a");
  }

  @Test
  void a_group_that_is_gone_comes_back_without_its_past() {
    app.use(List.of(), route("plain", "pool://sense", "Path=/**"));
    assertThat(taking()).containsExactly("plain");
    app.use(List.of(), weighted("b", "group", 1));
    assertThat(taking()).containsExactly("b");
  }

  @Test
  void routes_that_are_refused_leave_no_weights() {
    Optional<String> problem =
        app.routes.apply(
            List.of(
                weighted("a", "group", 0),
                weighted("c", "group", 1_000_000),
                weighted("bad", "group", 1_000_000, "NoSuchFilter=1")),
            List.of());
    assertThat(problem).get().asString().contains("NoSuchFilter");
    assertThat(taking()).containsExactly("a", "b");
  }

  @Test
  void a_refresh_changes_no_weights() {
    app.context.publishEvent(new RefreshRoutesEvent(app));
    assertThat(taking()).containsExactly("a", "b");
  }

  @Test
  void weights_of_routes_that_are_still_being_made_do_not_count() throws Exception {
    RouteSpec last =
        new RouteSpec(
            "last",
            "pool://sense",
            0,
            parts("Weight=group,1000000", "Held=1"),
            List.of(),
            Map.of());
    Set<String> meanwhile =
        app.context
            .getBean(HeldRoutePredicateFactory.class)
            .during(
                () -> app.use(List.of(), weighted("c", "group", 1_000_000), last), this::taking);
    assertThat(meanwhile).containsExactly("a", "b");
  }
}
