package dev.understudy.tracing;

import dev.understudy.traffic.TrafficListener;

/** Makes spans of requests; there is one only if {@code understudy.tracing} is on. */
@FunctionalInterface
public interface Tracing {
  /** Returns a listener that makes spans and passes everything on. */
  TrafficListener around(TrafficListener next);
}
