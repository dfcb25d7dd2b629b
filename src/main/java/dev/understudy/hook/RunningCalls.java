package dev.understudy.hook;

import dev.understudy.switchover.HookCall;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The servers at which hooks of a pool run, one at a time: whoever calls has perhaps forgotten an
 * earlier call, as the pool was removed and is back, or another process of this replica made it.
 * Thread-safe.
 */
public final class RunningCalls {
  /** How often it is looked whether the process before has ended. */
  private static final long LOOK_NANOS = Duration.ofMillis(200).toNanos();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final BooleanSupplier predecessor;
  private final Set<String> own = new HashSet<>();
  private Set<String> before = Set.of();
  private volatile Runnable told = () -> {};

  /**
   * @param predecessor whether the process before is there
   */
  public RunningCalls(BooleanSupplier predecessor) {
    this.predecessor = predecessor;
  }

  /**
   * Waits until no other call runs at the server.
   *
   * @return the time that is left of {@code within}; null if another one ran the whole time. The
   *     end of this one is to be told by {@link #ended}
   */
  @Nullable Duration begin(HookCall call, Duration within) throws InterruptedException {
    String target = target(call);
    long left = within.toNanos();
    lock.lockInterruptibly();
    try {
      while (all().contains(target)) {
        if (left <= 0) {
          return null;
        }
        long wait = Math.min(left, LOOK_NANOS);
        left -= wait - changed.awaitNanos(wait);
      }
      own.add(target);
      told.run();
    } finally {
      lock.unlock();
    }
    return Duration.ofNanos(left);
  }

  void ended(HookCall call) {
    lock.lock();
    try {
      own.remove(target(call));
      changed.signalAll();
      told.run();
    } finally {
      lock.unlock();
    }
  }

  private static String target(HookCall call) {
    return call.pool().id().value() + ' ' + call.server().address();
  }

  private Set<String> all() {
    Set<String> all = new TreeSet<>(own);
    if (predecessor.getAsBoolean()) {
      all.addAll(before);
    }
    return all;
  }

  /** Whether a hook that this process called runs. */
  public boolean isRunning() {
    lock.lock();
    try {
      return !own.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Has {@code next} run whenever {@link #text} has changed, before it changes again. */
  public void whenTold(Runnable next) {
    told = next;
  }

  /** What runs here, and in the process before: for the next one. */
  public String text() {
    lock.lock();
    try {
      return String.join("\n", all());
    } finally {
      lock.unlock();
    }
  }

  /** Takes what the process before tells; null if that is nothing new. */
  public void take(@Nullable String text) {
    if (text == null) {
      return;
    }
    lock.lock();
    try {
      before = Set.copyOf(text.lines().toList());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
