package dev.understudy.proxy.eventloop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/**
 * Tells failed writes from failed reads of a channel with {@link
 * io.netty.channel.ChannelOption#AUTO_CLOSE} off, as those to servers.
 *
 * <p>A failed write leaves such a channel open, with its output shut: what the server sent before
 * it closed can still be read, such as a response, or the reason. Who reads it has to remember the
 * failure, which has consumed the socket's error: the last read may see a clean end, which is none.
 * Each write that was pending fails with the first one.
 */
public final class FailedWrites {
  private FailedWrites() {}

  /** Whether the channel's writes go through TLS, which drops void promises. */
  public static boolean needPromises(Channel channel) {
    return channel.pipeline().get(SslHandler.class) != null;
  }

  /**
   * The promise of a write whose failure {@code exceptionCaught} gets.
   *
   * @param needed whether the channel {@linkplain #needPromises needs promises}
   */
  public static ChannelPromise promise(ChannelHandlerContext ctx, boolean needed) {
    return needed
        ? ctx.newPromise().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE)
        : ctx.voidPromise();
  }

  /**
   * Whether the exception that the channel reports is one of a write.
   *
   * @param ended whether the output has been shut on purpose, after which only reads fail
   */
  public static boolean isOne(Channel channel, boolean ended) {
    return !ended
        && channel instanceof DuplexChannel duplex
        && duplex.isOutputShutdown()
        && channel.isActive();
  }
}
