package dev.understudy.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for conditions, with a generous deadline. */
public final class Await {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final long FIRST_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long LONGEST_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /**
   * Conditions cost time, also the process that is asked: the next look is after that much more.
   */
  private static final int STEPS = 16;

  private Await() {}

  /** Returns once the condition holds; fails with its name after two minutes. */
  public static void until(String what, Callable<Boolean> condition) {
    until(what, DEADLINE, condition);
  }

  /** Returns once the condition holds; fails with its name after {@code deadline}. */
  public static void until(String what, Duration deadline, Callable<Boolean> condition) {
    long begun = System.nanoTime();
    while (!holds(what, condition)) {
      long waited = System.nanoTime() - begun;
      if (waited > deadline.toNanos()) {
        throw new AssertionError("never came within " + deadline + ": " + what);
      }
      LockSupport.parkNanos(Math.clamp(waited / STEPS, FIRST_STEP_NANOS, LONGEST_STEP_NANOS));
    }
  }

  /** Returns once that latch is open. */
  public static void open(String what, CountDownLatch latch) {
    if (!holds(what, () -> latch.await(DEADLINE.toSeconds(), TimeUnit.SECONDS))) {
      throw new AssertionError("never came within " + DEADLINE + ": " + what);
    }
  }

  private static boolean holds(String what, Callable<Boolean> condition) {
    try {
      return condition.call();
    } catch (Exception e) {
      throw new AssertionError("while waiting for: " + what, e);
    }
  }
}
