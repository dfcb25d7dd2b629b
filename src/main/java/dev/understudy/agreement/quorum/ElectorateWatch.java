package dev.understudy.agreement.quorum;

import dev.understudy.agreement.DecisionThread;
import java.time.Duration;
import java.util.Set;

/** Watches for changes that time alone makes: replicas that stay silent live no longer. */
final class ElectorateWatch {
  /**
   * State that changes with time alone.
   *
   * @param names the living replicas
   * @param calm see {@link Members#isSettled}
   */
  private record Living(Set<String> names, boolean calm) {}

  private final Members members;
  private final DecisionThread loop;
  private final Runnable changed;
  private Living living = new Living(Set.of(), false);
  private boolean planned;

  /**
   * Creates a watch that has seen nobody.
   *
   * @param changed run after a change, and calls {@link #update}
   */
  ElectorateWatch(Members members, DecisionThread loop, Runnable changed) {
    this.members = members;
    this.loop = loop;
    this.changed = changed;
  }

  /** Takes the present electorate as known. */
  void update() {
    living = now();
    plan();
  }

  /** Plans the next moment at which time alone may change the electorate. */
  void plan() {
    Long next = planned ? null : members.nextExpiry(loop.nanoTime());
    if (next != null) {
      planned = true;
      // 1 ms later: a timer may be due a little early by the clock that is read then.
      var unused = loop.schedule(Duration.ofNanos(next).plusMillis(1), this::look);
    }
  }

  private void look() {
    planned = false;
    if (living.equals(now())) {
      plan();
    } else {
      changed.run();
    }
  }

  private Living now() {
    long now = loop.nanoTime();
    return new Living(members.living(now), members.isSettled(now));
  }
}
