package dev.understudy.traffic;

import dev.understudy.pool.PoolId;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** Passes everything on to another listener. */
public abstract class DelegatingTrafficListener implements TrafficListener {
  /** The listener that everything is passed on to. */
  protected abstract TrafficListener next();

  @Override
  public @Nullable RequestSpan began(HttpHeaders headers, long startedNanos) {
    return next().began(headers, startedNanos);
  }

  @Override
  public void endedLocally(RequestOutcome outcome, HttpHeaders headers) {
    next().endedLocally(outcome, headers);
  }

  @Override
  public void endedForwarded(
      RequestOutcome outcome, HttpHeaders request, @Nullable HttpHeaders response) {
    next().endedForwarded(outcome, request, response);
  }

  @Override
  public void connectionEnded(ConnectionOutcome outcome) {
    next().connectionEnded(outcome);
  }

  @Override
  public void retried(PoolId pool, RetryReason reason) {
    next().retried(pool, reason);
  }

  @Override
  public void held(PoolId pool, int delta) {
    next().held(pool, delta);
  }

  @Override
  public void limited(Limit limit) {
    next().limited(limit);
  }
}
