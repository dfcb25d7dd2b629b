package dev.understudy.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for conditions, with a generous deadline. */
public final class Await {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private Await() {}

  /** Returns once the condition holds; fails with its name after the deadline. */
  public static void until(String what, Callable<Boolean> condition) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (true) {
      try {
        if (condition.call()) {
          return;
        }
      } catch (Exception e) {
        throw new AssertionError("while waiting for: " + what, e);
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("never came: " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }
}
