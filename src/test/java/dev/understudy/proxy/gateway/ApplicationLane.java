package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteLane;
import dev.understudy.testing.Engines;
import dev.understudy.testing.Lane;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestRoutes;
import dev.understudy.traffic.RequestOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A lane, or both, of a borrowed application, before an engine of its own. */
final class ApplicationLane implements Lane {
  /** Gets a local 403 response. */
  private static final String GUARD = "RequireWebSocketUpgrade=/guarded";

  static final String TRUSTING = "understudy.trusted-proxies=127.0.0.0/8";

  private final Protocol protocol;
  private final Engine engine;
  private final LaneApp app;

  /**
   * Puts one route into force.
   *
   * @param express the paths of the express lane; the Gateway's routes have all, as in the program
   * @param properties of the application; it believes the same proxies as the engine
   * @param more filters of the route, as they stand in a file
   */
  ApplicationLane(
      Setup setup,
      Protocol protocol,
      List<String> express,
      List<String> properties,
      String... more) {
    this.protocol = protocol;
    Stream<String> trusting =
        setup.trusted() == TrustedProxies.NONE ? Stream.of() : Stream.of(TRUSTING);
    app =
        SharedApplications.borrow(
            Stream.concat(properties.stream(), trusting).toArray(String[]::new));
    engine =
        Engines.create(
            setup.snapshots(),
            setup.reports(),
            setup.listener(),
            setup.trusted(),
            setup.tls(),
            setup.tunnels());
    try {
      use(setup, express, more);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void use(Setup setup, List<String> express, String... more) {
    List<String> filters = new ArrayList<>();
    if (setup.prefer() != null) {
      filters.add("PreferServer=" + setup.prefer());
    }
    filters.addAll(List.of(more));
    app.engine.standInFor(engine);
    app.use(List.of(GUARD), route(setup, "/**", filters));
    filters.addFirst(GUARD);
    if (!express.isEmpty()) {
      app.express.engine = engine;
      app.express.routes =
          RouteCompiler.compile(
              express.stream().map(path -> route(setup, path, filters)).toList(), List.of());
      assertThat(app.express.routes.lanes()).allMatch(RouteLane::express);
    }
  }

  private static RouteSpec route(Setup setup, String path, List<String> filters) {
    return TestRoutes.route(
        "test", "pool://" + setup.pool(), "Path=" + path, filters.toArray(String[]::new));
  }

  /** Outcomes of requests that no engine saw. */
  List<RequestOutcome> localOutcomes() {
    return app.ended.outcomes;
  }

  @Override
  public int port() {
    return switch (protocol) {
      case HTTP_1_1 -> app.port();
      case HTTP_2_CLEAR -> app.clearPort();
      case TLS, HTTP_2 -> app.securePort();
    };
  }

  @Override
  public Protocol protocol() {
    return protocol;
  }

  @Override
  public void stop(Duration grace) {
    engine.stop(grace);
  }

  @Override
  public void close() {
    engine.close();
    SharedApplications.giveBack(app);
  }
}
