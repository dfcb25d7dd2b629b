package dev.understudy.proxy.flowcontrol;

import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.concurrent.TimeUnit;

/**
 * Decides how large the flow-control window of one HTTP/2 stream should be: as large as the product
 * of its sender's bandwidth and the delay, once the window is what limits the sender. Pure: it
 * counts what arrives and is read, and is given the time.
 *
 * <table>
 *   <caption>When a whole window has been read, the first row that holds</caption>
 *   <tr><td>it took longer than two round trips to arrive</td><td>{@link Reason#SLOW_SENDER}</td>
 *       </tr>
 *   <tr><td>something is unread</td><td>{@link Reason#READER_BEHIND}: decided again at the next
 *       read</td></tr>
 *   <tr><td>its frames cost more in objects than they carry</td><td>{@link Reason#SMALL_FRAMES}
 *       </td></tr>
 *   <tr><td>else</td><td>{@link Reason#WINDOW_LIMITS}: the window grows to {@link #MARGIN} times
 *       what arrives in a round trip, at least to its double, at most to {@link #largest}</td></tr>
 * </table>
 */
final class WindowSizing {
  /** Why a window has its size. */
  enum Reason {
    SLOW_SENDER,
    READER_BEHIND,
    SMALL_FRAMES,
    WINDOW_LIMITS
  }

  /**
   * @param window in bytes; unchanged unless it limits
   */
  record Decision(int window, Reason reason) {}

  /** The first window of a stream and of a connection, in bytes (RFC 9113 §6.9.2). */
  static final int FIRST = Http2CodecUtil.DEFAULT_WINDOW_SIZE;

  /** The largest window over any delay: 16 MB, or 2.7 Gbit/s over 50 ms. */
  static final int MAX = 16 << 20;

  /** The largest window without delay: 256 KB. */
  static final int NEAR = 256 << 10;

  /** The size in bytes of a DATA frame whose objects here take no more memory than its content. */
  static final int SMALL_FRAME = 256;

  /** The arrival of a few frames tells a bandwidth badly, and TCP may still be in slow start. */
  private static final int MARGIN = 8;

  /** 10 ms, which busy threads on both sides may add to two round trips. */
  private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** 10 Gbit/s. */
  private static final double MAX_BYTES_PER_NANO = 1.25;

  /** When the first and the last frame arrived of those that are counted. */
  private long firstNanos;

  private long lastNanos;

  private int frames;
  private long read;

  /** Returns the largest window for a delay, in bytes. */
  static int largest(long delayNanos) {
    return Math.clamp((long) (MAX_BYTES_PER_NANO * delayNanos), NEAR, MAX);
  }

  /** Counts a frame that has arrived. */
  void arrived(long nowNanos) {
    if (frames == 0) {
      firstNanos = nowNanos;
    }
    lastNanos = nowNanos;
    frames++;
  }

  /** Counts bytes that have been read. */
  void read(int bytes) {
    read += bytes;
  }

  /** Whether a whole window has been read, so that there is something to decide. */
  boolean isDue(int window) {
    return read >= window;
  }

  /**
   * Decides the window's size, when that is due.
   *
   * @param unread bytes that have arrived and were not read
   * @param window its size now
   * @param delayNanos of a round trip
   */
  Decision decide(int unread, int window, long delayNanos) {
    long took = lastNanos - firstNanos;
    if (took > 2 * delayNanos + SLACK_NANOS) {
      return decided(window, Reason.SLOW_SENDER);
    }
    if (unread > 0) {
      return new Decision(window, Reason.READER_BEHIND);
    }
    if (read < (long) frames * SMALL_FRAME) {
      return decided(window, Reason.SMALL_FRAMES);
    }
    double product = (double) read / Math.max(1, took) * delayNanos;
    int wanted = (int) Math.min(Math.max(MARGIN * product, 2.0 * window), largest(delayNanos));
    return decided(Math.max(window, wanted), Reason.WINDOW_LIMITS);
  }

  /** Begins to count anew. */
  private Decision decided(int window, Reason reason) {
    frames = 0;
    read = 0;
    return new Decision(window, reason);
  }
}
