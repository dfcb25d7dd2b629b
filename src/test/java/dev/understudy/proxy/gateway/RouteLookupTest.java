package dev.understudy.proxy.gateway;

import static dev.understudy.testing.TestRoutes.parts;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.testing.HeldRoutePredicateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.filter.RouteToRequestUrlFilter;
import org.springframework.cloud.gateway.route.Route;

/** The first route that matches is found as the Gateway would, and fewer are asked. */
class RouteLookupTest extends ScriptedLaneTable {
  /** More than a stack could hold if each were asked from within the one before. */
  private static final int MANY = 3_000;

  private AtomicInteger asked;
  private HeldRoutePredicateFactory held;

  @BeforeEach
  void part_of_the_application() {
    asked = app.context.getBean(TestParts.NoRoutePredicateFactory.class).asked;
    held = app.context.getBean(HeldRoutePredicateFactory.class);
  }

  private static RouteSpec both(String id, String first, String second) {
    return new RouteSpec(id, "pool://sense", 0, parts(first, second), List.of(), Map.of());
  }

  /** Narrows by a table of these routes, of which none is compiled. */
  private void narrow(RouteSpec... routes) {
    List<RouteSpec> specs =
        Stream.of(routes)
            .map(
                route ->
                    new RouteSpec(
                        route.id(),
                        route.uri(),
                        route.order(),
                        route.predicates(),
                        parts("NotCompiled"),
                        Map.of()))
            .toList();
    app.context.getBean(RouteLookup.class).narrow(RouteCompiler.compile(specs, List.of()));
  }

  private String found(String target, String... headers) {
    assertThat(get(target, headers)).startsWith("HTTP/1.1 200");
    return last().request.route().id();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a route without filters           |                          | /b?c
          a route with compiled filters     | RewritePath=/b, /d       | /d?c
          a route with filters of Gateway's | SetRequestHeader=x-a, 1  | /b?c
          """)
  void a_route_may_forward_to_one_that_leads_to_a_pool(
      String to, @Nullable String filter, String target) {
    app.use(
        List.of(),
        route("first", "forward:/b", "Path=/a"),
        route("second", "pool://sense", "Path=/b", filters(filter)));
    assertThat(get("/a?c")).startsWith("HTTP/1.1 200");
    ProxyRequest sent = last().request;
    assertThat(sent.route().id()).isEqualTo("second");
    assertThat(sent.target()).isEqualTo(target);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"to itself, forward:/a", "to one that forwards back, forward:/b"})
  void a_route_that_forwards_for_ever_is_an_error(String name, String uri) {
    app.use(List.of(), route("first", uri, "Path=/a"), route("second", "forward:/a", "Path=/b"));
    assertThat(get("/a")).startsWith("HTTP/1.1 500");
  }

  @Test
  void routes_may_forward_ten_times() {
    List<RouteSpec> chain = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      chain.add(route("r" + i, "forward:/" + (i + 1), "Path=/" + i));
    }
    chain.add(route("last", "pool://sense", "Path=/10"));
    app.use(List.of(), chain.toArray(RouteSpec[]::new));
    assertThat(found("/0")).isEqualTo("last");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a pool without filters               | pool://sense |                         | false
          a pool with compiled filters         | pool://sense | RewritePath=/b, /d      | false
          a pool with filters of the Gateway's | pool://sense | SetRequestHeader=x-a, 1 | true
          another target                       | http://b     |                         | true
          another route                        | forward:/b   |                         | true
          """)
  void a_target_is_computed_only_where_it_may_be_another_than_the_pool(
      String name, String uri, @Nullable String filter, boolean computed) {
    app.use(List.of(), route("a", uri, "Path=/a", filters(filter)));
    Route built = app.context.getBean(RouteSnapshot.class).inForce().routes().getFirst();
    assertThat(app.context.getBean(LaneFilterChains.class).getAllFilters(built).toString())
        .contains(PoolRoutingFilter.Write.class.getSimpleName())
        .matches(text -> text.contains(RouteToRequestUrlFilter.class.getSimpleName()) == computed)
        .matches(text -> text.contains(NettyWriteResponseFilter.class.getSimpleName()) == computed);
  }

  private static String[] filters(@Nullable String filter) {
    return filter == null ? new String[0] : new String[] {filter};
  }

  @Test
  void routes_with_asynchronous_predicates_are_waited_for() {
    app.use(
        List.of(),
        both("later", "Path=/**", "NotSoon=1"),
        both("not", "Path=/**", "No=1"),
        both("found", "Path=/**", "Method=GET"),
        LaneApp.everything());

    assertThat(found("/x")).isEqualTo("found");
  }

  @Test
  void nothing_matches_is_not_found() {
    app.use(List.of(), both("later", "Path=/**", "NotSoon=1"), both("not", "Path=/**", "No=1"));

    assertThat(get("/x")).startsWith("HTTP/1.1 404");
  }

  @Test
  void the_table_of_other_routes_is_not_looked_at() {
    app.use(List.of(), route("a", "pool://sense", "Path=/a"));
    narrow(route("a", "pool://sense", "Path=/b"), route("c", "pool://sense", "Path=/c"));
    assertThat(found("/a")).isEqualTo("a");

    narrow(route("a", "pool://sense", "Path=/a"));
    app.use(List.of(), route("a", "pool://sense", "Path=/now"));
    assertThat(found("/now")).isEqualTo("a");
  }

  private static RouteSpec[] ruledOut() {
    return new RouteSpec[] {
      both("out", "No=1", "Host=other.test"), both("in", "Held=1", "Host=this.test")
    };
  }

  private void assertNarrowed() {
    asked.set(0);
    assertThat(found("/x", "Host: this.test")).isEqualTo("in");
    assertThat(asked).hasValue(0);
  }

  private void refresh() {
    app.context.publishEvent(new RefreshRoutesEvent(app));
  }

  @Test
  void a_table_that_comes_within_a_refresh_is_looked_at_after_it() throws Exception {
    app.use(List.of(), ruledOut());
    var unused =
        held.duringWhatMayWait(
            this::refresh,
            () -> {
              narrow(ruledOut());
              return true;
            });

    assertNarrowed();
  }

  @Test
  void refreshes_that_overlap_do_not_lose_the_table() throws Exception {
    app.use(List.of(), ruledOut());
    narrow(ruledOut());
    var unused =
        held.duringWhatMayWait(
            this::refresh,
            () -> {
              refresh();
              return true;
            });

    assertNarrowed();
  }

  @Test
  void a_table_that_comes_after_overlapping_refreshes_is_looked_at() throws Exception {
    app.use(List.of(), both("before", "Held=1", "Path=/**"));
    var unused =
        held.duringWhatMayWait(
            this::refresh,
            () -> {
              app.use(List.of(), ruledOut());
              return true;
            });
    assertThat(found("/x", "Host: this.test")).isEqualTo("in");

    narrow(ruledOut());
    assertNarrowed();
  }

  @Test
  void a_long_way_needs_no_deep_stack() {
    RouteSpec[] routes = new RouteSpec[MANY];
    for (int i = 0; i < routes.length; i++) {
      routes[i] = both("r" + i, "Path=/**", i % 100 == 0 ? "NotSoon=1" : "No=1");
    }
    routes[MANY - 1] = route("last", "pool://sense", "Path=/**");
    app.use(List.of(), routes);

    assertThat(found("/x")).isEqualTo("last");
  }
}
