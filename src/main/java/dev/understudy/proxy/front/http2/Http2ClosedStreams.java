package dev.understudy.proxy.front.http2;

import io.netty.handler.codec.http2.Http2CodecUtil;
import org.jspecify.annotations.Nullable;

/**
 * The closed streams of one HTTP/2 connection, as far as they must be told apart: the codec forgets
 * a stream as soon as it is closed.
 *
 * <ul>
 *   <li>A stream that we reset: its client may have sent more before it heard of that, which must
 *       be ignored (RFC 9113 §5.1). At most what a stream's window holds can be under way; a client
 *       that sends more is told again.
 *   <li>A stream that was never opened, as a later one was opened before (§5.1.1).
 * </ul>
 *
 * <p>Bounded: the newest {@value #RESETS} resets and {@value #GAPS} gaps are known. Nothing is
 * allocated until there is one.
 */
final class Http2ClosedStreams {
  /** More than the codec lets a client bring about within half a minute. */
  private static final int RESETS = 256;

  private static final int GAPS = 8;

  /** Of a client's stream; what is under way when a stream is reset is no more. */
  private static final int WINDOW = Http2CodecUtil.DEFAULT_WINDOW_SIZE;

  /** Numbers of streams that we reset, and beside each how much of it may still come. */
  private int @Nullable [] resets;

  private int nextReset;

  /** The first and last number of each gap. */
  private int @Nullable [] gaps;

  private int nextGap;
  private int highest = -1;

  /** A request has come on a stream with a higher number than all before. */
  void opened(int stream) {
    if (stream > highest + 2) {
      int[] known = gaps;
      if (known == null) {
        known = new int[2 * GAPS];
        gaps = known;
      }
      known[nextGap] = highest + 2;
      known[nextGap + 1] = stream - 2;
      nextGap = (nextGap + 2) % known.length;
    }
    highest = stream;
  }

  /** Whether that is a client's stream on which a request has come, or can't any more. */
  boolean isPast(int stream) {
    return stream <= highest && (stream & 1) == 1;
  }

  /** Whether no request has ever come on it. */
  boolean wasSkipped(int stream) {
    int[] known = gaps;
    if (known != null) {
      for (int i = 0; i < known.length; i += 2) {
        if (stream >= known[i] && stream <= known[i + 1]) {
          return true;
        }
      }
    }
    return false;
  }

  /** We reset a stream whose client may not have ended it. */
  void reset(int stream) {
    int[] known = resets;
    if (known == null) {
      known = new int[2 * RESETS];
      resets = known;
    }
    int at = find(stream);
    if (at < 0) {
      at = nextReset;
      nextReset = (at + 2) % known.length;
    }
    known[at] = stream;
    known[at + 1] = WINDOW;
  }

  /** Whether we reset it, and its client has not ended it. */
  boolean wasReset(int stream) {
    return find(stream) >= 0;
  }

  /**
   * Whether a frame may have been sent before its client heard of our reset.
   *
   * @param length bytes under flow control
   * @param end whether it ends the stream, after which nothing can come
   */
  boolean tolerates(int stream, int length, boolean end) {
    int at = find(stream);
    int[] known = resets;
    if (at < 0 || known == null) {
      return false;
    }
    known[at + 1] -= Math.max(1, length);
    if (end) {
      known[at] = 0;
    }
    return known[at + 1] >= 0;
  }

  /** Its client has ended it. */
  void ended(int stream) {
    int at = find(stream);
    int[] known = resets;
    if (at >= 0 && known != null) {
      known[at] = 0;
    }
  }

  private int find(int stream) {
    int[] known = resets;
    if (known != null) {
      for (int i = 0; i < known.length; i += 2) {
        if (known[i] == stream) {
          return i;
        }
      }
    }
    return -1;
  }
}
