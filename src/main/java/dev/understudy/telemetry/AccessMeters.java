package dev.understudy.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * {@code understudy_admin_refused_total} {cause}: requests to the management API that were refused
 * for want of a right.
 */
public final class AccessMeters {
  /** Held here, because the registry refers to them weakly. */
  private final Map<String, LongSupplier> refused;

  /**
   * Registers the meters.
   *
   * @param refused the number of refused requests for each cause
   */
  public AccessMeters(MeterRegistry registry, Map<String, LongSupplier> refused) {
    this.refused = Map.copyOf(refused);
    this.refused.forEach(
        (cause, count) ->
            FunctionCounter.builder("understudy.admin.refused", count, LongSupplier::getAsLong)
                .description("Requests to the management API refused for want of a right")
                .tag("cause", cause)
                .register(registry));
  }
}
