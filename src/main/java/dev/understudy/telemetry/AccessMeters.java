package dev.understudy.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * {@code understudy_admin_refused_total} {cause}: requests to the management API that were refused
 * for want of a right.
 */
public final class AccessMeters {
  /**
   * Registers the meters.
   *
   * @param refused the number of refused requests for each cause
   */
  public AccessMeters(MeterRegistry registry, Map<String, LongSupplier> refused) {
    refused.forEach(
        (cause, count) ->
            KeptCounter.of(registry, "understudy.admin.refused", count::getAsLong)
                .description("Requests to the management API refused for want of a right")
                .tag("cause", cause)
                .register(registry));
  }
}
