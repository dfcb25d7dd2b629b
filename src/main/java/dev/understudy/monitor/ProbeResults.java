package dev.understudy.monitor;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Results of probes on their way to the monitor's thread. Those that wait are taken in one task, so
 * that a crowd of results is published once.
 */
final class ProbeResults {
  private static final Logger log = LoggerFactory.getLogger(ProbeResults.class);

  private final Scheduler scheduler;
  private final Object lock = new Object();
  private List<Runnable> waiting = new ArrayList<>();

  ProbeResults(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** Runs {@code result} on the monitor's thread, after those added before; from any thread. */
  void add(Runnable result) {
    boolean first;
    synchronized (lock) {
      first = waiting.isEmpty();
      waiting.add(result);
    }
    if (first) {
      scheduler.execute(this::take);
    }
  }

  private void take() {
    List<Runnable> taken;
    synchronized (lock) {
      taken = waiting;
      waiting = new ArrayList<>();
    }
    for (Runnable result : taken) {
      try {
        result.run();
      } catch (RuntimeException e) {
        log.error("The result of a probe could not be taken", e);
      }
    }
  }
}
