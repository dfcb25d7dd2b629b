package dev.understudy.proxy.gateway;

import dev.understudy.proxy.Engine;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteSource;
import dev.understudy.proxy.route.RouteSource.Part;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.Lane;
import dev.understudy.testing.RequestExperience;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The table of what a request experiences, through the front door straight to the engine. */
class ExpressExperienceTest extends RequestExperience {
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
    return ExpressLane::new;
  }

  /** One application for all rows, with an engine for each. */
  private static final class ExpressLane implements Lane {
    private final Engine engine;

    ExpressLane(Setup setup) {
      engine =
          new Engine(
              setup.snapshots(),
              setup.reports(),
              setup.listener(),
              setup.trusted(),
              setup.tls(),
              setup.tunnels());
      app.express.engine = engine::exchange;
      List<Part> filters =
          setup.prefer() == null
              ? List.of()
              : List.of(new Part("PreferServer", Map.of("_genkey_0", setup.prefer().toString())));
      app.express.routes =
          RouteCompiler.compile(
              List.of(
                  new RouteSource(
                      "test", "pool://" + setup.pool(), 0, List.of(), filters, Map.of())),
              List.of());
    }

    @Override
    public int port() {
      return app.port();
    }

    @Override
    public void close() {
      app.express.routes = RouteTable.GATEWAY_ONLY;
      engine.close();
    }
  }
}
