package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.frontend.GatewayBridge;
import dev.understudy.proxy.frontend.InformationalResponses;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A response of the Gateway lane on one HTTP/2 stream: Reactor Netty writes its messages to the
 * stream's channel, and this adds what goes past it.
 */
// A failed write closes the stream, which the connection reports.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2GatewayResponse extends Http2Response {
  private final ChannelHandlerContext ctx;
  private @Nullable ChannelFuture written;
  private boolean begun;

  /** Whether a part of the response was dropped, for which the stream is about to be reset. */
  private boolean exhausted;

  /**
   * @param ctx the context of the stream's {@link Http2GatewayHandler}
   */
  Http2GatewayResponse(
      Http2ClientStream stream, ChannelHandlerContext ctx, Http2FrameOutput output) {
    super(stream, output);
    this.ctx = ctx;
  }

  @Override
  boolean isDelivered() {
    return written != null && written.isDone();
  }

  @Override
  long unread() {
    return ctx.channel().bytesBeforeWritable();
  }

  /** Whether the final response has begun. */
  boolean hasBegun() {
    return begun;
  }

  /** Writes a message of Reactor Netty's. */
  void write(Object msg, ChannelPromise promise) {
    boolean isFinal = !isInformational(msg);
    informed = !isFinal;
    if (isFinal && msg instanceof HttpResponse head) {
      begun = true;
      grpc = isGrpc(head);
    }
    int bytes = msg instanceof ByteBufHolder data ? data.content().readableBytes() : 0;
    if (!exhausted && bytes > 0 && output.memory().isExhausted()) {
      exhausted = true;
      exhausted();
    }
    if (exhausted) {
      GatewayBridge.discard(msg, promise);
      return;
    }
    ChannelPromise counted = output.counted(bytes, promise);
    if (isFinal && msg instanceof LastHttpContent) {
      writeLast(msg, counted);
    } else {
      ctx.write(msg, counted);
    }
  }

  private static boolean isInformational(Object msg) {
    return msg instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  /** Writes the end of the response, and begins to drop the remaining body, if there is one. */
  private void writeLast(Object last, ChannelPromise promise) {
    ended = true;
    stream.responseEnded();
    if (!stream.hasRemainingBody()) {
      ctx.write(last, promise);
    } else {
      written = ctx.write(last, promise.unvoid());
      written.addListener(left -> stream.moved());
      stream.dropUnread();
      ctx.read();
    }
  }

  @Override
  public void informational(HttpResponse response) {
    stream.moved();
    informed = true;
    ctx.writeAndFlush(InformationalResponses.of(response));
  }

  @Override
  public void head(HttpResponse head) {
    throw new IllegalStateException("Reactor Netty writes the head");
  }

  @Override
  public void body(ByteBuf data) {
    throw new IllegalStateException("Reactor Netty writes the body");
  }

  @Override
  public void end(HttpHeaders trailers) {
    throw new IllegalStateException("Reactor Netty writes the end");
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
  public void breakOff() {
    // Queued behind data that waits for the stream's window, which an immediate reset would
    // discard.
    ended = true;
    stream.over();
    stream.moved();
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
  void reset(Http2Error why) {
    stream.over();
    if (ctx.channel().isActive()) {
      ctx.writeAndFlush(new DefaultHttp2ResetFrame(why));
      ctx.close();
    }
  }

  @Override
  void refuseRest() {
    Objects.requireNonNull(written).addListener(done -> reset(Http2Error.NO_ERROR));
  }
}
