package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.history.HistoryStatus;
import dev.understudy.testing.Await;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeptCountersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicLong count = new AtomicLong();

  /** The registry alone refers to what it was given. */
  private void register() {
    ReplicaMeters meters = new ReplicaMeters(registry);
    meters.selfCheck(resource -> count.get(), List::of);
    meters.history(() -> new HistoryStatus(true, count.get(), 0));
  }

  @Test
  void counters_count_on_once_memory_was_collected() {
    register();
    WeakReference<Object> canary = new WeakReference<>(new Object());
    Await.until(
        "memory was collected",
        () -> {
          System.gc();
          return canary.get() == null;
        });
    count.set(7);
    for (String name : List.of("understudy.local.failures", "understudy.history.lost")) {
      assertThat(registry.get(name).functionCounter().count()).as(name).isEqualTo(7);
    }
  }
}
