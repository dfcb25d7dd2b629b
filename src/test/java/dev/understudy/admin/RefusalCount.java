package dev.understudy.admin;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** Reads the metric of refused requests. */
final class RefusalCount {
  private RefusalCount() {}

  static long of(RefusalLog refusals, RefusalLog.Cause cause) {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    refusals.bindTo(meters);
    return (long)
        meters
            .get("understudy.admin.refused")
            .tag("cause", cause.label())
            .functionCounter()
            .count();
  }
}
