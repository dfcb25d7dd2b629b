package dev.understudy.testing;

import dev.understudy.proxy.route.RouteSource;
import dev.understudy.proxy.route.RouteSource.Part;
import java.util.List;
import java.util.Map;

/** Routes for front doors without the Gateway's configuration. */
public final class TestRoutes {
  /** What is below {@code /gateway}: its predicate on time can't be compiled. */
  public static final RouteSource GATEWAY =
      new RouteSource(
          "gateway",
          "pool://sense",
          0,
          List.of(
              new Part("Path", Map.of("_genkey_0", "/gateway/**")),
              new Part("After", Map.of("_genkey_0", "2017-01-20T17:42:47Z"))),
          List.of(),
          Map.of());

  private TestRoutes() {}
}
