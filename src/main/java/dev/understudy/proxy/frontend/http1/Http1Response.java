package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.frontend.RoutedRequest;
import dev.understudy.proxy.http.DownstreamResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/** Writes the responses on one HTTP/1 connection, one after another. */
// A failed write closes the channel, which channelInactive reports.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Response implements Downstream {
  private final Http1Frontend front;
  private final ChannelHandlerContext ctx;
  private @Nullable PlainResponseWriter plain;
  private HttpMethod method = HttpMethod.GET;
  private HttpVersion version = HttpVersion.HTTP_1_1;
  private @Nullable RoutedRequest request;
  private boolean keepAlive;
  private boolean expectsContinue;

  /** Whether the response is delimited by the end of the connection only. */
  private boolean closeDelimited;

  /**
   * @param ctx the context of the connection's {@link Http1Handler}
   */
  Http1Response(Http1Frontend front, ChannelHandlerContext ctx) {
    this.front = front;
    this.ctx = ctx;
  }

  /**
   * Begins the response to another request.
   *
   * @param keep whether the connection may be reused after the response
   * @param expects whether the client waits for "100 Continue"
   */
  void begin(HttpRequest next, boolean keep, boolean expects) {
    method = next.method();
    version = next.protocolVersion();
    request = null;
    keepAlive = keep;
    expectsContinue = expects;
  }

  /** Sets the request whose filters apply to the response. */
  void by(RoutedRequest routed) {
    request = routed;
  }

  /** Notes that the body has begun: the client no longer waits for 100. */
  void bodyBegins() {
    expectsContinue = false;
  }

  /** Makes the next response the last on the connection. */
  void isLast() {
    keepAlive = false;
  }

  @Override
  public void informational(HttpResponse response) {
    expectsContinue &= !HttpResponseStatus.CONTINUE.equals(response.status());
    front.moved();
    ctx.writeAndFlush(complete(response));
  }

  @Override
  public void head(HttpResponse head) {
    front.moved();
    applyHeaders(head);
    keepAlive = frame(head);
    if (!plain().begin(head)) {
      ctx.write(head, ctx.voidPromise());
    }
  }

  /** Frames a final head. Returns whether the connection is reusable after this response. */
  private boolean frame(HttpResponse head) {
    boolean old = HttpVersion.HTTP_1_0.equals(version);
    if (old) {
      head.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
    }
    closeDelimited = old && !head.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
    return DownstreamResponseHead.frame(head, method, version, keepAlive && !endsConnection(head));
  }

  /**
   * Whether the connection ends with this final response. Without a 100 the client may send its
   * body or omit it, so the start of the next request is unknown; after a 408 no rest of the
   * request is awaited (RFC 9110 §15.5.9).
   */
  private boolean endsConnection(HttpResponse head) {
    boolean unclear = expectsContinue || head.status().code() == 408;
    return (unclear && !front.isComplete())
        || front.isLastOfAll()
        || (request != null && request.isLast(head));
  }

  private PlainResponseWriter plain() {
    if (plain == null) {
      plain = new PlainResponseWriter(RequestCodec.encoder(ctx.pipeline()));
    }
    return plain;
  }

  private void applyHeaders(HttpResponse head) {
    if (request != null) {
      request.applyToResponse(head);
    }
  }

  @Override
  public void body(ByteBuf data) {
    front.moved();
    if (plain().isActive()) {
      plain().body(data);
    } else {
      ctx.write(data, ctx.voidPromise());
    }
  }

  @Override
  public void flush() {
    plain().flush();
    ctx.flush();
  }

  @Override
  public void end(HttpHeaders trailers) {
    boolean written = plain().isActive();
    plain().end();
    if (!written) {
      ctx.write(last(trailers), ctx.voidPromise());
    }
    request = null;
    if (keepAlive) {
      front.responseEnded();
    } else {
      front.lastResponseEnded();
    }
  }

  private static HttpContent last(HttpHeaders trailers) {
    return trailers.isEmpty()
        ? LastHttpContent.EMPTY_LAST_CONTENT
        : new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, trailers);
  }

  @Override
  public boolean isWritable() {
    return ctx.channel().isWritable();
  }

  @Override
  public boolean isHeadWelcome() {
    return isWritable();
  }

  @Override
  public void requestRead() {
    front.readWanted();
  }

  /**
   * Breaks off the response. Resets the connection only if nothing else shows the truncation, since
   * a reset could destroy bytes that the client has not read.
   */
  @Override
  public void breakOff() {
    plain().end();
    if (!closeDelimited) {
      front.lastResponseEnded();
      return;
    }
    front.broken();
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> abort());
  }

  @Override
  public void abort() {
    front.broken();
    Channel channel = ctx.channel();
    if (channel.isActive()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      // Bypasses TLS, whose close_notify would make the response look complete.
      channel.unsafe().close(channel.voidPromise());
    }
  }

  @Override
  public Channel upgrade(HttpResponse switching) {
    applyHeaders(switching);
    ctx.channel().config().setAutoRead(false);
    front.givenAway();
    ctx.writeAndFlush(complete(switching));
    return RequestCodec.removeHttp(ctx.channel());
  }

  /** Returns a 1xx as a complete message, so that the codec awaits no body (RFC 9110 §15.2). */
  private static HttpResponse complete(HttpResponse head) {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1,
        head.status(),
        Unpooled.EMPTY_BUFFER,
        head.headers(),
        EmptyHttpHeaders.INSTANCE);
  }
}
