package dev.understudy.agreement;

import dev.understudy.recurring.Timers;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The single thread on which decisions are made, with its timers and its clocks. Tasks run one at a
 * time, timers in the order in which they are due.
 */
public interface DecisionThread extends Timers {
  /**
   * The time by which intervals are measured: that of the clock on the wall as this process began,
   * which never steps. Callable from any thread.
   */
  Instant now();

  /**
   * By how much the clock on the wall is ahead of {@link #now}; negative if it is behind. Changes
   * as that clock is set, and where {@link #now} stood still while the machine was suspended.
   * Callable from any thread.
   */
  default Duration ahead() {
    return Duration.ZERO;
  }

  /** What the clock on the wall shows; may step. Callable from any thread. */
  default Instant wall() {
    return now().plus(ahead());
  }

  /** Monotonic time, comparable within this process only; callable from any thread. */
  long nanoTime();

  /** Runs {@code task} on the thread soon; callable from any thread. Has no effect once closed. */
  void execute(Runnable task);

  /**
   * Runs {@code then} on the thread when {@code call} has ended, with its result or its failure.
   */
  default <T> void whenDone(
      CompletionStage<T> call, BiConsumer<@Nullable T, @Nullable Throwable> then) {
    var unused =
        call.whenComplete((result, failure) -> execute(() -> then.accept(result, failure)));
  }
}
