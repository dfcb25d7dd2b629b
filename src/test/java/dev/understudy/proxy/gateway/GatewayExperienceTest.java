package dev.understudy.proxy.gateway;

import dev.understudy.proxy.Engine;
import dev.understudy.testing.Lane;
import dev.understudy.testing.RequestExperience;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The table of what a request experiences, through Spring Cloud Gateway and the real engine. */
class GatewayExperienceTest extends RequestExperience {
  private static LaneApp app;

  @BeforeAll
  static void start() {
    app = LaneApp.start();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Override
  protected Lane.Factory factory() {
    return GatewayLane::new;
  }

  /** One application for all rows, with an engine for each. */
  private static final class GatewayLane implements Lane {
    private final Engine engine;

    GatewayLane(Setup setup) {
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
    public void close() {
      engine.close();
      app.engine.standInFor(null);
    }
  }
}
