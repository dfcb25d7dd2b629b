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
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  /** After that, each as {@code id=group,weight}; without a group, it matches all. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a route that is gone leaves its share to the others            | a=group,50             | a
          a weight that is now 0 takes nothing                           | a=group,0 b=group,100  | b
          the other weight that is now 0 takes nothing                   | a=group,100 b=group,0  | a
          a group of zeros takes nothing                                 | a=group,0 b=group,0 rest | rest
          a route that changes groups has no share in the one before     | a=group,1 b=other,1    | a
          """)
  void routes_that_come_after_them(String name, String routes, String taking) {
    app.use(
        List.of(),
        Stream.of(routes.split(" "))
            .map(each -> each.split("="))
            .map(
                each ->
                    each.length == 1
                        ? route(each[0], "pool://sense", "Path=/**")
                        : route(each[0], "pool://sense", "Weight=" + each[1]))
            .toArray(RouteSpec[]::new));
    assertThat(taking()).containsExactly(taking);
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
