package dev.understudy.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Whoever waits for a warm-up goes on. */
class WarmUpTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(50);

  @Test
  void once_it_has_ended() {
    AtomicBoolean done = new AtomicBoolean();
    try (WarmUp warmUp = new WarmUp(stopped -> done.set(true), LONG, LONG)) {
      warmUp.begin();
      warmUp.end().join();
      assertThat(done).isTrue();
    }
  }

  @Test
  void once_it_has_failed() {
    try (WarmUp warmUp =
        new WarmUp(
            stopped -> {
              throw new IllegalStateException("as the test wants");
            },
            LONG,
            LONG)) {
      warmUp.begin();
      warmUp.end().join();
    }
    try (WarmUp warmUp =
        new WarmUp(
            stopped -> {
              throw new NoClassDefFoundError("as the test wants");
            },
            LONG,
            LONG)) {
      warmUp.begin();
      warmUp.end().join();
    }
  }

  @Test
  void once_its_time_is_over() {
    try (WarmUp warmUp = new WarmUp(WarmUpTest::untilStopped, SHORT, LONG)) {
      warmUp.begin();
      warmUp.end().join();
    }
  }

  @Test
  void although_it_hangs() {
    CountDownLatch never = new CountDownLatch(1);
    try (WarmUp warmUp = new WarmUp(stopped -> never.await(), SHORT, SHORT)) {
      warmUp.begin();
      warmUp.end().join();
      assertThat(never.getCount()).isEqualTo(1);
    } finally {
      never.countDown();
    }
  }

  @Test
  void at_once_where_it_may_take_no_time() {
    AtomicBoolean done = new AtomicBoolean();
    try (WarmUp warmUp = new WarmUp(stopped -> done.set(true), Duration.ZERO, LONG)) {
      warmUp.begin();
      warmUp.end().join();
      assertThat(done).isFalse();
    }
  }

  @Test
  void once_the_process_closes_it() {
    WarmUp warmUp = new WarmUp(WarmUpTest::untilStopped, LONG, LONG);
    warmUp.begin();
    warmUp.close();
    warmUp.end().join();
  }

  private static void untilStopped(BooleanSupplier stopped) {
    Await.until("it is to end", stopped::getAsBoolean);
  }
}
