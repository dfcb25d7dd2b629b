package dev.understudy.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.testing.Extent;
import io.netty.handler.codec.http.HttpMethod;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ten thousand routes of each shape, in the gate a thousand. */
@Tag(Extent.FULL)
class RouteTableTest {
  private static final int COUNT = Extent.rounds(10_000);
  private static final int FINDS = 10_000;

  /** What they differ in, and a request for one of them. */
  private enum Shape {
    PATHS(i -> path("/app" + i), i -> null, i -> "/app" + i),
    PREFIXES(i -> path("/app/v1/part" + i + "/**"), i -> null, i -> "/app/v1/part" + i + "/a/b"),
    VARIABLES(i -> path("/app" + i + "/{id}/x"), i -> null, i -> "/app" + i + "/7/x"),
    HOSTS(i -> host("h" + i + ".example.test"), i -> "h" + i + ".example.test", i -> "/any"),
    HOSTS_AND_PORT(
        i -> host("h" + i + ".example.test"), i -> "h" + i + ".example.test:8443", i -> "/"),
    OTHER_CASE(i -> host("h" + i + ".example.test"), i -> "H" + i + ".example.test:8443", i -> "/"),
    WILDCARD_HOSTS(i -> host("*.h" + i + ".test"), i -> "a.h" + i + ".test", i -> "/any"),
    DEEP_WILDCARD_HOSTS(i -> host("**.h" + i + ".test"), i -> "b.a.h" + i + ".test", i -> "/any");

    final IntFunction<RoutePart> predicate;
    final IntFunction<@Nullable String> host;
    final IntFunction<String> path;

    Shape(
        IntFunction<RoutePart> predicate,
        IntFunction<@Nullable String> host,
        IntFunction<String> path) {
      this.predicate = predicate;
      this.host = host;
      this.path = path;
    }

    RouteTable table(int count) {
      List<RouteSpec> routes = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        routes.add(
            new RouteSpec(
                "r" + i, "pool://p", 0, List.of(predicate.apply(i)), List.of(), Map.of()));
      }
      return RouteCompiler.compile(routes, List.of());
    }
  }

  private static RoutePart path(String pattern) {
    return new RoutePart("Path", Map.of("_genkey_0", pattern));
  }

  private static RoutePart host(String pattern) {
    return new RoutePart("Host", Map.of("_genkey_0", pattern));
  }

  @ParameterizedTest
  @EnumSource
  void each_is_found_without_new_objects_and_none_beside_them(Shape shape) {
    RouteTable table = shape.table(COUNT);
    assertThat(table.lanes()).hasSize(COUNT).allMatch(RouteLane::express);
    for (int i = 0; i < COUNT; i++) {
      CompiledRoute found = table.find(HttpMethod.GET, shape.host.apply(i), shape.path.apply(i));
      assertThat(found == null ? null : found.id()).isEqualTo("r" + i);
    }
    assertThat(table.find(HttpMethod.GET, shape.host.apply(COUNT), shape.path.apply(COUNT)))
        .isNull();
    String host = shape.host.apply(COUNT / 2);
    String path = shape.path.apply(COUNT / 2);
    find(table, host, path, 1000);
    long before = allocated();
    int found = find(table, host, path, FINDS);
    long perRequest = (allocated() - before) / FINDS;
    assertThat(found).isEqualTo(FINDS);
    assertThat(perRequest).isZero();
  }

  private static int find(RouteTable table, @Nullable String host, String path, int times) {
    int found = 0;
    for (int i = 0; i < times; i++) {
      found += table.find(HttpMethod.GET, host, path) == null ? 0 : 1;
    }
    return found;
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  @Test
  void a_name_that_is_too_long_for_the_table_is_left_to_the_gateway() {
    String longest = "x".repeat(NameTable.LONGEST);
    RouteTable table =
        RouteCompiler.compile(
            List.of(route(path("/" + longest)), route(path("/x" + longest))), List.of());
    assertThat(table.lanes()).extracting(RouteLane::express).containsExactly(true, false);
    assertThat(table.find(HttpMethod.GET, null, "/" + longest)).isNotNull();
    assertThat(table.find(HttpMethod.GET, null, "/x" + longest)).isNull();
  }

  @Test
  void hosts_are_told_apart_though_their_hashes_are_equal() {
    assertThat("av.test").hasSameHashCodeAs("c8.test");
    RouteTable both = RouteCompiler.compile(List.of(named("av.test"), named("c8.test")), List.of());
    RouteTable one = RouteCompiler.compile(List.of(named("av.test")), List.of());
    assertThat(found(both, "av.test")).isEqualTo("av.test");
    assertThat(found(both, "c8.test")).isEqualTo("c8.test");
    assertThat(found(one, "c8.test")).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {254, 255, 256, 300})
  void a_host_is_found_however_long_it_is(int length) {
    String host = "x".repeat(length);
    RouteTable table = RouteCompiler.compile(List.of(named("y." + host), named(host)), List.of());
    assertThat(found(table, host)).isEqualTo(host);
    assertThat(found(table, "y." + host)).isEqualTo("y." + host);
    assertThat(found(table, "x" + host)).isNull();
    assertThat(found(table, host.substring(1))).isNull();
  }

  private static RouteSpec named(String host) {
    return new RouteSpec(host, "pool://p", 0, List.of(host(host)), List.of(), Map.of());
  }

  private static @Nullable String found(RouteTable table, String host) {
    CompiledRoute route = table.find(HttpMethod.GET, host, "/");
    return route == null ? null : route.id();
  }

  private static RouteSpec route(RoutePart predicate) {
    return new RouteSpec("r", "pool://p", 0, List.of(predicate), List.of(), Map.of());
  }
}
