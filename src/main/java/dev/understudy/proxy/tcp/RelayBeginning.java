package dev.understudy.proxy.tcp;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolId;
import dev.understudy.proxyprotocol.ClientProxyHeader;
import dev.understudy.proxyprotocol.ProxyHeaderDecoder;
import dev.understudy.traffic.ConnectionEnd;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a relayed connection: what precedes the bytes to relay, as far as the listener
 * says, and what that tells of the client.
 *
 * <table>
 * <caption>What is awaited, in this order</caption>
 * <tr><th>awaited<th>within<th>else
 * <tr><td>a PROXY protocol header<td>{@code understudy.client.header-timeout}<td>refused
 * <tr><td>a TLS handshake<td>the same, header included<td>refused
 * <tr><td>or, without one, first bytes that tell the pool<td>the listener's {@code inspect-delay}
 *     <td>what has arrived tells it: a client that awaits the server's first bytes sends none
 * </table>
 */
final class RelayBeginning {
  private enum Awaited {
    HEADER,
    HANDSHAKE,
    FIRST_BYTES,
    NOTHING
  }

  private final TcpRelay relay;
  private final RelayLoop loop;
  private final TcpListenerContext context;
  private Awaited awaited;
  private InetSocketAddress from;
  private InetSocketAddress destination;
  private @Nullable String serverName;

  /** The pool of what the client has sent first. */
  private @Nullable PoolId byProtocol;

  private @Nullable FirstBytesPeek peek;
  private long sinceClock;

  RelayBeginning(
      TcpRelay relay, RelayLoop loop, TcpListenerContext context, SocketChannel channel) {
    this.relay = relay;
    this.loop = loop;
    this.context = context;
    this.from = channel.remoteAddress();
    this.destination = channel.localAddress();
    this.awaited = context.listener().proxyProtocol() ? Awaited.HEADER : afterHeader();
  }

  private Awaited afterHeader() {
    if (context.tls() != null) {
      return Awaited.HANDSHAKE;
    }
    return context.inspects() ? Awaited.FIRST_BYTES : Awaited.NOTHING;
  }

  /** Adds the handlers of what is awaited. */
  void install(ChannelPipeline pipeline) {
    if (awaited == Awaited.HEADER) {
      pipeline.addLast(
          new ProxyHeaderDecoder(this::proxied, () -> relay.cut(ConnectionEnd.REFUSED)));
    }
    if (context.tls() != null) {
      pipeline.addLast(context.tls().get().newHandler(pipeline.channel().alloc()));
    } else if (context.inspects()) {
      peek = new FirstBytesPeek(context, this::identified);
      pipeline.addLast(peek);
    }
  }

  /**
   * Begins to await it.
   *
   * @return false if the client was gone before its address could be read
   */
  boolean begin() {
    if (from == null || destination == null) {
      return false;
    }
    from = IpAddress.normal(from);
    sinceClock = loop.engineLoop.startTicking();
    return true;
  }

  /** The client is known to ask for that name. */
  void named(@Nullable String name) {
    serverName = name;
  }

  /** A PROXY protocol header arrived; null of one without a client. */
  private void proxied(@Nullable ClientProxyHeader header) {
    if (header != null) {
      from = header.source();
      destination = header.destination();
    }
    awaited = afterHeader();
    if (awaited == Awaited.FIRST_BYTES) {
      sinceClock = loop.engineLoop.startTicking();
    }
    relay.proxied();
  }

  /** The client's TLS handshake ended well. */
  void secured(SocketChannel channel) {
    identified(context.asksForName() ? askedName(channel) : serverName, null);
  }

  private static @Nullable String askedName(SocketChannel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null && tls.engine().getSession() instanceof ExtendedSSLSession session) {
      for (SNIServerName name : session.getRequestedServerNames()) {
        if (name instanceof SNIHostName host) {
          return host.getAsciiName();
        }
      }
    }
    return null;
  }

  private void identified(@Nullable String name, @Nullable PoolId byProtocol) {
    // A client that leaves before its header has first bytes, which are none.
    if (awaited != Awaited.HEADER) {
      serverName = name;
      this.byProtocol = byProtocol;
      awaited = Awaited.NOTHING;
      relay.proceed();
    }
  }

  /** Whether nothing is awaited any more. */
  boolean isOver() {
    return awaited == Awaited.NOTHING;
  }

  /** Checks the time limits. */
  void check(long clock) {
    boolean inspects = awaited == Awaited.FIRST_BYTES;
    Duration limit = inspects ? context.listener().inspectDelay() : loop.relays.headerTimeout;
    if (clock - sinceClock < limit.toNanos()) {
      return;
    }
    if (inspects && peek != null) {
      peek.stop();
    } else {
      relay.cut(ConnectionEnd.REFUSED);
    }
  }

  /** The client's pool, once nothing is awaited any more; null if there is none. */
  @Nullable PoolId pool() {
    return context.pool(serverName, byProtocol);
  }

  /** The client, as far as it is known by now. */
  InetSocketAddress from() {
    return from;
  }

  IpAddress clientAddress() {
    return IpAddress.of(from.getAddress());
  }

  /** The address that the client has connected to. */
  InetSocketAddress destination() {
    return destination;
  }

  /** The name that the client asks for by TLS; null if it is not known, or none. */
  @Nullable String serverName() {
    return serverName;
  }
}
