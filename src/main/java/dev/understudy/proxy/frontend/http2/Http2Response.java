package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.frontend.ExpressRequest;
import dev.understudy.proxy.frontend.InformationalResponses;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes the response on one HTTP/2 stream, or ends the stream without a complete one. */
// A failed write closes the stream, which channelInactive reports.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2Response implements Downstream {
  private static final String GRPC = "application/grpc";

  private final Http2Frontend front;
  private final Http2ClientStream stream;
  private final ChannelHandlerContext ctx;
  private @Nullable ExpressRequest express;
  private @Nullable ChannelFuture written;
  private @Nullable Http2WebSocket handshake;

  /**
   * A final head that is not written yet: if nothing follows it, its frame ends the stream, as gRPC
   * clients need it of a response without messages.
   */
  private @Nullable HttpResponse pending;

  private boolean informed;
  private boolean begun;

  /** Whether the final head is one of gRPC. */
  private boolean grpc;

  private boolean ended;

  /**
   * @param ctx the context of the stream's {@link Http2Frontend}
   */
  Http2Response(Http2Frontend front, Http2ClientStream stream, ChannelHandlerContext ctx) {
    this.front = front;
    this.stream = stream;
    this.ctx = ctx;
  }

  /** Sets the request whose route's steps apply to the response. */
  void by(ExpressRequest request) {
    express = request;
  }

  /** Whether the whole response was written, in either lane; the client may not have read it. */
  boolean hasEnded() {
    return ended;
  }

  /**
   * Whether the whole response has left, of a request whose body had not ended when it was written.
   */
  boolean isDelivered() {
    return written != null && written.isDone();
  }

  /** Whether the message written last was a 1xx response, in either lane. */
  boolean hasInformed() {
    return informed;
  }

  /** Whether the Gateway's final response has begun. */
  boolean hasBegun() {
    return begun;
  }

  /** Writes a message of the Gateway's response. */
  void gatewayWrites(Object msg, ChannelPromise promise) {
    boolean isFinal = !isInformational(msg);
    informed = !isFinal;
    if (isFinal && msg instanceof HttpResponse head) {
      begun = true;
      grpc = isGrpc(head);
    }
    if (msg instanceof LastHttpContent && isFinal) {
      writeLast(msg, promise);
    } else {
      ctx.write(msg, promise);
    }
  }

  private static boolean isInformational(Object msg) {
    return msg instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  @Override
  public void informational(HttpResponse response) {
    stream.moved();
    informed = true;
    ctx.writeAndFlush(InformationalResponses.of(response));
  }

  /** Writes the final head; the codec omits HTTP/1 connection fields (RFC 9113 §8.2.2). */
  @Override
  public void head(HttpResponse head) {
    stream.moved();
    informed = false;
    if (express != null) {
      express.applyToResponse(head);
    }
    grpc = isGrpc(head);
    pending = head;
  }

  private void writePending() {
    HttpResponse head = pending;
    if (head != null) {
      pending = null;
      ctx.write(head, ctx.voidPromise());
    }
  }

  @Override
  public void body(ByteBuf data) {
    stream.moved();
    writePending();
    ctx.write(new DefaultHttp2DataFrame(data, false), ctx.voidPromise());
  }

  @Override
  public void flush() {
    writePending();
    front.flushSoon();
  }

  @Override
  public void end(HttpHeaders trailers) {
    HttpResponse head = pending;
    if (head != null && trailers.isEmpty()) {
      pending = null;
      writeLast(InformationalResponses.of(head), ctx.voidPromise());
      return;
    }
    writePending();
    writeLast(
        trailers.isEmpty()
            ? LastHttpContent.EMPTY_LAST_CONTENT
            : new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, trailers),
        ctx.voidPromise());
  }

  /** Writes the end of the response, and begins to drop the remaining body, if there is one. */
  private void writeLast(Object last, ChannelPromise promise) {
    ended = true;
    if (front.responseEnded()) {
      ctx.write(last, promise);
    } else {
      written = ctx.write(last, promise.isVoid() ? ctx.newPromise() : promise);
      written.addListener(left -> front.responseDelivered());
      ctx.read();
    }
  }

  @Override
  public boolean isWritable() {
    return ctx.channel().isWritable();
  }

  /** Whether stream and connection are writable: heads do not count in a stream's flow control. */
  @Override
  public boolean isHeadWelcome() {
    return isWritable() && ctx.channel().parent().isWritable();
  }

  @Override
  public void requestRead() {
    front.readWanted();
  }

  @Override
  public void breakOff() {
    // Queued behind data that waits for the stream's window, which an immediate reset would
    // discard.
    ended = true;
    front.brokenOff();
    writePending();
    if (grpc) {
      Object last = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, grpcUnavailable());
      // A client that still sends would otherwise go on (RFC 9113 §8.1).
      ctx.writeAndFlush(last).addListener(written -> reset(Http2Error.NO_ERROR));
    } else {
      // Not INTERNAL_ERROR, for many of which the codec ends the connection, as for an attack.
      ctx.writeAndFlush(new DefaultHttp2DataFrame(false))
          .addListener(written -> reset(Http2Error.CANCEL));
    }
  }

  @Override
  public void abort() {
    reset(Http2Error.INTERNAL_ERROR);
  }

  /** Resets the stream with the HTTP/2 error code of the cause, or INTERNAL_ERROR. */
  void fail(Throwable cause) {
    Http2Exception known = Http2CodecUtil.getEmbeddedHttp2Exception(cause);
    reset(known == null ? Http2Error.INTERNAL_ERROR : known.error());
  }

  /** Resets the stream at once. */
  private void reset(Http2Error why) {
    front.over();
    if (ctx.channel().isActive()) {
      ctx.writeAndFlush(new DefaultHttp2ResetFrame(why));
      ctx.close();
    }
  }

  /** Resets the stream with NO_ERROR after the whole response (RFC 9113 §8.1). */
  void refuseRest() {
    Objects.requireNonNull(written).addListener(done -> reset(Http2Error.NO_ERROR));
  }

  /** Expects a 101, which becomes a tunnel (RFC 8441). */
  void expectTunnel(Http2WebSocket by) {
    handshake = by;
  }

  @Override
  public boolean accepts(HttpResponse response) {
    return handshake == null || Http2WebSocket.accepts(response);
  }

  @Override
  public Channel upgrade(HttpResponse switching) {
    stream.moved();
    if (express != null) {
      express.applyToResponse(switching);
    }
    front.tunnelled();
    return Http2WebSocket.open(ctx, switching);
  }

  /**
   * Whether a response is one of gRPC, which ends with its status in trailers: {@code
   * application/grpc}, also with {@code +proto} and the like, of any length. That of gRPC-Web has
   * its trailers in its body.
   */
  private static boolean isGrpc(HttpResponse head) {
    String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE);
    return type != null
        && type.regionMatches(true, 0, GRPC, 0, GRPC.length())
        && (type.length() == GRPC.length() || "+; ".indexOf(type.charAt(GRPC.length())) >= 0)
        && !head.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
  }

  /**
   * The trailers of a response that its server did not complete: UNAVAILABLE, as clients read a
   * 502, 503 or 504. A reset of the stream would be INTERNAL for them.
   */
  private static HttpHeaders grpcUnavailable() {
    return new DefaultHttpHeaders()
        .set("grpc-status", "14")
        .set("grpc-message", "the server did not complete its response");
  }
}
