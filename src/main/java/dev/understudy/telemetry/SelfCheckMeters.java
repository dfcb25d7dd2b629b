package dev.understudy.telemetry;

import dev.understudy.health.LocalFailure;
import dev.understudy.monitor.Alarm;
import dev.understudy.text.Words;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The meters of what speaks against this replica's own view of its servers. Their Prometheus names
 * are part of the public surface:
 *
 * <ul>
 *   <li>{@code understudy_local_failures_total} {resource}
 *   <li>{@code understudy_mass_failure}: 1 or 0
 * </ul>
 */
public final class SelfCheckMeters {
  private SelfCheckMeters() {}

  /**
   * Registers all meters.
   *
   * @param failures the number of failures for want of a resource, since the start
   */
  public static void register(
      MeterRegistry registry, ToLongFunction<LocalFailure> failures, Supplier<List<Alarm>> alarms) {
    for (LocalFailure each : LocalFailure.values()) {
      KeptCounter.of(registry, "understudy.local.failures", () -> failures.applyAsLong(each))
          .description("What failed for want of a resource of this machine")
          .tag("resource", Words.lower(each))
          .register(registry);
    }
    Gauge.builder("understudy.mass.failure", () -> isMassFailure(alarms.get()) ? 1 : 0)
        .description("Whether most servers failed within seconds")
        .strongReference(true)
        .register(registry);
  }

  private static boolean isMassFailure(List<Alarm> alarms) {
    return alarms.stream().anyMatch(alarm -> alarm.kind() == Alarm.Kind.MASS_FAILURE);
  }
}
