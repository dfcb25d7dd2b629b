package dev.understudy.monitor;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What the data plane does to one server now: written by event loops, read by anyone. */
public final class ServerTraffic {
  private static final long GRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger queue = new AtomicInteger();
  private final AtomicInteger tunnels = new AtomicInteger();
  private final SessionCount sessions = new SessionCount();
  private volatile long lastByteNanos = System.nanoTime();

  /** Requests in flight, from this replica. */
  public AtomicInteger requests() {
    return requests;
  }

  /** Requests that wait until fewer than {@code max-requests} are in flight, in this replica. */
  public AtomicInteger queue() {
    return queue;
  }

  /** Open tunnels, from this replica. */
  public AtomicInteger tunnels() {
    return tunnels;
  }

  /** Sessions whose requests this replica sent to it. */
  public SessionCount sessions() {
    return sessions;
  }

  /**
   * When the server last sent a byte on any connection, by {@link System#nanoTime}; up to a
   * millisecond early.
   */
  public long lastByteNanos() {
    return lastByteNanos;
  }

  /** Called for each read from the server. */
  public void byteReceived(long nowNanos) {
    long since = nowNanos - lastByteNanos;
    // Event loops would take the cache line from each other with every read.
    if (since >= GRAIN_NANOS || since < 0) {
      lastByteNanos = nowNanos;
    }
  }
}
