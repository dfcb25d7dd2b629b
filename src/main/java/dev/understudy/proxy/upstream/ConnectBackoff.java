package dev.understudy.proxy.upstream;

import dev.understudy.pool.Pool;
import java.util.concurrent.TimeUnit;

/**
 * When one event loop may connect to a server: after a failed attempt, one more is admitted in each
 * {@code fast-interval}, or in each second if that is shorter.
 */
public final class ConnectBackoff {
  private final long intervalNanos;
  private boolean failing;

  /** By {@link System#nanoTime}: the tick clock stands still while nothing is awaited. */
  private long triedAtNanos;

  public ConnectBackoff(Pool pool) {
    intervalNanos = Math.min(pool.health().fastInterval().toNanos(), TimeUnit.SECONDS.toNanos(1));
  }

  /** Whether an attempt is admitted now. */
  public boolean admits() {
    return !failing || System.nanoTime() - triedAtNanos >= intervalNanos;
  }

  /** Records the start of an attempt. */
  public void trying() {
    triedAtNanos = System.nanoTime();
  }

  /** Records a failed attempt. */
  public void failed() {
    failing = true;
    triedAtNanos = System.nanoTime();
  }

  /** Records a connection; returns whether the last attempt before it had failed. */
  public boolean succeeded() {
    boolean news = failing;
    failing = false;
    return news;
  }
}
