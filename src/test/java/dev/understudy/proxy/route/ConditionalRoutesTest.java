package dev.understudy.proxy.route;

import static dev.understudy.testing.TestRoutes.parts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.condition.TestFacts;
import dev.understudy.pool.RouteSpec;
import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Routes with the predicate {@code When}: their order, the search that goes on, and their index.
 */
class ConditionalRoutesTest {
  private static RouteSpec route(String id, String... predicates) {
    return new RouteSpec(id, "pool://p", 0, parts(predicates), List.of(), Map.of());
  }

  private static RouteTable table(RouteSpec... routes) {
    return RouteCompiler.compile(List.of(routes), List.of());
  }

  private static @Nullable String found(RouteTable table, TestFacts facts) {
    CompiledRoute route =
        table.find(HttpMethod.valueOf(facts.method), facts.authority, facts.path(), facts);
    return route == null ? null : route.id();
  }

  private static TestFacts request(String host, String path, String... header) {
    TestFacts facts = new TestFacts();
    facts.authority = host;
    facts.target = path;
    return header.length == 0 ? facts : facts.header(header[0], header[1]);
  }

  @Test
  void a_route_whose_condition_does_not_hold_gives_way_to_the_next() {
    RouteTable table =
        table(
            route("a", "Path=/x/**", "When=header(X-A)"),
            route("b", "Path=/x/**", "When=header(X-B)"),
            route("c", "Host=c.test", "When=path-prefix(/x/c)"),
            route("d", "Path=/x/**"),
            route("e", "Path=/**", "When=header(X-E)"));
    assertThat(table.hasConditions()).isTrue();
    assertThat(found(table, request("h", "/x/y", "X-A", "1"))).isEqualTo("a");
    assertThat(found(table, request("h", "/x/y", "X-B", "1"))).isEqualTo("b");
    assertThat(found(table, request("c.test:80", "/x/cd"))).isEqualTo("c");
    assertThat(found(table, request("h", "/x/y"))).isEqualTo("d");
    assertThat(found(table, request("h", "/y", "X-E", "1"))).isEqualTo("e");
    assertThat(found(table, request("h", "/y"))).isNull();
    assertThat(table.lanes()).allMatch(RouteLane::express);
  }

  @Test
  void methods_count_too() {
    RouteTable table =
        table(route("a", "Method=POST", "When=any"), route("b", "Path=/**", "When=any"));
    TestFacts post = request("h", "/");
    post.method = "POST";
    assertThat(found(table, post)).isEqualTo("a");
    assertThat(found(table, request("h", "/"))).isEqualTo("b");
  }

  @Test
  void a_route_of_the_gateway_before_keeps_its_requests() {
    RouteTable table =
        table(route("g", "Path=/g/**", "Header=X-G"), route("a", "When=any", "Path=/**"));
    assertThat(found(table, request("h", "/g/x"))).isNull();
    assertThat(found(table, request("h", "/x"))).isEqualTo("a");
    assertThat(table.lanes().get(1).express()).isTrue();
  }

  @Test
  void the_gateways_own_search_begins_where_a_condition_may_hold() {
    RouteTable table =
        table(
            route("a", "Host=a.test"),
            route("b", "Host=b.test", "When=any"),
            route("c", "Path=/c"));
    assertThat(table.firstThatMay(HttpMethod.GET, "b.test", "/")).isEqualTo(1);
    assertThat(table.firstThatMay(HttpMethod.GET, "b.test", "/c")).isEqualTo(1);
    assertThat(table.firstThatMay(HttpMethod.GET, "x.test", "/c")).isEqualTo(2);
  }

  @Test
  void hosts_and_paths_that_a_condition_requires_are_its_index() {
    List<RouteSpec> routes = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      routes.add(route("h" + i, "When=host(h" + i + ".test) and header(X-" + i + ")"));
      routes.add(route("p" + i, "When=header(Y-" + i + ") and path-prefix(/p" + i + "/x)"));
    }
    RouteTable table = RouteCompiler.compile(routes, List.of());
    TestFacts facts = request("h1999.test", "/p1500/xy", "Y-1500", "1");
    assertThat(found(table, facts)).isEqualTo("p1500");
    assertThat(facts.asked).containsExactly("Y-1500");
    facts = request("h1999.test", "/", "X-1999", "1");
    assertThat(found(table, facts)).isEqualTo("h1999");
    assertThat(facts.asked).containsExactly("X-1999");
  }

  @Test
  void what_the_table_cannot_distinguish_is_left_to_the_gateway() {
    RouteTable table = table(route("a", "Path=/a/**", "When=any"));
    assertThat(found(table, request("h", "/a/b%2Fc"))).isEqualTo("a");
    assertThat(found(table(route("a", "Path=/a/b/**", "When=any")), request("h", "/a/b;c")))
        .isNull();
    assertThat(found(table(route("a", "Host=a.test", "When=any")), request("[::1]", "/"))).isNull();
  }

  @Test
  void a_table_without_conditions_needs_no_facts() {
    assertThat(table(route("a", "Path=/a")).hasConditions()).isFalse();
  }
}
