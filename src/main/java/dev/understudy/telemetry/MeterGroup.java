package dev.understudy.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/**
 * Meters that share tags and are removed together. Meters that read a source do so at each scrape;
 * the group keeps the source from being garbage-collected. Safe for any thread.
 */
final class MeterGroup {
  private final MeterRegistry registry;
  private final Tags tags;
  private final Set<Meter> meters = ConcurrentHashMap.newKeySet();

  MeterGroup(MeterRegistry registry, String... tags) {
    this.registry = registry;
    this.tags = Tags.of(tags);
  }

  void gauge(String name, String help, DoubleSupplier source, String... more) {
    meters.add(
        Gauge.builder(name, source::getAsDouble)
            .description(help)
            .tags(tags.and(more))
            .register(registry));
  }

  /** Registers a counter that reads its value from a source. */
  void count(String name, String help, DoubleSupplier source, String... more) {
    // Micrometer holds the object weakly, and once it is collected the counter stands still.
    meters.add(
        FunctionCounter.builder(name, registry, always -> source.getAsDouble())
            .description(help)
            .tags(tags.and(more))
            .register(registry));
  }

  Counter counter(String name, String help, String... more) {
    return add(Counter.builder(name).description(help).tags(tags.and(more)).register(registry));
  }

  Timer timer(Timer.Builder timer, String... more) {
    return add(timer.tags(tags.and(more)).register(registry));
  }

  private <M extends Meter> M add(M meter) {
    meters.add(meter);
    return meter;
  }

  /** Removes the meters of that name. */
  void remove(String name) {
    meters.removeIf(meter -> meter.getId().getName().equals(name) && gone(meter));
  }

  /** Removes all meters. */
  void remove() {
    meters.removeIf(this::gone);
  }

  private boolean gone(Meter meter) {
    registry.remove(meter);
    return true;
  }
}
