package dev.understudy.proxy.gateway;

import dev.understudy.testing.RawClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests of the lane before a scripted engine: each row borrows an application. */
abstract class ScriptedLaneTable {
  LaneApp app;

  /** Properties of the application. */
  String[] properties() {
    return new String[0];
  }

  /** With one route for all. */
  @BeforeEach
  final void borrow() {
    app = SharedApplications.borrow(properties());
    app.use(List.of(), LaneApp.everything());
  }

  @AfterEach
  final void giveBack() {
    SharedApplications.giveBack(app);
  }

  /** The response to a GET on a connection of its own. */
  final String get(String target, String... fields) {
    return RawClient.get(app.port(), target, fields);
  }

  /** All that comes after those lines, on a connection of their own, until the proxy closes. */
  final String exchange(String lines) {
    return RawClient.exchange(app.port(), lines);
  }

  final RawClient connect() {
    return new RawClient(app.port());
  }

  final ScriptedEngine.Call last() {
    return app.engine.last();
  }
}
