package dev.understudy.proxy.frontend;

import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestLimits;
import dev.understudy.testing.TestRoutes;
import java.util.List;

/**
 * A frontend without an engine: below {@code /gateway} is the Gateway's, all else is redirected.
 */
public final class TestFrontends {
  private TestFrontends() {}

  /** One whose Gateway lane is not there yet. */
  public static Frontend frontend() {
    RouteTable routes =
        RouteCompiler.compile(
            List.of(
                TestRoutes.GATEWAY,
                TestRoutes.route("redirected", "pool://sense", "Path=/**", "RedirectToHttps=301")),
            List.of());
    return new Frontend(
        (request, downstream, loop) -> {
          throw new AssertionError("no engine here");
        },
        () -> routes,
        new Recorder(),
        TrustedProxies.NONE,
        TestLimits.DEFAULT,
        new ErrorResponses());
  }
}
