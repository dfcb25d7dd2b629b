package dev.understudy.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/** Ends connections in the two ways for which Netty has no single call. */
@SuppressWarnings("FutureReturnValueIgnored") // results of an ending do not matter
public final class SocketEnds {
  private SocketEnds() {}

  /**
   * Closes a channel at once with a TCP RST, and over TLS without close_notify, so that the peer
   * cannot take what it received for complete.
   */
  public static void reset(Channel channel) {
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    // Closing from the TLS handler's own context bypasses it; it would send close_notify first.
    ChannelHandlerContext tls = channel.pipeline().context(SslHandler.class);
    if (tls == null) {
      channel.close();
    } else {
      tls.close();
    }
  }

  /** Ends our direction and leaves the other open: TCP FIN, or TLS close_notify. */
  public static void shutOutput(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound();
    } else if (channel instanceof DuplexChannel duplex && channel.isActive()) {
      duplex.shutdownOutput();
    }
  }
}
