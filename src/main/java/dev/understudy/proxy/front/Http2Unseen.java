package dev.understudy.proxy.front;

import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * Heads of requests that are larger than may be, over HTTP/2. The codec keeps none of them: it
 * answers with 431 and resets the stream, or, if the encoded bytes alone are more by a quarter,
 * ends the connection.
 *
 * <p>It tells nobody of that answer, but the stream's marks do. It is opened as one whose request
 * has ended, which marks a head as received; a head that is read marks another. So the stream has
 * an answer after one mark only, which no other ever has.
 */
// Streams are themselves, not values.
@SuppressWarnings("ReferenceEquality")
final class Http2Unseen extends Http2ConnectionAdapter {
  /** In Netty's own words, as nothing else tells this one from others. */
  private static final String TOO_LARGE = "Header size exceeded max allowed size";

  private final Runnable answered;

  /** Opened so, and last; its marks are set before another one is opened. */
  private @Nullable Http2Stream newest;

  /**
   * @param answered told of each head that the codec has answered with 431
   */
  Http2Unseen(Runnable answered) {
    this.answered = answered;
  }

  @Override
  public void onStreamActive(Http2Stream stream) {
    judge();
    newest = stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE ? stream : null;
  }

  @Override
  public void onStreamClosed(Http2Stream stream) {
    if (stream == newest) {
      judge();
      newest = null;
    }
  }

  private void judge() {
    Http2Stream judged = newest;
    if (judged != null && judged.isHeadersSent() && !judged.isTrailersReceived()) {
      answered.run();
    }
  }

  /** Whether a connection ends because of a head that is so large that it was not even decoded. */
  static boolean is(Http2Exception end) {
    String message = end.getMessage();
    return message != null && message.startsWith(TOO_LARGE);
  }
}
