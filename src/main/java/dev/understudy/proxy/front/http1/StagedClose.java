package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.engine.ChannelClose;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Closes a client's connection in stages (RFC 9112 §9.6): the output ends after the last response,
 * input is still read, then the connection is closed. An immediate close would respond to input
 * that is still arriving with a reset, which destroys a response that the client has not read.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class StagedClose {
  private final ChannelHandlerContext ctx;
  private @Nullable ChannelFuture written;

  /**
   * @param ctx the context of the connection's {@link Http1Handler}
   */
  StagedClose(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  /** Ends the output after all written bytes; the caller goes on reading. */
  void begin() {
    if (written == null) {
      ChannelFuture last = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
      written = last;
      last.addListener(done -> ChannelClose.shutOutput(ctx.channel()));
      ctx.read();
    }
  }

  /**
   * Closes once all written bytes are sent; the client sends nothing more to which a close would
   * respond with a reset.
   */
  void finish() {
    ChannelFuture last = written == null ? ctx.writeAndFlush(Unpooled.EMPTY_BUFFER) : written;
    last.addListener(ChannelFutureListener.CLOSE);
  }
}
