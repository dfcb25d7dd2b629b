package dev.understudy.proxy.gateway;

import dev.understudy.proxy.route.RouteTable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Running applications that rows of tests borrow, one after the other. They live to the end of the
 * JVM.
 */
final class SharedApplications {
  /**
   * How many there are of a set of properties at most: starting one costs more than waiting for a
   * row's end. Three tests borrow a second or third: four are theirs when each waits for another.
   */
  private static final int MOST = 6;

  private static final Map<List<String>, SharedApplications> ALL = new HashMap<>();

  private final Deque<LaneApp> idle = new ArrayDeque<>();
  private int started;

  private SharedApplications() {}

  private static SharedApplications of(List<String> properties) {
    synchronized (ALL) {
      return ALL.computeIfAbsent(properties, each -> new SharedApplications());
    }
  }

  /** One that nobody else uses until it is given back; its routes are those of whoever had it. */
  static LaneApp borrow(String... properties) {
    SharedApplications all = of(List.of(properties));
    LaneApp idle = all.next();
    try {
      return idle == null ? LaneApp.start(new Class<?>[] {TestParts.class}, properties) : idle;
    } catch (RuntimeException | Error e) {
      all.fewer();
      throw e;
    }
  }

  /** Null: one is to be started. */
  private synchronized LaneApp next() {
    while (idle.isEmpty() && started == MOST) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    if (idle.isEmpty()) {
      started++;
    }
    return idle.pollFirst();
  }

  private synchronized void fewer() {
    started--;
    notifyAll();
  }

  private synchronized void add(LaneApp app) {
    idle.addFirst(app);
    notifyAll();
  }

  static void giveBack(LaneApp app) {
    app.engine.standInFor(null);
    app.engine.script(ScriptedEngine.Call::echo);
    app.express.routes = RouteTable.GATEWAY_ONLY;
    app.ended.outcomes.clear();
    of(app.properties).add(app);
  }
}
