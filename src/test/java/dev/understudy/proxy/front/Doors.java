package dev.understudy.proxy.front;

import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteSource;
import dev.understudy.proxy.route.RouteSource.Part;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestRoutes;
import java.util.List;
import java.util.Map;

/**
 * A front door without an engine: below {@code /gateway} is the Gateway's, all else is redirected.
 */
public final class Doors {
  private Doors() {}

  public static FrontDoor door() {
    RouteTable routes =
        RouteCompiler.compile(
            List.of(
                TestRoutes.GATEWAY,
                new RouteSource(
                    "redirected",
                    "pool://sense",
                    1,
                    List.of(),
                    List.of(new Part("RedirectToHttps", Map.of("_genkey_0", "301"))),
                    Map.of())),
            List.of());
    return new FrontDoor(
        (request, downstream, loop) -> {
          throw new AssertionError("no engine here");
        },
        () -> routes,
        new Recorder(),
        TrustedProxies.NONE,
        FrontLimits.DEFAULT);
  }
}
