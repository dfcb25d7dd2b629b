package dev.understudy.bench.jmh;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.route.CompiledRoute;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteTable;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The route of one request. */
@State(Scope.Thread)
public class RouteTableBenchmark {
  /** Coprime to the numbers of routes, so that requests go all over the table. */
  private static final int STRIDE = 157;

  /** The difference between routes. */
  public enum Shape {
    EXACT_HOST("Host", "host-%d.bench.example", "host-%d.bench.example", "/some/path"),
    WILDCARD_HOST("Host", "*.host-%d.bench.example", "a.host-%d.bench.example", "/some/path"),
    PATH("Path", "/app/part-%d/**", "bench.example", "/app/part-%d/some/page");

    private final String predicate;
    private final String pattern;
    private final String host;
    private final String path;

    Shape(String predicate, String pattern, String host, String path) {
      this.predicate = predicate;
      this.pattern = pattern;
      this.host = host;
      this.path = path;
    }

    RouteSpec route(int number) {
      RoutePart part = new RoutePart(predicate, Map.of("_genkey_0", pattern.formatted(number)));
      return new RouteSpec("r" + number, "pool://app", 0, List.of(part), List.of(), Map.of());
    }
  }

  @Param public Shape shape;

  @Param({"1", "10000"})
  public int routes;

  private RouteTable table;
  private String[] hosts;
  private String[] paths;
  private int next;

  @Setup
  public void compile() {
    table =
        RouteCompiler.compile(
            IntStream.range(0, routes).mapToObj(shape::route).toList(), List.of());
    hosts = IntStream.range(0, routes).mapToObj(shape.host::formatted).toArray(String[]::new);
    paths = IntStream.range(0, routes).mapToObj(shape.path::formatted).toArray(String[]::new);
  }

  @Benchmark
  public @Nullable CompiledRoute find() {
    next = (next + STRIDE) % routes;
    return table.find(HttpMethod.GET, hosts[next], paths[next]);
  }
}
