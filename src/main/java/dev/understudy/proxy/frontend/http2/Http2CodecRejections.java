package dev.understudy.proxy.frontend.http2;

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
 * Detects the limits that Netty's HTTP/2 codec enforces by itself.
 *
 * <p>The codec drops a head that is too large: it responds with 431 and resets the stream, or ends
 * the connection if the encoded bytes alone exceed the limit by a quarter. It fires no event for
 * the 431, but the stream's flags show it. The codec opens that stream as half-closed, which counts
 * one head as received; reading a head counts another. So only such a stream has sent a response
 * after a single received head.
 *
 * <p>The codec also ends connections that exceed its default bounds on frames:
 *
 * <table>
 *   <caption>Frames, bound, limit that is counted</caption>
 *   <tr><td>small frames (below 8 KB) of one head or trailers</td><td>16</td>
 *       <td>{@link Limit#HEADER_SIZE}</td></tr>
 *   <tr><td>RST_STREAM from the client (CVE-2023-44487)</td><td>200 within 30 s</td>
 *       <td>{@link Limit#REQUESTS_PER_CONNECTION}</td></tr>
 *   <tr><td>RST_STREAM to the client, except NO_ERROR and CANCEL: for violations and for streams
 *       beyond the limit (CVE-2025-8671)</td><td>200 within 30 s</td>
 *       <td>{@link Limit#REQUESTS_PER_CONNECTION}</td></tr>
 *   <tr><td>unread acknowledgements of PING and SETTINGS (CVE-2019-9512, 9515)</td><td>10,000</td>
 *       <td>{@link Limit#CLIENT_IDLE}</td></tr>
 *   <tr><td>consecutive empty DATA frames (CVE-2019-9518)</td><td>2</td>
 *       <td>{@link Limit#CLIENT_IDLE}</td></tr>
 *   <tr><td>SETTINGS that set HEADER_TABLE_SIZE, by {@link Http2RequestReader}</td>
 *       <td>200 within 30 s</td><td>{@link Limit#CLIENT_IDLE}</td></tr>
 * </table>
 */
// Streams are compared by identity.
@SuppressWarnings("ReferenceEquality")
final class Http2CodecRejections extends Http2ConnectionAdapter {
  // Texts of Netty's exceptions; nothing else distinguishes these faults.
  private static final String TOO_LARGE = "Header size exceeded max allowed size";
  private static final String TOO_MANY_PIECES = "Number of small consecutive continuations";
  private static final String TOO_MANY_RESETS = "of RST frames";

  private final Runnable rejected;
  private final Consumer<Limit> ended;

  /** The newest stream if opened as half-closed; its flags are set before another is opened. */
  private @Nullable Http2Stream newest;

  /** Whether a limit has been reported; at most one is. */
  private boolean over;

  /**
   * @param rejected run for each head to which the codec responded with 431
   * @param ended called at most once, with the limit for which the codec ends the connection
   */
  Http2CodecRejections(Runnable rejected, Consumer<Limit> ended) {
    this.rejected = rejected;
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
    if (newest != null && newest.isHeadersSent() && !newest.isTrailersReceived()) {
      rejected.run();
    }
  }

  /** Handles a connection error that the codec found in its input. */
  void broken(Http2Exception why) {
    String words = why.getMessage();
    ended(why.error().code(), words == null ? "" : words);
  }

  /**
   * Handles the GOAWAY of a connection error, the only trace of faults in the codec's output:
   * unread acknowledgements, and resets.
   */
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
