package dev.understudy.proxy.front.http1;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * The end of a client's connection in stages (RFC 9112 §9.6): the output ends behind the last
 * response, input is read on, then the connection is closed. A close at once would answer what the
 * client is still sending with a reset, which destroys a response that it has not read yet.
 */
// A close that fails has closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class StagedClose {
  private final ChannelHandlerContext ctx;
  private @Nullable ChannelFuture written;

  /**
   * @param ctx the front's
   */
  StagedClose(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  /** Ends the output behind what was written; whoever calls reads on. */
  void begin() {
    if (written == null) {
      ChannelFuture last = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
      written = last;
      last.addListener(done -> endOutput(ctx.channel()));
      ctx.read();
    }
  }

  private static void endOutput(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound();
    } else if (channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    }
  }

  /** Nothing more comes that a close would answer with a reset. */
  void finish() {
    ChannelFuture last = written == null ? ctx.writeAndFlush(Unpooled.EMPTY_BUFFER) : written;
    last.addListener(ChannelFutureListener.CLOSE);
  }
}
