package dev.understudy.proxy.gateway;

import dev.understudy.proxy.route.RouteTable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Running applications that rows of tests borrow, one after the other: at most as many of a set of
 * properties as rows with it run at once. They live to the end of the JVM.
 */
final class SharedApplications {
  private static final Map<List<String>, Deque<LaneApp>> IDLE = new HashMap<>();

  private SharedApplications() {}

  /** One that nobody else uses until it is given back; its routes are those of whoever had it. */
  static LaneApp borrow(String... properties) {
    LaneApp idle;
    synchronized (IDLE) {
      idle = idle(List.of(properties)).pollFirst();
    }
    return idle == null ? LaneApp.start(new Class<?>[] {TestParts.class}, properties) : idle;
  }

  static void giveBack(LaneApp app) {
    app.engine.standInFor(null);
    app.engine.script(ScriptedEngine.Call::echo);
    app.express.routes = RouteTable.GATEWAY_ONLY;
    app.ended.outcomes.clear();
    synchronized (IDLE) {
      idle(app.properties).addFirst(app);
    }
  }

  private static Deque<LaneApp> idle(List<String> properties) {
    return IDLE.computeIfAbsent(properties, each -> new ArrayDeque<>());
  }
}
