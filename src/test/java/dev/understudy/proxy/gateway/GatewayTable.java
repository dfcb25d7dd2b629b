package dev.understudy.proxy.gateway;

import dev.understudy.proxy.Engine;
import dev.understudy.proxy.listener.Certificates;
import dev.understudy.testing.Lane;
import dev.understudy.testing.Protocol;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The Gateway lane under a table of tests: one application for all rows, an engine for each. */
final class GatewayTable implements AutoCloseable {
  private final Protocol protocol;
  private final LaneApp app;

  /**
   * Starts the application.
   *
   * @param directory for certificates
   */
  GatewayTable(Protocol protocol, Path directory) throws Exception {
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

  Lane lane(Lane.Setup setup) {
    return new Row(setup);
  }

  @Override
  public void close() {
    app.close();
  }

  private final class Row implements Lane {
    private final Engine engine;

    Row(Setup setup) {
      engine =
          new Engine(
              setup.snapshots(),
              setup.reports(),
              setup.listener(),
              setup.trusted(),
              setup.tls(),
              setup.tunnels());
      app.engine.standInFor(Forwarder.of(engine));
      String pool = "pool://" + setup.pool();
      app.use(
          List.of(),
          setup.prefer() == null
              ? LaneApp.route("test", pool, "Path=/**")
              : LaneApp.route("test", pool, "Path=/**", "PreferServer=" + setup.prefer()));
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
      engine.close();
      app.engine.standInFor(null);
    }
  }
}
