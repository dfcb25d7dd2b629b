package dev.understudy.probe;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * Begins a probe's connection with a header of the PROXY protocol, version 1, before any TLS. It
 * names the connection's own addresses, as HAProxy 2.6 does for its checks.
 */
final class ProxyHeaderSender extends ChannelInboundHandlerAdapter {
  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // a failed write is reported to the last handler
  public void channelActive(ChannelHandlerContext ctx) {
    ByteBuf header =
        Unpooled.copiedBuffer(
            header(ctx.channel().localAddress(), ctx.channel().remoteAddress()),
            StandardCharsets.US_ASCII);
    ctx.writeAndFlush(header, ctx.voidPromise());
    ctx.fireChannelActive();
  }

  private static String header(SocketAddress from, SocketAddress to) {
    if (!(from instanceof InetSocketAddress ours && to instanceof InetSocketAddress server)) {
      return "PROXY UNKNOWN\r\n";
    }
    return "PROXY %s %s %s %d %d\r\n"
        .formatted(
            server.getAddress() instanceof Inet6Address ? "TCP6" : "TCP4",
            text(ours.getAddress()),
            text(server.getAddress()),
            ours.getPort(),
            server.getPort());
  }

  /** The address without a scope, such as {@code %eth0}. */
  private static String text(InetAddress address) {
    String text = address.getHostAddress();
    int scope = text.indexOf('%');
    return scope < 0 ? text : text.substring(0, scope);
  }
}
