package dev.understudy.tracing;

import dev.understudy.traffic.TrafficListener;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes spans of requests; there is one only if {@code understudy.tracing} is on. */
public final class Tracing implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Tracing.class);

  /** The time for the last spans at a stop, after all requests have ended. */
  private static final int FLUSH_SECONDS = 2;

  private final SdkTracerProvider provider;

  Tracing(SdkTracerProvider provider) {
    this.provider = provider;
  }

  /** Returns a listener that makes spans and passes everything on. */
  public TrafficListener around(TrafficListener next) {
    return new TracedTraffic(provider.get("dev.understudy"), next);
  }

  /** Exports the spans that still wait, for two seconds at most. */
  @Override
  public void close() {
    if (!provider.shutdown().join(FLUSH_SECONDS, TimeUnit.SECONDS).isSuccess()) {
      log.warn("Not all spans could be exported before the stop");
    }
  }
}
