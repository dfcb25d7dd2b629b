package dev.understudy.proxy.frontend;

import java.util.concurrent.TimeUnit;

/**
 * Bounds of the input that is read and dropped after a response, or before a connection is closed:
 * closing at once could destroy the response before the client has read it (RFC 9112 §9.6).
 *
 * <p>An HTTP/2 stream can be refused without harm to its response (RFC 9113 §8.1), so its bounds
 * are small. An HTTP/1 connection cannot: a client may send its whole request before it reads.
 * Reading costs less than the forwarding that any client may request.
 */
public final class RemainingBodyLimits {
  /**
   * The most bytes of an HTTP/2 request's remaining body once the response has left: 256 KB. Until
   * then {@link #MAX_CONNECTION_BYTES}.
   */
  public static final int MAX_BYTES = 256 * 1024;

  /** The most bytes on an HTTP/1 connection after a response was written: 128 MB. */
  public static final long MAX_CONNECTION_BYTES = 128L << 20;

  /** 5 s: for HTTP/2 since the response has left, for HTTP/1 since the last input. */
  public static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(5);

  /**
   * 30 s for HTTP/1 since the response was written (nginx {@code lingering_time}); {@link
   * #MAX_NANOS} while the process stops.
   */
  public static final long MAX_CONNECTION_NANOS = TimeUnit.SECONDS.toNanos(30);

  private RemainingBodyLimits() {}
}
