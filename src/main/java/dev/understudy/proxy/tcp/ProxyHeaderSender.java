package dev.understudy.proxy.tcp;

import dev.understudy.pool.ProxyHeader;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetSocketAddress;

/**
 * Writes a PROXY protocol header as the first bytes of a connection to a server, before a TLS
 * handshake too; then it removes itself. The next flush sends it.
 */
final class ProxyHeaderSender extends ChannelInboundHandlerAdapter {
  private final ProxyHeader version;
  private final InetSocketAddress client;
  private final InetSocketAddress destination;

  private ProxyHeaderSender(
      ProxyHeader version, InetSocketAddress client, InetSocketAddress destination) {
    this.version = version;
    this.client = client;
    this.destination = destination;
  }

  /**
   * Adds the sender to an empty pipeline.
   *
   * @param destination the address that the client connected to
   */
  static void install(
      ChannelPipeline pipeline,
      ProxyHeader version,
      InetSocketAddress client,
      InetSocketAddress destination) {
    pipeline.addLast(
        HAProxyMessageEncoder.INSTANCE, new ProxyHeaderSender(version, client, destination));
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // a failed write is reported to the last handler
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.write(message(), ctx.voidPromise());
    ctx.pipeline().remove(HAProxyMessageEncoder.INSTANCE);
    ctx.fireChannelActive();
    ctx.pipeline().remove(this);
  }

  private HAProxyMessage message() {
    HAProxyProtocolVersion wire =
        version == ProxyHeader.V1 ? HAProxyProtocolVersion.V1 : HAProxyProtocolVersion.V2;
    boolean v4 = isV4(client) && isV4(destination);
    return new HAProxyMessage(
        wire,
        HAProxyCommand.PROXY,
        v4 ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6,
        text(client, v4),
        text(destination, v4),
        client.getPort(),
        destination.getPort());
  }

  private static boolean isV4(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address;
  }

  /** The address; beside one of IPv6, one of IPv4 is mapped into it, as by HAProxy. */
  private static String text(InetSocketAddress address, boolean v4) {
    String text = NetUtil.toAddressString(address.getAddress());
    return isV4(address) && !v4 ? "::ffff:" + text : text;
  }
}
