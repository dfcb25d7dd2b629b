package dev.understudy.proxyprotocol;

import dev.understudy.pool.ProxyHeader;
import io.netty.channel.Channel;
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
import org.jspecify.annotations.Nullable;

/**
 * Writes a PROXY protocol header as the first bytes of a connection to a server, before a TLS
 * handshake too; then it removes itself.
 */
public final class ProxyHeaderSender extends ChannelInboundHandlerAdapter {
  private final ProxyHeader version;

  /** Null for a connection of our own. */
  private final @Nullable InetSocketAddress client;

  private final @Nullable InetSocketAddress destination;

  private ProxyHeaderSender(
      ProxyHeader version,
      @Nullable InetSocketAddress client,
      @Nullable InetSocketAddress destination) {
    this.version = version;
    this.client = client;
    this.destination = destination;
  }

  /**
   * Adds the sender of a client's header to an empty pipeline; the next flush sends it.
   *
   * @param destination the address that the client connected to
   */
  public static void addForClient(
      ChannelPipeline pipeline,
      ProxyHeader version,
      InetSocketAddress client,
      InetSocketAddress destination) {
    pipeline.addLast(
        HAProxyMessageEncoder.INSTANCE, new ProxyHeaderSender(version, client, destination));
  }

  /**
   * Adds the sender of a probe's header to an empty pipeline; it is sent at once. As in HAProxy
   * 2.6's checks, version 1 names the connection's own addresses, and version 2 none ({@code
   * LOCAL}).
   *
   * @param version null for the first
   */
  public static void addForProbe(ChannelPipeline pipeline, @Nullable ProxyHeader version) {
    ProxyHeader used = version == null ? ProxyHeader.V1 : version;
    pipeline.addLast(HAProxyMessageEncoder.INSTANCE, new ProxyHeaderSender(used, null, null));
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // a failed write is reported to the last handler
  public void channelActive(ChannelHandlerContext ctx) {
    if (client != null && destination != null) {
      ctx.write(proxied(client, destination), ctx.voidPromise());
    } else {
      ctx.writeAndFlush(own(ctx.channel()), ctx.voidPromise());
    }
    ctx.pipeline().remove(HAProxyMessageEncoder.INSTANCE);
    ctx.fireChannelActive();
    ctx.pipeline().remove(this);
  }

  private HAProxyMessage own(Channel channel) {
    if (version == ProxyHeader.V1
        && channel.localAddress() instanceof InetSocketAddress from
        && channel.remoteAddress() instanceof InetSocketAddress to) {
      return proxied(from, to);
    }
    return new HAProxyMessage(
        wire(), HAProxyCommand.LOCAL, HAProxyProxiedProtocol.UNKNOWN, null, null, 0, 0);
  }

  private HAProxyMessage proxied(InetSocketAddress from, InetSocketAddress to) {
    boolean v4 = isV4(from) && isV4(to);
    return new HAProxyMessage(
        wire(),
        HAProxyCommand.PROXY,
        v4 ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6,
        text(from, v4),
        text(to, v4),
        from.getPort(),
        to.getPort());
  }

  private HAProxyProtocolVersion wire() {
    return version == ProxyHeader.V1 ? HAProxyProtocolVersion.V1 : HAProxyProtocolVersion.V2;
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
