package dev.understudy.proxy.front;

import java.util.concurrent.TimeUnit;

/**
 * Bounds of what is read and dropped of a request that has been answered, or before we close:
 * closing at once could destroy the response before the client has read it (RFC 9112 §9.6).
 *
 * <p>A stream of HTTP/2 can be refused without harm to its response (RFC 9113 §8.1), so its bounds
 * are small. A connection of HTTP/1 can not: a client may send its whole request before it reads.
 * Reading costs less than the forwarding that any client may ask for.
 */
public final class RemainingBodyLimits {
  /** Of the body of an HTTP/2 request. */
  public static final int MAX_BYTES = 256 * 1024;

  /** Of what comes on an HTTP/1 connection after a response. */
  public static final long MAX_CONNECTION_BYTES = 128L << 20;

  /** Since the response was written, over HTTP/2; since anything came, over HTTP/1. */
  public static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Since the response was written, over HTTP/1 (nginx {@code lingering_time}). */
  public static final long MAX_CONNECTION_NANOS = TimeUnit.SECONDS.toNanos(30);

  private RemainingBodyLimits() {}
}
