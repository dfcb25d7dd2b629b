package dev.understudy.bench.faults;

import dev.understudy.bench.faults.Schedule.Fault;
import dev.understudy.scenario.Replica;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One schedule, carried out on a new installation under load. */
final class Run {
  private static final Duration CLIENTS_PATIENCE = Duration.ofSeconds(20);

  /** After the last fault. */
  private static final long QUIET_MILLIS = 3_000;

  private final Schedule schedule;
  private final Queue<Window> windows = new ConcurrentLinkedQueue<>();
  private final Set<String> struck = ConcurrentHashMap.newKeySet();
  private final Queue<String> troubles = new ConcurrentLinkedQueue<>();

  private Run(Schedule schedule) {
    this.schedule = schedule;
  }

  /**
   * What was seen.
   *
   * @param troubles sentences about what did not come back
   */
  record Seen(History history, List<String> troubles) {
    List<String> violations() {
      List<String> all = new ArrayList<>(troubles);
      all.addAll(Checks.judge(history).violations());
      all.addAll(HookChecks.violations(history));
      all.addAll(Pauses.violations(history));
      return all;
    }
  }

  static Seen of(Schedule schedule, Setup setup, Path folder) throws Exception {
    return new Run(schedule).run(setup, folder);
  }

  private Seen run(Setup setup, Path folder) throws Exception {
    try (Installation installation = Installation.start(folder, setup);
        Stalls stalls = new Stalls();
        Clients clients = Clients.start(installation.replicas())) {
      clients.awaitService();
      long begin = System.nanoTime();
      List<Thread> hands = new ArrayList<>();
      for (Fault fault : schedule.faults()) {
        hands.add(Thread.startVirtualThread(() -> carryOut(installation, fault, begin)));
      }
      for (Thread hand : hands) {
        hand.join();
      }
      long last = schedule.faults().stream().mapToLong(Fault::endMillis).max().orElse(0);
      awaitTime(begin, last + QUIET_MILLIS);
      long end = System.nanoTime();
      for (Replica replica : installation.replicas()) {
        if (!replica.isRunning() || !replica.newest().isAlive()) {
          troubles.add(replica.name() + " has ended by itself");
        }
      }
      try {
        installation.settle();
      } catch (AssertionError | RuntimeException e) {
        troubles.add("not settled a minute after the last fault: " + e.getMessage());
      }
      List<Call> calls = clients.finish(CLIENTS_PATIENCE.toMillis());
      return new Seen(
          new History(
              begin,
              end,
              calls,
              Register.read(installation.register()),
              HookLog.of(installation.register()).read(),
              windows.stream().sorted((a, b) -> Long.compare(a.start(), b.start())).toList(),
              stalls.seen(),
              setup.onLoss().equals("hold")),
          List.copyOf(troubles));
    }
  }

  /** Unless one before it, whose mending took longer, is not over: a busy machine starts slowly. */
  private void carryOut(Installation installation, Fault fault, long begin) {
    awaitTime(begin, fault.atMillis());
    String part = fault.kind().on().held(fault.target());
    if (!struck.add(part)) {
      System.out.println(fault.line() + " is left out: the fault before is not mended yet");
      return;
    }
    long start = System.nanoTime();
    String note = "";
    try {
      note = installation.begin(fault);
      awaitTime(begin, fault.endMillis());
    } catch (Exception | AssertionError e) {
      note = "not done: " + e;
    }
    try {
      installation.end(fault);
    } catch (Exception | AssertionError e) {
      troubles.add(fault.line() + " was not mended: " + e);
    }
    struck.remove(part);
    windows.add(new Window(fault.kind(), fault.target(), start, System.nanoTime(), note));
  }

  private static void awaitTime(long begin, long millis) {
    long due = begin + TimeUnit.MILLISECONDS.toNanos(millis);
    while (System.nanoTime() - due < 0) {
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }
}
