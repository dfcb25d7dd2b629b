package dev.understudy.proxy.frontend.http2;

import org.jspecify.annotations.Nullable;

/**
 * The closed streams of one HTTP/2 connection, as far as they must be distinguished; the codec
 * forgets a stream when it is closed.
 *
 * <ul>
 *   <li>A stream that the proxy reset: its client may have sent frames before the reset arrived,
 *       which must be ignored (RFC 9113 §5.1). At most a stream's window can be in flight; a client
 *       that sends more gets another reset.
 *   <li>A stream that was skipped: a later one was opened first (§5.1.1).
 * </ul>
 *
 * <p>Bounded to the newest {@value #RESETS} resets and {@value #GAPS} gaps, each allocated with the
 * first one.
 */
final class Http2ClosedStreams {
  /** More resets than the codec lets a client cause within 30 s. */
  private static final int RESETS = 256;

  private static final int GAPS = 8;

  /** The ids of reset streams, each followed by the number of bytes that may still arrive. */
  private int @Nullable [] resets;

  private int nextReset;

  /** The first and last stream id of each gap. */
  private int @Nullable [] gaps;

  private int nextGap;
  private int highest = -1;

  /** Notes a request on a stream with a higher id than all before. */
  void opened(int stream) {
    if (stream > highest + 2) {
      if (gaps == null) {
        gaps = new int[2 * GAPS];
      }
      gaps[nextGap] = highest + 2;
      gaps[nextGap + 1] = stream - 2;
      nextGap = (nextGap + 2) % gaps.length;
    }
    highest = stream;
  }

  /** Whether the id is a client's and a request on it has arrived or is no longer possible. */
  boolean isPast(int stream) {
    return stream <= highest && (stream & 1) == 1;
  }

  /** Whether the stream was skipped; known for the newest gaps only. */
  boolean wasSkipped(int stream) {
    if (gaps != null) {
      for (int i = 0; i < gaps.length; i += 2) {
        if (stream >= gaps[i] && stream <= gaps[i + 1]) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Notes that the proxy resets a stream that its client may not have ended.
   *
   * @param window what is left of the stream's flow-control window: the most bytes in flight
   */
  void reset(int stream, int window) {
    if (resets == null) {
      resets = new int[2 * RESETS];
    }
    int at = find(stream);
    if (at < 0) {
      at = nextReset;
      nextReset = (at + 2) % resets.length;
    }
    resets[at] = stream;
    resets[at + 1] = window;
  }

  /** Whether the proxy reset the stream and its client has not ended it. */
  boolean wasReset(int stream) {
    return find(stream) >= 0;
  }

  /**
   * Whether the client may have sent a frame before the reset reached it.
   *
   * @param length bytes under flow control
   * @param end whether the frame ends the stream, after which none can follow
   */
  boolean tolerates(int stream, int length, boolean end) {
    int at = find(stream);
    if (at < 0 || resets == null) {
      return false;
    }
    resets[at + 1] -= Math.max(1, length);
    if (end) {
      resets[at] = 0;
    }
    return resets[at + 1] >= 0;
  }

  /** Notes that the client has ended a reset stream. */
  void ended(int stream) {
    int at = find(stream);
    if (at >= 0 && resets != null) {
      resets[at] = 0;
    }
  }

  private int find(int stream) {
    if (resets != null) {
      for (int i = 0; i < resets.length; i += 2) {
        if (resets[i] == stream) {
          return i;
        }
      }
    }
    return -1;
  }
}
