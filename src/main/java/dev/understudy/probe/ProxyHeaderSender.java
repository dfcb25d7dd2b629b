package dev.understudy.probe;

import dev.understudy.pool.ProxyHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Begins a probe's connection with a header of the PROXY protocol, before any TLS. As in HAProxy
 * 2.6's checks, version 1 names the connection's own addresses, and version 2 none ({@code LOCAL}).
 */
final class ProxyHeaderSender extends ChannelInboundHandlerAdapter {
  /** Signature, version 2 with the command LOCAL, no address family, no length. */
  private static final byte[] LOCAL = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x20, 0x00, 0x00, 0x00
  };

  private final @Nullable ProxyHeader version;

  /**
   * Creates a sender of one header.
   *
   * @param version null for the first
   */
  ProxyHeaderSender(@Nullable ProxyHeader version) {
    this.version = version;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // a failed write is reported to the last handler
  public void channelActive(ChannelHandlerContext ctx) {
    ByteBuf header =
        version == ProxyHeader.V2
            ? Unpooled.wrappedBuffer(LOCAL)
            : Unpooled.copiedBuffer(
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
