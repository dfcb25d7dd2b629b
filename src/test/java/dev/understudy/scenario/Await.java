package dev.understudy.scenario;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for conditions. */
public final class Await {
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final long STEP_MILLIS = 10;

  private Await() {}

  /** Returns when {@code condition} holds; fails after a minute. */
  public static void until(String what, Callable<Boolean> condition) {
    until(what, DEADLINE, condition);
  }

  /** Returns when {@code condition} holds; fails after {@code patience}. */
  public static void until(String what, Duration patience, Callable<Boolean> condition) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (!condition.call()) {
        if (System.nanoTime() - end > 0) {
          throw new AssertionError("waited in vain until " + what);
        }
        Thread.sleep(STEP_MILLIS);
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("while waiting until " + what, e);
    }
  }
}
