package dev.understudy.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/**
 * Keeps a listening socket from accepting until it is opened: Reactor Netty turns accepting on as
 * soon as a socket is bound, whatever its options say.
 */
final class AcceptGate extends ChannelOutboundHandlerAdapter {
  @Override
  public void read(ChannelHandlerContext ctx) {
    // Clients wait in the kernel.
  }

  /** Lets the socket accept, unless a limit says no. Call only on its event loop. */
  static void open(Channel socket) {
    AcceptGate gate = socket.pipeline().get(AcceptGate.class);
    if (gate != null) {
      socket.pipeline().remove(gate);
      if (socket.config().isAutoRead()) {
        socket.read();
      }
    }
  }
}
