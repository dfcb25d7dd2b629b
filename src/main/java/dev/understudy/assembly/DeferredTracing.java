package dev.understudy.assembly;

import dev.understudy.tracing.Tracing;
import dev.understudy.traffic.DelegatingTrafficListener;
import dev.understudy.traffic.TrafficListener;

/**
 * A traffic listener that passes everything on to the telemetry, and through the tracing once
 * Spring's context has made that. Used only if {@code understudy.tracing} is on.
 */
final class DeferredTracing extends DelegatingTrafficListener {
  private volatile TrafficListener next;

  DeferredTracing(TrafficListener telemetry) {
    this.next = telemetry;
  }

  /** Makes spans of the requests that begin from now on. */
  void use(Tracing tracing) {
    next = tracing.around(next);
  }

  @Override
  protected TrafficListener next() {
    return next;
  }
}
