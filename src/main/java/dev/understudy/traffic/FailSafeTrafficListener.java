package dev.understudy.traffic;

import dev.understudy.pool.PoolId;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shields requests from the failures of a listener: a request goes on as if the listener had not
 * failed. Only the first failure is logged, as one with each request would fill the log.
 */
public final class FailSafeTrafficListener implements TrafficListener {
  private static final Logger LOG = LoggerFactory.getLogger(FailSafeTrafficListener.class);

  private final TrafficListener guarded;
  private final AtomicBoolean told = new AtomicBoolean();

  private FailSafeTrafficListener(TrafficListener guarded) {
    this.guarded = guarded;
  }

  /** Guards the listener, unless it is guarded already. */
  public static TrafficListener of(TrafficListener listener) {
    return listener instanceof FailSafeTrafficListener
        ? listener
        : new FailSafeTrafficListener(listener);
  }

  @Override
  public @Nullable RequestSpan began(HttpHeaders headers, long startedNanos) {
    try {
      return guarded.began(headers, startedNanos);
    } catch (RuntimeException e) {
      failed(e);
      return null;
    }
  }

  @Override
  public void endedLocally(RequestOutcome outcome, HttpHeaders headers) {
    try {
      guarded.endedLocally(outcome, headers);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  @Override
  public void endedForwarded(
      RequestOutcome outcome, HttpHeaders request, @Nullable HttpHeaders response) {
    try {
      guarded.endedForwarded(outcome, request, response);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  @Override
  public void connectionEnded(ConnectionOutcome outcome) {
    try {
      guarded.connectionEnded(outcome);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  @Override
  public void retried(PoolId pool, RetryReason reason) {
    try {
      guarded.retried(pool, reason);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  @Override
  public void held(PoolId pool, int delta) {
    try {
      guarded.held(pool, delta);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  @Override
  public void limited(Limit limit) {
    try {
      guarded.limited(limit);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void failed(RuntimeException fault) {
    if (told.compareAndSet(false, true)) {
      LOG.warn("A listener to requests failed; further failures are not logged.", fault);
    }
  }
}
