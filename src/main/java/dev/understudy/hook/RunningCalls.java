package dev.understudy.hook;

import dev.understudy.handover.TableText;
import dev.understudy.pool.PoolId;
import dev.understudy.switchover.HookCall;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The servers at which hooks run, by pool. A call waits for one that runs already, also if its
 * caller does not know of it: the pool was removed and is back, or another process of this replica
 * made that call. Thread-safe.
 */
public final class RunningCalls {
  private static final String FORM = "hooks";
  private static final int VERSION = 1;

  /** How often it is looked whether the process before has ended. */
  private static final long LOOK_NANOS = Duration.ofMillis(200).toNanos();

  /** A server of a pool; the address as text, since it only has to be the same. */
  private record Target(PoolId pool, String address) {
    static Target of(HookCall call) {
      return new Target(call.pool().id(), call.server().address().toString());
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final BooleanSupplier predecessor;
  private final Set<Target> own = new HashSet<>();
  private Set<Target> before = Set.of();

  /** Told of each change, once the next process calls the hooks. */
  private @Nullable Runnable next;

  /**
   * @param predecessor whether the process before is there
   */
  public RunningCalls(BooleanSupplier predecessor) {
    this.predecessor = predecessor;
  }

  /**
   * Waits until no other call runs at the server.
   *
   * @return the time that is left of {@code within}; null if another one ran the whole time, or the
   *     next process calls the hooks. The end of this one is to be told by {@link #ended}
   */
  @Nullable Duration begin(HookCall call, Duration within) throws InterruptedException {
    Target target = Target.of(call);
    long left = within.toNanos();
    lock.lockInterruptibly();
    try {
      while (next == null && runs(target) && left > 0) {
        long wait = Math.min(left, LOOK_NANOS);
        left -= wait - changed.awaitNanos(wait);
      }
      if (next != null || runs(target)) {
        return null;
      }
      own.add(target);
    } finally {
      lock.unlock();
    }
    return Duration.ofNanos(Math.max(0, left));
  }

  void ended(HookCall call) {
    lock.lock();
    try {
      own.remove(Target.of(call));
      tell();
    } finally {
      lock.unlock();
    }
  }

  private boolean runs(Target target) {
    return own.contains(target) || (before.contains(target) && predecessor.getAsBoolean());
  }

  private void tell() {
    changed.signalAll();
    if (next != null) {
      next.run();
    }
  }

  /**
   * From now on the next process calls the hooks: none begins here any more.
   *
   * @param told run whenever {@link #text} has changed, before it changes again
   */
  public void handOver(Runnable told) {
    lock.lock();
    try {
      next = told;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the next process calls the hooks. */
  boolean isHandedOver() {
    lock.lock();
    try {
      return next != null;
    } finally {
      lock.unlock();
    }
  }

  /** Whether a hook runs that this process called, or the one before. */
  public boolean isRunning() {
    lock.lock();
    try {
      forgetWhatHasEnded();
      return !own.isEmpty() || !before.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void forgetWhatHasEnded() {
    if (!before.isEmpty() && !predecessor.getAsBoolean()) {
      before = Set.of();
      tell();
    }
  }

  /** What runs here, and in the process before: for the next one. */
  public String text() {
    lock.lock();
    try {
      forgetWhatHasEnded();
      Set<Target> all = new HashSet<>(own);
      all.addAll(before);
      TableText table = new TableText(FORM, VERSION);
      all.forEach(
          each ->
              table.add(
                  TableText.word(each.pool().value()) + ' ' + TableText.word(each.address())));
      return table.text();
    } finally {
      lock.unlock();
    }
  }

  /** Takes what the process before tells; null if that is nothing new. */
  public void take(@Nullable String text) {
    if (text == null) {
      return;
    }
    Set<Target> now = new HashSet<>();
    TableText.read(
        FORM,
        VERSION,
        text,
        words ->
            now.add(
                new Target(
                    new PoolId(TableText.textOf(words.get(0))), TableText.textOf(words.get(1)))));
    lock.lock();
    try {
      before = Set.copyOf(now);
      tell();
    } finally {
      lock.unlock();
    }
  }
}
