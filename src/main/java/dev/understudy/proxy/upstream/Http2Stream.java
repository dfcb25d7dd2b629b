package dev.understudy.proxy.upstream;

import dev.understudy.proxy.http.HeadWriter;
import dev.understudy.proxy.http.Http2Heads;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One exchange's stream of an HTTP/2 connection, from the wait for a connection on; the last
 * handler of the stream's pipeline.
 *
 * <p>Each read of the stream's channel opens its flow-control window for what has been passed on
 * before, so a user that wants no more holds the server back.
 *
 * <table>
 *   <caption>Ends before the response's</caption>
 *   <tr><td>RST_STREAM with REFUSED_STREAM, or a GOAWAY whose last stream is an earlier one (RFC
 *       9113 §8.7)</td><td>refused</td></tr>
 *   <tr><td>RST_STREAM with NO_ERROR: the response may still be in the buffer (§8.1)</td>
 *       <td>none, until the stream is closed</td></tr>
 *   <tr><td>another RST_STREAM, or the connection's end, after what is in the buffer</td>
 *       <td>broken</td></tr>
 *   <tr><td>a malformed response (§8.1.1)</td><td>bad response</td></tr>
 * </table>
 */
// Failed writes end the connection, and the stream with it; users are compared by identity.
@SuppressWarnings({"FutureReturnValueIgnored", "ReferenceEquality"})
final class Http2Stream extends UpstreamConnection {
  private static final long UNKNOWN = -1;

  private final ConnectionPool pool;
  private final Http2Connections connections;
  private final boolean early;
  private @Nullable Http2Connection connection;
  private @Nullable Http2StreamChannel channel;

  /** What is used instead, as the server chose HTTP/1.1; null if it did not. */
  private @Nullable Http1Connection instead;

  private long sentNanos;
  private boolean sent;
  private boolean toHead;
  private boolean hasHead;

  /** Bytes of the declared length that have not come; {@link #UNKNOWN} without one. */
  private long missing = UNKNOWN;

  private boolean unprocessed;

  /** How the server reset the stream; null if it did not, or needs no more of the request. */
  private @Nullable String resetWords;

  /**
   * @param early whether the request may be sent before the server's SETTINGS are here
   */
  Http2Stream(ConnectionPool pool, Http2Connections connections, User user, boolean early) {
    super(user);
    this.pool = pool;
    this.connections = connections;
    this.early = early;
  }

  @Override
  public void open() {
    connections.assign(this);
  }

  /** Whether a user still wants the stream. */
  boolean isWanted() {
    return user != null;
  }

  boolean isEarly() {
    return early;
  }

  /** Whether its request's head was given to the codec. */
  boolean isSent() {
    return sent;
  }

  /** Notes the connection whose opening the stream waits for. */
  void awaits(Http2Connection opening) {
    connection = opening;
  }

  /**
   * Begins a stream of an open connection.
   *
   * @param idleSince when the connection became idle, by {@link System#nanoTime}; now if it is in
   *     use
   * @param used whether the connection was idle after other requests
   */
  void begin(Http2Connection on, long idleSince, boolean used) {
    connection = on;
    idleSinceNanos = idleSince;
    reused = used;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = (Http2StreamChannel) ctx.channel();
  }

  /** Reports to the user that the stream can be used. */
  void ready() {
    if (user != null) {
      user.connected(this);
    }
  }

  /** Reports to the user that no connection could be made. */
  void failed(@Nullable Throwable cause) {
    User current = user;
    user = null;
    connection = null;
    if (current != null) {
      current.broken(cause);
    }
  }

  /** Continues over HTTP/1.1, on that channel or, without one, on a new connection. */
  void fallBack(@Nullable Channel open) {
    User current = user;
    user = null;
    connection = null;
    if (current == null) {
      return;
    }
    Http1Connection other = new Http1Connection(pool, current);
    instead = other;
    if (open == null) {
      other.open();
    } else {
      other.begin(open);
    }
  }

  @Override
  public long unsent() {
    Http2StreamChannel open = channel;
    if (open == null || !open.isActive()) {
      return 0;
    }
    return open.isWritable()
        ? open.config().getWriteBufferHighWaterMark() - open.bytesBeforeUnwritable() + 1
        : open.config().getWriteBufferLowWaterMark() + open.bytesBeforeWritable() - 1;
  }

  @Override
  Http2StreamChannel channel() {
    return Objects.requireNonNull(channel, "no stream yet");
  }

  private Http2Connection connection() {
    return Objects.requireNonNull(connection, "no connection yet");
  }

  @Override
  public boolean isUsable() {
    return channel != null && channel.isActive() && connection().isOpen();
  }

  @Override
  public void sendWhole(HttpMethod method, HeadWriter head) {
    send(method, head, true);
  }

  @Override
  public void sendHead(HttpMethod method, HeadWriter head, boolean chunked) {
    send(method, head, false);
  }

  private void send(HttpMethod method, HeadWriter head, boolean end) {
    Http2Headers headers = Http2Heads.request(head, pool.tls() ? "https" : "http");
    toHead = HttpMethod.HEAD.equals(method);
    sent = true;
    sentNanos = System.nanoTime();
    write(new DefaultHttp2HeadersFrame(headers, end));
    connection().sent(sentNanos);
    connection().inflow().opened(id());
    read();
  }

  private void write(Object frame) {
    channel().write(frame, channel().voidPromise());
    connection().flushSoon();
  }

  /** Drops what the server needs no more: the response may still be in the buffer. */
  @Override
  public void sendBody(ByteBuf data) {
    if (data.isReadable() && isRequestOpen()) {
      write(new DefaultHttp2DataFrame(data, false));
    } else {
      data.release();
    }
  }

  @Override
  public void sendEnd(HttpHeaders trailers) {
    if (!isRequestOpen()) {
      return;
    }
    if (trailers.isEmpty()) {
      write(new DefaultHttp2DataFrame(true));
      return;
    }
    Http2Headers last;
    try {
      last = Http2Heads.trailers(trailers);
    } catch (IllegalArgumentException e) {
      // The server has the request already, and must not wait for trailers that cannot be sent.
      write(new DefaultHttp2DataFrame(true));
      return;
    }
    write(new DefaultHttp2HeadersFrame(last, true));
  }

  /** Resets the stream, or stops waiting for a connection. */
  @Override
  public void leave() {
    user = null;
    if (instead != null) {
      instead.leave();
    } else if (channel != null) {
      if (sent && !anyByte && connection != null) {
        connection.unanswered(sentNanos);
      }
      if (sent && connection != null) {
        connection.streamReset();
      }
      channel.close();
    } else if (connection != null) {
      connection.waitsNoMore(this);
    }
  }

  @Override
  public void complete() {
    user = null;
    if (isRequestOpen()) {
      connection().streamReset();
      reset();
    }
  }

  /** Whether the request has no end yet, or one that waits for the server's windows. */
  private boolean isRequestOpen() {
    return channel().stream().state().localSideOpen();
  }

  /** Resets a stream whose response has ended; Netty would not if the request's end only waits. */
  private void reset() {
    if (isRequestOpen()) {
      write(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
    }
    channel().close();
  }

  /** Never called: HTTP/2 has no 101 (RFC 9113 §8.6). */
  @Override
  public Channel toTunnel() {
    throw new UnsupportedOperationException("101 on a stream");
  }

  /** The stream's id; negative before its head was written. */
  int id() {
    return channel == null ? -1 : channel.stream().id();
  }

  /** Notes that the server will not process the stream, which the codec closes next. */
  void notProcessed() {
    unprocessed = true;
  }

  /** Closes a stream that the codec does not know, as its request was not sent. */
  void connectionGone() {
    if (!sent && channel != null) {
      channel.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    User current = user;
    if (current == null) {
      ReferenceCountUtil.release(msg);
      return;
    }
    anyByte = true;
    readNanos = pool.bytesArrived();
    connection().responding();
    if (msg instanceof Http2HeadersFrame frame) {
      fields(current, frame);
    } else if (msg instanceof Http2DataFrame frame) {
      data(current, frame);
    } else {
      ReferenceCountUtil.release(msg);
    }
  }

  private void fields(User current, Http2HeadersFrame frame) {
    if (hasHead) {
      trailers(current, frame.headers());
      return;
    }
    HttpResponse response;
    try {
      response = Http2Heads.response(frame.headers());
    } catch (IllegalArgumentException e) {
      current.badResponse("malformed HTTP/2: " + e.getMessage());
      return;
    }
    if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      current.informational(response);
      return;
    }
    hasHead = true;
    boolean end = frame.isEndStream();
    missing =
        toHead || response.status().code() == 304
            ? UNKNOWN
            : HttpUtil.getContentLength(response, UNKNOWN);
    if (end && missing > 0) {
      // RFC 9113 §8.1.1; an HTTP/1 client would wait for the content.
      current.badResponse("malformed HTTP/2: content-length without content");
      return;
    }
    if (end && !toHead) {
      Http2Heads.setContentLengthZero(response);
    }
    if (!end) {
      connection().inflow().announced(id(), missing);
    }
    current.responseHead(response);
    if (end && user == current) {
      current.responseEnded(EmptyHttpHeaders.INSTANCE);
    }
  }

  private void trailers(User current, Http2Headers last) {
    HttpHeaders trailers;
    try {
      trailers = Http2Heads.responseTrailers(last);
    } catch (IllegalArgumentException e) {
      user = null;
      reset();
      current.broken(new IOException("malformed trailers: " + e.getMessage()));
      return;
    }
    ended(current, trailers);
  }

  /** Ends the response, unless content is missing (RFC 9113 §8.1.1). */
  private void ended(User current, HttpHeaders trailers) {
    if (missing > 0) {
      user = null;
      reset();
      current.broken(new IOException("the response ended " + missing + " bytes too early"));
      return;
    }
    current.responseEnded(trailers);
  }

  private void data(User current, Http2DataFrame frame) {
    boolean end = frame.isEndStream();
    if (missing > 0) {
      missing = Math.max(0, missing - frame.content().readableBytes());
    }
    if (frame.content().isReadable()) {
      current.responseBody(frame.content());
    } else {
      frame.release();
    }
    if (end && user == current) {
      ended(current, EmptyHttpHeaders.INSTANCE);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (user != null) {
      readMore(user);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (user != null && sent && ctx.channel().isWritable()) {
      user.serverWritable();
    }
  }

  /** Notes a reset, which overtakes what is still in the buffer; channelInactive follows that. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof Http2ResetFrame reset && reset.errorCode() != Http2Error.NO_ERROR.code()) {
      resetWords = "RST_STREAM " + name(reset.errorCode());
      unprocessed |= reset.errorCode() == Http2Error.REFUSED_STREAM.code();
    }
    ReferenceCountUtil.release(event);
  }

  private static String name(long code) {
    Http2Error known = Http2Error.valueOf(code);
    return known == null ? Long.toString(code) : known.name();
  }

  /** Handles a violation of HTTP/2 by the server, or a head that it does not take. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    User current = user;
    Http2Exception known = Http2CodecUtil.getEmbeddedHttp2Exception(cause);
    if (current == null || cause instanceof ClosedChannelException) {
      // channelInactive follows, and knows more.
      return;
    }
    if (cause instanceof ChannelOutputShutdownException) {
      // A failed write. The response may still come, else channelInactive follows.
      connection().failed(cause);
      return;
    }
    if (known == null || hasHead) {
      user = null;
      ctx.close();
      current.broken(cause);
    } else if (known instanceof HeaderListSizeException size && size.duringDecode()) {
      current.responseHeadTooLarge();
    } else {
      current.badResponse("HTTP/2: " + known.getMessage());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    connection().closed(this);
    User current = user;
    user = null;
    if (current != null && (unprocessed || !sent) && !hasHead) {
      current.refused(resetWords == null ? "GOAWAY" : resetWords);
    } else if (current != null) {
      current.broken(resetWords == null ? connection().failure() : new IOException(resetWords));
    }
  }
}
