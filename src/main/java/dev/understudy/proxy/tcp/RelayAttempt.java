package dev.understudy.proxy.tcp;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.network.IpAddress;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.TlsOffer;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.proxy.engine.SelectedServer;
import dev.understudy.proxy.upstream.UpstreamTlsHandlers;
import dev.understudy.proxyprotocol.ProxyHeaderSender;
import dev.understudy.traffic.RetryReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a relayed connection at one server: a place there, and a channel that is connected
 * and then open, until the server is left.
 */
// Channels are compared by identity.
@SuppressWarnings({"ReferenceEquality", "FutureReturnValueIgnored"})
final class RelayAttempt {
  private final TcpRelay relay;
  private final RelayLoop loop;
  private final SelectedServer target;
  private final ServerConnections connections;
  private final RelayTimes times = new RelayTimes();
  private final long startedNanos = System.nanoTime();
  private final long startedClock;

  /** Null if this machine has no socket left for it. */
  private @Nullable TcpRelayChannel channel;

  private boolean open;

  /** The session as far as it is followed; null unless the servers are checked as PostgreSQL. */
  private @Nullable PostgresqlSession session;

  /** Begins an attempt at a server of which a place was taken. */
  RelayAttempt(TcpRelay relay, RelayLoop loop, SelectedServer target) {
    this.relay = relay;
    this.loop = loop;
    this.target = target;
    this.startedClock = loop.engineLoop.startTicking();
    this.connections = loop.connections(target.pool(), target.server());
    connections.connecting();
  }

  SelectedServer target() {
    return target;
  }

  ServerConnections connections() {
    return connections;
  }

  RelayTimes times() {
    return times;
  }

  TcpRelayChannel channel() {
    return Objects.requireNonNull(channel, "no socket");
  }

  /** Whether that is the channel to the server. */
  boolean isOf(TcpRelayChannel side) {
    return side == channel;
  }

  /** Whether the connection is made. */
  boolean isOpen() {
    return open;
  }

  boolean isTls() {
    return target.server().server().address().tls();
  }

  /**
   * Connects to the server.
   *
   * @param client to whose channel it will be joined
   * @throws io.netty.channel.ChannelException if there is no descriptor for a socket
   * @throws IllegalArgumentException if the pool's TLS cannot be used
   */
  void connect(RelayBeginning beginning, TcpRelayChannel client) {
    InetSocketAddress address = target.server().address();
    SocketChannel socket = loop.socket(address);
    TcpRelayChannel side = new TcpRelayChannel(relay, socket, true);
    channel = side;
    TcpRelayChannel.configure(socket.config());
    socket.config().setConnectTimeoutMillis(0);
    ProxyHeader header = target.pool().pool().settings().proxyProtocol();
    if (header != null) {
      ProxyHeaderSender.addForClient(
          socket.pipeline(), header, beginning.from(), beginning.destination());
    }
    if (isTls()) {
      addTls(socket);
    }
    socket.pipeline().addLast(side);
    if (client.hasEarly() || header != null || isTls()) {
      EpollSocketOperations.sendWithHandshakeAck(socket);
    }
    EpollSocketOperations.readOnceConnected(socket);
    loop.engineLoop.loop().register(socket);
    // The channel reports a success itself, once all handlers before the last have seen it.
    socket
        .connect(address)
        .addListener(
            done -> {
              if (done.cause() != null) {
                relay.failed(side, done.cause());
              }
            });
  }

  private void addTls(SocketChannel socket) {
    UpstreamTls tls = target.pool().pool().settings().tls();
    ServerAddress address = target.server().server().address();
    socket
        .pipeline()
        .addLast(
            UpstreamTlsHandlers.create(
                loop.engine.tls().apply(TlsOffer.of(tls)), tls, address, socket));
  }

  /** Whether the time to connect is over. */
  boolean isLate(long clock) {
    return clock - startedClock >= connections.pool().settings().timeouts().connect().toNanos();
  }

  /** The connection is made: the server is where the client's session is. */
  void opened(IpAddress client) {
    loop.relays.sessions.keep(connections.pool(), client, connections.server().server().id());
    if (connections.backoff().succeeded()) {
      loop.engineLoop.wake();
    }
    connections.connected();
    open = true;
    if (connections.pool().health().check() instanceof PostgresqlCheck) {
      session = new PostgresqlSession();
    }
  }

  /** No connection could be made: the next attempt at the server is not at once. */
  void failed(RetryReason reason) {
    connections.backoff().failed();
    retried(reason);
  }

  /** The client is given to another server, or to this one again. */
  void retried(RetryReason reason) {
    loop.engine.listener().retried(target.server().pool(), reason);
    target.server().traffic().retries().incrementAndGet();
  }

  /** Leaves the server, whose place others may have; closes a connection that is not open. */
  void leave() {
    if (open) {
      connections.remove(relay);
    } else {
      connections.connected();
    }
    loop.engine.givePlaceBack(target);
    if (!open && channel != null) {
      close(channel.channel());
    }
  }

  private void close(SocketChannel socket) {
    if (socket.isRegistered()) {
      socket.close();
    } else {
      loop.engine.sockets().discard(socket);
    }
  }

  /** Reports that no connection could be made. */
  void report(Trouble trouble, String detail) {
    report(trouble, System.nanoTime() - startedNanos, detail);
  }

  /** Reports what the server of an open connection has done. */
  void report(ServerBlame blame) {
    long agoNanos = blame == ServerBlame.NO_BYTE ? System.nanoTime() - startedNanos : 0;
    report(Trouble.BROKEN, agoNanos, blame.words);
  }

  private void report(Trouble trouble, long agoNanos, String detail) {
    loop.engine.trouble(target.server(), trouble, agoNanos, detail);
  }

  /**
   * Whether bytes of the client may still be passed on, by the newest snapshot and at this moment:
   * a process that was stopped for a while reads what clients sent before any of its timers runs.
   */
  boolean mayPass() {
    loop.refresh();
    connections.leaveIfSuspended();
    return !relay.isEnding();
  }

  /** Follows bytes that are about to pass. */
  void passes(boolean fromServer, ByteBuf data) {
    PostgresqlSession followed = session;
    if (followed == null) {
      return;
    }
    if (fromServer) {
      followed.received(data);
    } else {
      followed.sent(data);
    }
  }

  /** Counts bytes that have passed. */
  void passed(boolean fromServer, int bytes) {
    times.touch();
    if (fromServer) {
      connections.received(bytes);
      relay.take(RelayInput.SERVER_BYTES);
    } else {
      connections.sent(bytes);
      relay.take(RelayInput.CLIENT_BYTES);
    }
  }

  /** One read of the server's bytes is over. */
  void serverSpoke() {
    connections.traffic().byteReceived(System.nanoTime());
    if (connections.endsIdle()) {
      relay.leaveIfIdle();
    }
  }

  /** Whether it is a session between two transactions. */
  boolean isIdleSession() {
    return session != null && session.isIdle();
  }
}
