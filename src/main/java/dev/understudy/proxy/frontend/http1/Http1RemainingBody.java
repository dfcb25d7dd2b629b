package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.engine.ChannelClose;
import dev.understudy.proxy.frontend.RemainingBodyLimits;
import dev.understudy.proxy.frontend.RequestBodyCounter;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.HttpContent;
import org.jspecify.annotations.Nullable;

/**
 * Drops the input on one HTTP/1 connection after a response, within the bounds of {@link
 * RemainingBodyLimits}: the remaining body, or any input after the last response.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1RemainingBody {
  private final Http1Frontend front;
  private final ChannelHandlerContext ctx;
  private final Http1Pipelining pipelining;
  private final RequestBodyCounter upload;

  /** The end of the last response, once the output is to end after it; null before. */
  private @Nullable ChannelFuture written;

  /**
   * @param ctx the context of the connection's {@link Http1Handler}
   */
  Http1RemainingBody(
      Http1Frontend front,
      ChannelHandlerContext ctx,
      Http1Pipelining pipelining,
      RequestBodyCounter upload) {
    this.front = front;
    this.ctx = ctx;
    this.pipelining = pipelining;
    this.upload = upload;
  }

  /** Begins to drop input. */
  void begin() {
    upload.begin();
    front.remainingBodyBegins();
  }

  /**
   * Ends the connection after the last response; all further input is dropped. Unless the client
   * has nothing more to send, it is closed in stages (RFC 9112 §9.6): the output ends, input is
   * still read, then the connection is closed. An immediate close would respond to input that is
   * still arriving with a reset, which destroys a response that the client has not read.
   *
   * @param clear whether the client is known to have nothing more to send
   */
  void end(boolean clear) {
    pipelining.on(Http1State.Event.OUTPUT_END);
    begin();
    if (clear) {
      flushAndClose(ctx);
    } else if (written == null) {
      written = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
      written.addListener(done -> ChannelClose.shutOutput(ctx.channel()));
      ctx.read();
    }
  }

  /**
   * Flushes, and closes once everything is sent. The channel must not be read any more. The kernel
   * holds the last written bytes back until the close ({@code TCP_CORK}): a small response and the
   * FIN are sent as one segment, for one more system call.
   */
  static void flushAndClose(ChannelHandlerContext ctx) {
    if (ctx.channel() instanceof EpollSocketChannel socket && socket.isOpen()) {
      socket.config().setTcpCork(true);
    }
    ctx.flush();
    ChannelOutboundBuffer left = ctx.channel().unsafe().outboundBuffer();
    if (left == null || left.isEmpty()) {
      ctx.close();
    } else {
      ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** Drops content of the remaining body. Takes over the reference. */
  void received(HttpContent content) {
    boolean broken = content.decoderResult().isFailure();
    if (isTooMuch(content)) {
      // Over TLS the close may take a while; no request behind this body begins meanwhile.
      pipelining.on(Http1State.Event.OUTPUT_END);
      ctx.close();
    } else if (broken) {
      end(false);
    } else if (pipelining.is(Http1State.WAITING)) {
      front.remainingBodyEnded();
    }
  }

  /** Drops input after the last response. Takes over the reference. */
  void drop(Object msg) {
    if (isTooMuch(msg)) {
      ctx.close();
    }
  }

  /** Closes the connection once all written bytes are sent; no more input is expected. */
  void finish() {
    ChannelFuture last = written == null ? ctx.writeAndFlush(Unpooled.EMPTY_BUFFER) : written;
    last.addListener(ChannelFutureListener.CLOSE);
  }

  private boolean isTooMuch(Object msg) {
    front.moved();
    return upload.isMoreThan(RemainingBodyLimits.MAX_CONNECTION_BYTES, msg);
  }
}
