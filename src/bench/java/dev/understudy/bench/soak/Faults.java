package dev.understudy.bench.soak;

import dev.understudy.bench.soak.Visit.Window;
import dev.understudy.scenario.ServerProcess;
import dev.understudy.testing.Await;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What happens to the servers and the file, in turn. The server that serves is always the one that
 * is struck, for failback waits longer each time.
 */
final class Faults {
  private static final long OUTAGE_SECONDS = 5;
  private static final long BETWEEN_SECONDS = 3;

  /** A response that a fault broke may reach a slow client this much later. */
  private static final long AFTERMATH_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final Stage stage;
  private final List<Window> windows = new ArrayList<>();

  Faults(Stage stage) {
    this.stage = stage;
  }

  /** The times in which servers were not as they should be, so far. */
  synchronized Collection<Window> windows() {
    return List.copyOf(windows);
  }

  /** Each once. */
  void turn() throws Exception {
    say("kill", () -> outage("kill", ServerProcess::kill, ServerProcess::restore));
    say("new file", stage::reload);
    say("freeze", () -> outage("freeze", ServerProcess::freeze, ServerProcess::thaw));
    say("bad file", stage::offerBadFile);
    say("restart", this::restart);
  }

  /** A fault of a server. */
  @FunctionalInterface
  private interface Step {
    void take(ServerProcess server) throws Exception;
  }

  /** One of the faults. */
  @FunctionalInterface
  private interface Fault {
    void strike() throws Exception;
  }

  private void say(String what, Fault fault) throws Exception {
    long start = System.nanoTime();
    fault.strike();
    System.out.printf(
        "%-9s %4d s; serving: %s%n",
        what, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start), stage.serving().name());
    TimeUnit.SECONDS.sleep(BETWEEN_SECONDS);
  }

  private void outage(String what, Step strike, Step mend) throws Exception {
    ServerProcess struck = stage.serving();
    open(what);
    strike.take(struck);
    Await.until("the other server serves", () -> stage.serving() != struck);
    TimeUnit.SECONDS.sleep(OUTAGE_SECONDS);
    mend.take(struck);
    close();
    Await.until("both servers are up", stage::allUp);
  }

  /** Down so briefly that it may keep its role. */
  private void restart() throws Exception {
    ServerProcess struck = stage.serving();
    open("restart");
    struck.kill();
    struck.restore();
    close();
    Await.until("both servers are up", stage::allUp);
  }

  private synchronized void open(String what) {
    windows.add(new Window(what, System.nanoTime(), Long.MAX_VALUE));
  }

  private synchronized void close() {
    Window open = windows.removeLast();
    windows.add(new Window(open.what(), open.startNanos(), System.nanoTime() + AFTERMATH_NANOS));
  }
}
