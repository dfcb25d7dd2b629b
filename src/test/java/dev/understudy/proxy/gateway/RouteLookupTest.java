package dev.understudy.proxy.gateway;

import static dev.understudy.testing.RawClient.get;
import static dev.understudy.testing.TestRoutes.parts;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.testing.HeldRoutePredicateFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.filter.RouteToRequestUrlFilter;
import org.springframework.cloud.gateway.handler.AsyncPredicate;
import org.springframework.cloud.gateway.handler.predicate.AbstractRoutePredicateFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The first route that matches is found as the Gateway would, and fewer are asked. */
class RouteLookupTest {
  /** More than a stack could hold if each were asked from within the one before. */
  private static final int MANY = 3_000;

  private static final AtomicInteger asked = new AtomicInteger();

  private static LaneApp app;
  private static HeldRoutePredicateFactory held;

  /** Never matches. */
  static class NoRoutePredicateFactory extends AbstractRoutePredicateFactory<Object> {
    NoRoutePredicateFactory() {
      super(Object.class);
    }

    @Override
    public Predicate<ServerWebExchange> apply(Object config) {
      return exchange -> {
        asked.incrementAndGet();
        return false;
      };
    }
  }

  /** Never matches, and says so on another thread. */
  static class NotSoonRoutePredicateFactory extends AbstractRoutePredicateFactory<Object> {
    NotSoonRoutePredicateFactory() {
      super(Object.class);
    }

    @Override
    public Predicate<ServerWebExchange> apply(Object config) {
      throw new IllegalStateException();
    }

    @Override
    public AsyncPredicate<ServerWebExchange> applyAsync(Object config) {
      return exchange -> Mono.just(false).publishOn(Schedulers.parallel());
    }
  }

  @BeforeAll
  static void start() {
    app =
        LaneApp.start(
            new Class<?>[] {
              NoRoutePredicateFactory.class,
              NotSoonRoutePredicateFactory.class,
              HeldRoutePredicateFactory.class
            },
            "logging.level.dev.understudy.proxy.gateway=off");
    held = app.context.getBean(HeldRoutePredicateFactory.class);
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  private static RouteSpec both(String id, String first, String second) {
    return new RouteSpec(id, "pool://sense", 0, parts(first, second), List.of(), Map.of());
  }

  /** Narrows by a table of these routes, of which none is compiled. */
  private static void narrow(RouteSpec... routes) {
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

  private static String found(String target, String... headers) throws IOException {
    assertThat(get(app.port(), target, headers)).startsWith("HTTP/1.1 200");
    return app.engine.last().request.route().id();
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
      String to, @Nullable String filter, String target) throws IOException {
    app.use(
        List.of(),
        route("first", "forward:/b", "Path=/a"),
        route("second", "pool://sense", "Path=/b", filters(filter)));
    assertThat(get(app.port(), "/a?c")).startsWith("HTTP/1.1 200");
    ProxyRequest sent = app.engine.last().request;
    assertThat(sent.route().id()).isEqualTo("second");
    assertThat(sent.target()).isEqualTo(target);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"to itself, forward:/a", "to one that forwards back, forward:/b"})
  void a_route_that_forwards_for_ever_is_an_error(String name, String uri) throws IOException {
    app.use(List.of(), route("first", uri, "Path=/a"), route("second", "forward:/a", "Path=/b"));
    assertThat(get(app.port(), "/a")).startsWith("HTTP/1.1 500");
  }

  @Test
  void routes_may_forward_ten_times() throws IOException {
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
        .contains(PoolWriteFilter.class.getSimpleName())
        .matches(text -> text.contains(RouteToRequestUrlFilter.class.getSimpleName()) == computed)
        .matches(text -> text.contains(NettyWriteResponseFilter.class.getSimpleName()) == computed);
  }

  private static String[] filters(@Nullable String filter) {
    return filter == null ? new String[0] : new String[] {filter};
  }

  @Test
  void routes_with_asynchronous_predicates_are_waited_for() throws IOException {
    app.use(
        List.of(),
        both("later", "Path=/**", "NotSoon=1"),
        both("not", "Path=/**", "No=1"),
        both("found", "Path=/**", "Method=GET"),
        LaneApp.everything());

    assertThat(found("/x")).isEqualTo("found");
  }

  @Test
  void nothing_matches_is_not_found() throws IOException {
    app.use(List.of(), both("later", "Path=/**", "NotSoon=1"), both("not", "Path=/**", "No=1"));

    assertThat(get(app.port(), "/x")).startsWith("HTTP/1.1 404");
  }

  @Test
  void routes_that_the_table_rules_out_are_not_asked() throws IOException {
    RouteSpec[] routes = new RouteSpec[1000];
    for (int i = 0; i < routes.length; i++) {
      routes[i] = both("r" + i, "No=1", "Host=h" + i + ".test");
    }
    routes[700] = route("r700", "pool://sense", "Host=h700.test");
    app.use(List.of(), routes);
    narrow(routes);

    asked.set(0);
    assertThat(found("/x", "Host: h700.test")).isEqualTo("r700");
    assertThat(asked).hasValue(0);
    assertThat(get(app.port(), "/x", "Host: none.test")).startsWith("HTTP/1.1 404");
    assertThat(asked).hasValue(0);
  }

  @Test
  void the_table_of_other_routes_is_not_looked_at() throws IOException {
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

  private static void assertNarrowed() throws IOException {
    asked.set(0);
    assertThat(found("/x", "Host: this.test")).isEqualTo("in");
    assertThat(asked).hasValue(0);
  }

  private static void refresh() {
    app.context.publishEvent(new RefreshRoutesEvent(app));
  }

  @Test
  void a_table_that_comes_within_a_refresh_is_looked_at_after_it() throws Exception {
    app.use(List.of(), ruledOut());
    var unused =
        held.duringWhatMayWait(
            RouteLookupTest::refresh,
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
            RouteLookupTest::refresh,
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
            RouteLookupTest::refresh,
            () -> {
              app.use(List.of(), ruledOut());
              return true;
            });
    assertThat(found("/x", "Host: this.test")).isEqualTo("in");

    narrow(ruledOut());
    assertNarrowed();
  }

  @Test
  void a_long_way_needs_no_deep_stack() throws IOException {
    RouteSpec[] routes = new RouteSpec[MANY];
    for (int i = 0; i < routes.length; i++) {
      routes[i] = both("r" + i, "Path=/**", i % 100 == 0 ? "NotSoon=1" : "No=1");
    }
    routes[MANY - 1] = route("last", "pool://sense", "Path=/**");
    app.use(List.of(), routes);

    assertThat(found("/x")).isEqualTo("last");
  }
}
