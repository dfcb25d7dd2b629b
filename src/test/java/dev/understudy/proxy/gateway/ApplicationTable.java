package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteLane;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Engines;
import dev.understudy.testing.Lane;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestRoutes;
import dev.understudy.traffic.RequestOutcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A running application for tables of tests, with an engine of its own for each row. */
final class ApplicationTable implements AutoCloseable {
  /** Gets a local 403 response. */
  private static final String GUARDED = "/guarded";

  private final Protocol protocol;
  private final List<String> properties = new ArrayList<>();
  private final LaneApp distrusting;
  private @Nullable LaneApp trusting;

  /**
   * Starts the application.
   *
   * @param directory for certificates
   * @param more properties of it
   */
  ApplicationTable(Protocol protocol, Path directory, String... more) throws Exception {
    this.protocol = protocol;
    properties.addAll(List.of(more));
    if (protocol.isSecure()) {
      Certificates certificates = new Certificates(directory);
      certificates.issue("main", "localhost");
      properties.addAll(certificates.properties("main"));
      properties.add("server.ssl.bundle=main");
    }
    distrusting = LaneApp.start(properties.toArray(String[]::new));
  }

  /** The frontend believes the same proxies as the engine of the row. */
  private LaneApp app(TrustedProxies trusted) {
    if (trusted == TrustedProxies.NONE) {
      return distrusting;
    }
    LaneApp known = trusting;
    if (known == null) {
      List<String> all = new ArrayList<>(properties);
      all.add("understudy.trusted-proxies=127.0.0.0/8");
      known = LaneApp.start(all.toArray(String[]::new));
      trusting = known;
    }
    return known;
  }

  Lane gateway(Lane.Setup setup) {
    return new Row(setup, protocol, List.of());
  }

  Lane express(Lane.Setup setup) {
    return new Row(setup, protocol, List.of("/**"));
  }

  /** A lane whose only route has those filters, as they stand in a file. */
  Lane lane(Lane.Setup setup, LaneProtocol lane, String... filters) {
    return new Row(setup, lane.protocol(), lane.express() ? List.of("/**") : List.of(), filters);
  }

  /** Both lanes: express for those paths. */
  Lane mixed(Lane.Setup setup, String... paths) {
    return new Row(setup, protocol, List.of(paths));
  }

  /** Outcomes of a row's requests that no engine saw. */
  List<RequestOutcome> localOutcomes() {
    return distrusting.ended.outcomes;
  }

  @Override
  public void close() {
    distrusting.close();
    if (trusting != null) {
      trusting.close();
    }
  }

  private final class Row implements Lane {
    private final Engine engine;
    private final LaneApp app;
    private final Protocol spoken;
    private final List<String> filters = new ArrayList<>();

    Row(Setup setup, Protocol spoken, List<String> express, String... more) {
      this.spoken = spoken;
      app = app(setup.trusted());
      app.ended.outcomes.clear();
      if (setup.prefer() != null) {
        filters.add("PreferServer=" + setup.prefer());
      }
      filters.addAll(List.of(more));
      engine =
          Engines.create(
              setup.snapshots(),
              setup.reports(),
              setup.listener(),
              setup.trusted(),
              setup.tls(),
              setup.tunnels());
      // As in the program, the Gateway knows every route.
      gateway(setup);
      if (!express.isEmpty()) {
        express(setup, express);
      }
    }

    private void gateway(Setup setup) {
      app.engine.standInFor(engine);
      app.use(
          List.of("RequireWebSocketUpgrade=" + GUARDED),
          TestRoutes.route(
              "test", "pool://" + setup.pool(), "Path=/**", filters.toArray(String[]::new)));
    }

    private void express(Setup setup, List<String> paths) {
      app.express.engine = engine;
      List<String> all = new ArrayList<>(List.of("RequireWebSocketUpgrade=" + GUARDED));
      all.addAll(filters);
      app.express.routes =
          RouteCompiler.compile(
              paths.stream()
                  .map(
                      path ->
                          TestRoutes.route(
                              "test",
                              "pool://" + setup.pool(),
                              "Path=" + path,
                              all.toArray(String[]::new)))
                  .toList(),
              List.of());
      assertThat(app.express.routes.lanes()).allMatch(RouteLane::express);
    }

    @Override
    public int port() {
      return app.port();
    }

    @Override
    public Protocol protocol() {
      return spoken;
    }

    @Override
    public void stop(Duration grace) {
      engine.stop(grace);
    }

    @Override
    public void close() {
      app.express.routes = RouteTable.GATEWAY_ONLY;
      engine.close();
      app.engine.standInFor(null);
    }
  }
}
