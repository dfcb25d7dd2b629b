package dev.understudy.proxy.http;

import java.util.concurrent.TimeUnit;

/**
 * How often the peer of one HTTP/2 connection has set HEADER_TABLE_SIZE lately. Netty (4.2.18)
 * keeps each change for the next head that it sends (RFC 7541 §4.2), which may take as long as a
 * request. Not thread-safe.
 */
public final class HeaderTableSizes {
  /** The most changes within 30 s; with more, the connection is to be ended. */
  public static final int MOST = 200;

  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(30);

  private int count;
  private long since;

  /**
   * Counts one more change.
   *
   * @param now by {@link System#nanoTime}
   * @return how many there were within the period, which begins with the first
   */
  public int count(long now) {
    if (count == 0 || now - since >= PERIOD_NANOS) {
      count = 0;
      since = now;
    }
    return ++count;
  }
}
