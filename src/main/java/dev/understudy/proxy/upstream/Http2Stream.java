package dev.understudy.proxy.upstream;

import dev.understudy.proxy.http.HeadWriter;
import dev.understudy.proxy.http.Http2Heads;
import dev.understudy.proxy.upstream.Http2ResponseState.Result;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2DataFrame;
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
 * <p>What the parts of the response mean, and its end, {@link Http2ResponseState} says.
 */
// Failed writes end the connection, and the stream with it; users are compared by identity.
@SuppressWarnings({"FutureReturnValueIgnored", "ReferenceEquality"})
final class Http2Stream extends UpstreamConnection {
  private final ConnectionPool pool;
  private final Http2Connections connections;

  /** Whether the request may be sent before the server's SETTINGS are here. */
  private final boolean early;

  private @Nullable Http2Connection connection;

  /** Writes on the stream's channel; null until there is one. */
  private @Nullable Http2RequestWriter writer;

  /** What is used instead, as the server chose HTTP/1.1; null if it did not. */
  private @Nullable Http1Connection instead;

  private final Http2ResponseState response = new Http2ResponseState();
  private long sentNanos;

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
    return response.isSent();
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
    writer = new Http2RequestWriter((Http2StreamChannel) ctx.channel(), connection().codec());
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
    if (current != null) {
      instead = new Http1Connection(pool, current);
      if (open == null) {
        instead.open();
      } else {
        instead.begin(open);
      }
    }
  }

  @Override
  public long unsent() {
    return writer == null ? 0 : writer.unsent();
  }

  @Override
  Http2StreamChannel channel() {
    return writer().channel();
  }

  private Http2RequestWriter writer() {
    return Objects.requireNonNull(writer, "no stream yet");
  }

  private Http2Connection connection() {
    return Objects.requireNonNull(connection, "no connection yet");
  }

  @Override
  public boolean isUsable() {
    return writer != null && writer.channel().isActive() && connection().isOpen();
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
    response.sent(HttpMethod.HEAD.equals(method));
    sentNanos = System.nanoTime();
    writer().head(headers, end);
    connection().sent(sentNanos);
    connection().codec().inflow().opened(id());
    read();
  }

  @Override
  public void sendBody(ByteBuf data) {
    writer().body(data);
  }

  @Override
  public void sendEnd(HttpHeaders trailers) {
    writer().end(trailers);
  }

  /** Resets the stream, or stops waiting for a connection. */
  @Override
  public void leave() {
    user = null;
    if (instead != null) {
      instead.leave();
    } else if (writer != null) {
      if (response.isSent()) {
        if (!anyByte) {
          connection().unanswered(sentNanos);
        }
        connection().streamReset();
      }
      channel().close();
    } else if (connection != null) {
      connection.waitsNoMore(this);
    }
  }

  @Override
  public void complete() {
    user = null;
    if (writer().isOpen()) {
      connection().streamReset();
      writer().reset();
    }
  }

  /** Never called: HTTP/2 has no 101 (RFC 9113 §8.6). */
  @Override
  public Channel toTunnel() {
    throw new UnsupportedOperationException("101 on a stream");
  }

  /** The stream's id; negative before its head was written. */
  int id() {
    return writer == null ? -1 : channel().stream().id();
  }

  /** Notes that the server will not process the stream, which the codec closes next. */
  void notProcessed() {
    response.excluded();
  }

  /** Closes a stream that the codec does not know, as its request was not sent. */
  void connectionGone() {
    if (!response.isSent() && writer != null) {
      channel().close();
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
    if (response.hasHead()) {
      trailers(current, frame.headers());
      return;
    }
    if (hasTooMany(frame.headers())) {
      current.tooManyFields();
      return;
    }
    Http2Heads.Response head;
    try {
      head = Http2Heads.response(frame.headers());
    } catch (IllegalArgumentException e) {
      current.badResponse("malformed HTTP/2: " + e.getMessage());
      return;
    }
    boolean end = frame.isEndStream();
    switch (response.head(head.status().code(), HttpUtil.getContentLength(head, -1L), end)) {
      case INFORMATIONAL -> current.informational(head);
      case TOO_SHORT -> current.badResponse("malformed HTTP/2: content-length without content");
      case WHOLE -> {
        if (!response.isToHead()) {
          Http2Heads.setContentLengthZero(head);
        }
        current.responseHead(head, head.costBytes());
        if (user == current) {
          current.responseEnded(EmptyHttpHeaders.INSTANCE);
        }
      }
      default -> {
        connection().codec().inflow().announced(id(), response.missing());
        current.responseHead(head, head.costBytes());
      }
    }
  }

  private boolean hasTooMany(Http2Headers fields) {
    // With :status.
    return fields.size() > pool.limits().maxHeaders() + 1;
  }

  private void trailers(User current, Http2Headers last) {
    if (hasTooMany(last)) {
      breakOff(current, "too many trailers");
      return;
    }
    HttpHeaders trailers;
    try {
      trailers = Http2Heads.responseTrailers(last);
    } catch (IllegalArgumentException e) {
      breakOff(current, "malformed trailers: " + e.getMessage());
      return;
    }
    ended(current, response.end(), trailers);
  }

  private void data(User current, Http2DataFrame frame) {
    Result result = response.content(frame.content().readableBytes(), frame.isEndStream());
    if (result == Result.BAD) {
      frame.release();
      current.badResponse("malformed HTTP/2: content before a head");
      return;
    }
    if (frame.content().isReadable()) {
      current.responseBody(frame.content());
    } else {
      frame.release();
    }
    if (result != Result.CONTENT && user == current) {
      ended(current, result, EmptyHttpHeaders.INSTANCE);
    }
  }

  private void ended(User current, Result result, HttpHeaders trailers) {
    if (result == Result.TOO_SHORT) {
      breakOff(current, "the response ended " + response.missing() + " bytes too early");
    } else {
      current.responseEnded(trailers);
    }
  }

  private void breakOff(User current, String detail) {
    user = null;
    writer().reset();
    current.broken(new IOException(detail));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (user != null) {
      readMore(user);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (user != null && response.isSent() && ctx.channel().isWritable()) {
      user.serverWritable();
    }
  }

  /** Notes a reset, which overtakes what is still in the buffer; channelInactive follows that. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof Http2ResetFrame reset) {
      response.reset(reset.errorCode());
    }
    ReferenceCountUtil.release(event);
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
    boolean tooLarge = known instanceof HeaderListSizeException size && size.duringDecode();
    switch (known == null ? Result.BROKEN : response.malformed(tooLarge)) {
      case HEAD_TOO_LARGE -> current.responseHeadTooLarge();
      case BAD -> current.badResponse("HTTP/2: " + Objects.requireNonNull(known).getMessage());
      default -> {
        user = null;
        ctx.close();
        current.broken(cause);
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    connection().closed(this);
    User current = user;
    user = null;
    if (current == null) {
      return;
    }
    String reset = response.reset();
    if (response.closed() == Result.REFUSED) {
      current.refused(reset == null ? "GOAWAY" : reset);
    } else {
      current.broken(reset == null ? connection().failure() : new IOException(reset));
    }
  }
}
