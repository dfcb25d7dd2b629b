package dev.understudy.assembly;

import dev.understudy.pool.PoolId;
import dev.understudy.tracing.Tracing;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.Outcome;
import dev.understudy.traffic.RequestSpan;
import dev.understudy.traffic.RetryReason;
import dev.understudy.traffic.TrafficListener;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Passes everything on, by way of the tracing once Spring's context has made it. In the place of
 * the telemetry only if {@code understudy.tracing} is on.
 */
final class LateTracing implements TrafficListener {
  private volatile TrafficListener next;

  LateTracing(TrafficListener telemetry) {
    this.next = telemetry;
  }

  /** Makes spans of the requests that begin from now on. */
  void use(Tracing tracing) {
    next = tracing.around(next);
  }

  @Override
  public @Nullable RequestSpan began(HttpHeaders headers, long startedNanos) {
    return next.began(headers, startedNanos);
  }

  @Override
  public void ended(Outcome outcome) {
    next.ended(outcome);
  }

  @Override
  public void endedLocally(Outcome outcome, HttpHeaders headers) {
    next.endedLocally(outcome, headers);
  }

  @Override
  public void endedForwarded(Outcome outcome, HttpHeaders request, @Nullable HttpHeaders response) {
    next.endedForwarded(outcome, request, response);
  }

  @Override
  public void connectionEnded(ConnectionOutcome outcome) {
    next.connectionEnded(outcome);
  }

  @Override
  public void retried(PoolId pool, RetryReason reason) {
    next.retried(pool, reason);
  }

  @Override
  public void held(PoolId pool, int delta) {
    next.held(pool, delta);
  }

  @Override
  public void limited(Limit limit) {
    next.limited(limit);
  }
}
