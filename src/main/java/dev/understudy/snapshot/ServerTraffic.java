package dev.understudy.snapshot;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Live counters of one server in this replica: written by event loops, read by any thread. */
public final class ServerTraffic {
  private static final long GRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger queue = new AtomicInteger();
  private final AtomicInteger tunnels = new AtomicInteger();
  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder bytesOut = new LongAdder();
  private final AtomicLong retries = new AtomicLong();
  private final SessionCount sessions = new SessionCount();
  private volatile long lastByteNanos = System.nanoTime();

  /** Requests in flight; of a TCP server, its connections. */
  public AtomicInteger requests() {
    return requests;
  }

  /** Whether nothing runs at the server: no request, tunnel or connection. */
  public boolean isIdle() {
    return requests.get() <= 0 && tunnels.get() <= 0;
  }

  /** Requests that wait until fewer than {@code max-requests} are in flight. */
  public AtomicInteger queue() {
    return queue;
  }

  /** Open tunnels; of a TCP server, open connections. */
  public AtomicInteger tunnels() {
    return tunnels;
  }

  /** Bytes that relayed TCP connections brought to the server; up to a second late. */
  public LongAdder bytesIn() {
    return bytesIn;
  }

  /** Bytes that relayed TCP connections brought from the server; up to a second late. */
  public LongAdder bytesOut() {
    return bytesOut;
  }

  /** Requests that were sent once more after an attempt on this server failed, since the start. */
  public AtomicLong retries() {
    return retries;
  }

  /** Sessions whose requests were sent to the server. */
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
    // A write for every read would move the cache line between event loops.
    if (since >= GRAIN_NANOS || since < 0) {
      lastByteNanos = nowNanos;
    }
  }
}
