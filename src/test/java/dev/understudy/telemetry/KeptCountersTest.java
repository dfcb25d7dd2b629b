package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.history.HistoryStatus;
import dev.understudy.testing.Await;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeptCountersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicLong count = new AtomicLong();

  /** The registry alone refers to what it was given. */
  private void register() {
    SelfCheckMeters.register(registry, resource -> count.get(), List::of);
    HistoryMeters.register(registry, () -> new HistoryStatus(true, count.get(), 0));
    var unused = new AccessMeters(registry, Map.of("role", count::get));
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
    for (String name :
        List.of(
            "understudy.local.failures", "understudy.history.lost", "understudy.admin.refused")) {
      assertThat(registry.get(name).functionCounter().count()).as(name).isEqualTo(7);
    }
  }
}
