package dev.understudy.proxy.gateway;

import dev.understudy.proxy.Engine;
import dev.understudy.proxy.listener.Certificates;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteSource;
import dev.understudy.proxy.route.RouteSource.Part;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.Lane;
import dev.understudy.testing.Protocol;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A lane behind the front door, under a table of tests: one application, an engine for each row.
 */
final class FrontTable implements AutoCloseable {
  /** Answered here with 403. */
  private static final String GUARDED = "/guarded";

  private final Protocol protocol;
  private final LaneApp app;

  /**
   * Starts the application.
   *
   * @param directory for certificates
   */
  FrontTable(Protocol protocol, Path directory) throws Exception {
    this.protocol = protocol;
    List<String> properties = new ArrayList<>();
    if (protocol.isSecure()) {
      Certificates certificates = new Certificates(directory);
      certificates.issue("main", "localhost");
      properties.addAll(certificates.properties("main"));
      properties.add("server.ssl.bundle=main");
    }
    app = LaneApp.start(properties.toArray(String[]::new));
  }

  Lane gateway(Lane.Setup setup) {
    return new Row(setup, List.of());
  }

  Lane express(Lane.Setup setup) {
    return new Row(setup, List.of("/**"));
  }

  /** Both lanes: express for those paths. */
  Lane mixed(Lane.Setup setup, String... paths) {
    return new Row(setup, List.of(paths));
  }

  @Override
  public void close() {
    app.close();
  }

  private final class Row implements Lane {
    private final Engine engine;

    Row(Setup setup, List<String> express) {
      engine =
          new Engine(
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
      app.engine.standInFor(Forwarder.of(engine));
      String pool = "pool://" + setup.pool();
      app.use(
          List.of("RequireWebSocketUpgrade=" + GUARDED),
          setup.prefer() == null
              ? LaneApp.route("test", pool, "Path=/**")
              : LaneApp.route("test", pool, "Path=/**", "PreferServer=" + setup.prefer()));
    }

    private void express(Setup setup, List<String> paths) {
      app.express.engine = engine::exchange;
      List<Part> filters = new ArrayList<>();
      filters.add(new Part("RequireWebSocketUpgrade", Map.of("_genkey_0", GUARDED)));
      if (setup.prefer() != null) {
        filters.add(new Part("PreferServer", Map.of("_genkey_0", setup.prefer().toString())));
      }
      app.express.routes =
          RouteCompiler.compile(
              paths.stream()
                  .map(
                      path ->
                          new RouteSource(
                              "test",
                              "pool://" + setup.pool(),
                              0,
                              List.of(new Part("Path", Map.of("_genkey_0", path))),
                              filters,
                              Map.of()))
                  .toList(),
              List.of());
    }

    @Override
    public int port() {
      return app.port();
    }

    @Override
    public Protocol protocol() {
      return protocol;
    }

    @Override
    public void close() {
      app.express.routes = RouteTable.GATEWAY_ONLY;
      engine.close();
      app.engine.standInFor(null);
    }
  }
}
