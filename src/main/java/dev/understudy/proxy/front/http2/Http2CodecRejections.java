package dev.understudy.proxy.front.http2;

import dev.understudy.traffic.Limit;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What Netty's codec of HTTP/2 does by itself with a client that goes beyond a limit.
 *
 * <p>Of heads that are larger than may be it keeps none: it answers with 431 and resets the stream,
 * or, if the encoded bytes alone are more by a quarter, ends the connection. It tells nobody of
 * that response, but the stream's marks do. It is opened as one whose request has ended, which
 * marks a head as received; a head that is read marks another. So the stream has a response after
 * one mark only, which no other ever has.
 *
 * <p>It also ends connections with more frames than it bounds by its defaults:
 *
 * <table>
 *   <caption>Frames, the most of them, what they are counted as</caption>
 *   <tr><td>of one head or trailers, smaller than 8 KB</td><td>16</td>
 *       <td>{@link Limit#HEADER_SIZE}</td></tr>
 *   <tr><td>RST_STREAM from the client (CVE-2023-44487)</td><td>200 within 30 s</td>
 *       <td>{@link Limit#REQUESTS_PER_CONNECTION}</td></tr>
 *   <tr><td>RST_STREAM to it, but for NO_ERROR and CANCEL: what it may not send resets a stream,
 *       one too many is refused (CVE-2025-8671)</td><td>200 within 30 s</td>
 *       <td>{@link Limit#REQUESTS_PER_CONNECTION}</td></tr>
 *   <tr><td>answers to PING and SETTINGS that it does not read (CVE-2019-9512, 9515)</td>
 *       <td>10,000</td><td>{@link Limit#CLIENT_IDLE}</td></tr>
 *   <tr><td>DATA with nothing in it, one after the other (CVE-2019-9518)</td><td>2</td>
 *       <td>{@link Limit#CLIENT_IDLE}</td></tr>
 * </table>
 */
// Streams are themselves, not values.
@SuppressWarnings("ReferenceEquality")
final class Http2CodecRejections extends Http2ConnectionAdapter {
  // In Netty's own words, as nothing else tells them from others.
  private static final String TOO_LARGE = "Header size exceeded max allowed size";
  private static final String TOO_MANY_PIECES = "Number of small consecutive continuations";
  private static final String TOO_MANY_RESETS = "of RST frames";

  private final Runnable answered;
  private final Consumer<Limit> ended;

  /** Opened so, and last; its marks are set before another one is opened. */
  private @Nullable Http2Stream newest;

  /** The reason is known: at most one is counted. */
  private boolean over;

  /**
   * @param answered told of each head that the codec has answered with 431
   * @param ended told, once, beyond which limit the client was if the codec ends the connection for
   *     that
   */
  Http2CodecRejections(Runnable answered, Consumer<Limit> ended) {
    this.answered = answered;
    this.ended = ended;
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

  /** The codec has met that in what it read, and ends the connection. */
  void broken(Http2Exception why) {
    String words = why.getMessage();
    ended(why.error().code(), words == null ? "" : words);
  }

  /** The only trace of what the codec has met in what it wrote: unread answers, and resets. */
  @Override
  public void onGoAwaySent(int lastStreamId, long errorCode, ByteBuf debugData) {
    if (errorCode != Http2Error.NO_ERROR.code()) {
      ended(errorCode, debugData.toString(StandardCharsets.UTF_8));
    }
  }

  private void ended(long errorCode, String words) {
    Limit limit = beyond(errorCode, words);
    if (limit != null && !over) {
      over = true;
      ended.accept(limit);
    }
  }

  private static @Nullable Limit beyond(long errorCode, String words) {
    if (words.startsWith(TOO_LARGE) || words.startsWith(TOO_MANY_PIECES)) {
      return Limit.HEADER_SIZE;
    }
    if (errorCode != Http2Error.ENHANCE_YOUR_CALM.code()) {
      return null;
    }
    return words.contains(TOO_MANY_RESETS) ? Limit.REQUESTS_PER_CONNECTION : Limit.CLIENT_IDLE;
  }
}
