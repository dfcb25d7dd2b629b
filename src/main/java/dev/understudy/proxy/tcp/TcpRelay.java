package dev.understudy.proxy.tcp;

import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.TlsOffer;
import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.engine.SelectedServer;
import dev.understudy.proxy.engine.ServerAcquisition;
import dev.understudy.proxy.eventloop.PendingBytes;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.frontend.ClientMemory;
import dev.understudy.proxy.session.SessionStore.Session;
import dev.understudy.proxy.upstream.UpstreamSockets;
import dev.understudy.proxy.upstream.UpstreamTlsHandlers;
import dev.understudy.proxyprotocol.ClientProxyHeader;
import dev.understudy.proxyprotocol.ProxyHeaderDecoder;
import dev.understudy.proxyprotocol.ProxyHeaderSender;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client, relayed to a server on the client's event loop, without copies.
 *
 * <ul>
 *   <li>BEGINNING: PROXY protocol header, TLS handshake and what tells the client's pool are
 *       awaited, as far as the listener says: the first two within {@code
 *       understudy.client.header-timeout}, the last for the listener's {@code inspect-delay}.
 *   <li>WAITING: no server can serve; the connection is held.
 *   <li>CONNECTING: within {@code timeouts.connect}, TLS included. Nothing was sent to the server,
 *       so every failure, and every switch, leads back to the selection of a server.
 *   <li>OPEN: bytes pass. The end of one direction passes on, and leaves the other open. A reset
 *       passes on as one; what the server sent before is written first. But one that comes before
 *       the first byte of either side, as from what accepts connections for a dead server, leads
 *       back to WAITING, once: the connection is made anew when a probe shows that the server
 *       lives, or to the next server. An end by this proxy is always a reset of both sides at once,
 *       with all bytes that are not sent yet: the client must not take what it received for
 *       complete, and the server must not get what is late.
 *   <li>ENDED: final.
 * </ul>
 */
// Ends are compared by identity.
@SuppressWarnings({"ReferenceEquality", "FutureReturnValueIgnored"})
final class TcpRelay extends SlotList.Element implements ServerAcquisition.Requester {
  private enum Phase {
    BEGINNING,
    WAITING,
    CONNECTING,
    OPEN,
    ENDED
  }

  /** How long the rest may take to be written after the server broke off: 10 s. */
  private static final long LINGER_NANOS = Duration.ofSeconds(10).toNanos();

  private static final long NEVER = Long.MAX_VALUE;

  private final RelayLoop loop;
  private final TcpListenerContext context;
  private final TcpRelayChannel client;
  private final long startedNanos = System.nanoTime();
  private Phase phase = Phase.BEGINNING;
  private InetSocketAddress from;
  private InetSocketAddress destination;
  private @Nullable String serverName;

  /** The pool of what the client has sent first. */
  private @Nullable PoolId byProtocol;

  private @Nullable PoolId pool;
  private boolean awaitsHeader;

  /** Whether what tells the pool is awaited: a TLS handshake, or the client's first bytes. */
  private boolean awaitsPool;

  private @Nullable FirstBytesPeek peek;
  private @Nullable ServerAcquisition wait;

  /** The server of the last attempt; null before the first one. */
  private @Nullable SelectedServer target;

  /** Whether a place at that server is taken. */
  private boolean hasPlace;

  private @Nullable ServerConnections connections;
  private @Nullable TcpRelayChannel upstream;

  /** What waits for the server; null until the connection is open. */
  private @Nullable PendingBytes toServer;

  private int attempts;
  private long attemptNanos;
  private long markClock;
  private boolean touched;
  private long quietSinceClock;
  private long moveAtClock = NEVER;
  private boolean lingers;

  /** The session as far as it is followed; null unless the servers are checked as PostgreSQL. */
  private @Nullable PostgresqlSession postgresql;

  /** Whether a server reset the connection before any byte. */
  private boolean brokenOff;

  /** Whether the client has been told of the end of the server's output. */
  private boolean serverEnded;

  private @Nullable ConnectionEnd end;

  TcpRelay(RelayLoop loop, SocketChannel client, TcpListenerContext context) {
    this.loop = loop;
    this.context = context;
    this.client = new TcpRelayChannel(this, client, false);
    this.from = client.remoteAddress();
    this.destination = client.localAddress();
  }

  /** Builds the client's pipeline. */
  void install() {
    SocketChannel channel = client.channel();
    configure(channel.config());
    ChannelPipeline pipeline = channel.pipeline();
    awaitsHeader = context.listener().proxyProtocol();
    if (awaitsHeader) {
      pipeline.addLast(new ProxyHeaderDecoder(this::proxied, () -> cut(ConnectionEnd.REFUSED)));
    }
    if (context.tls() != null) {
      awaitsPool = true;
      pipeline.addLast(context.tls().get().newHandler(channel.alloc()));
    } else if (context.inspects()) {
      awaitsPool = true;
      peek = new FirstBytesPeek(context, this::identified);
      pipeline.addLast(peek);
    }
    pipeline.addLast(client);
  }

  private static void configure(SocketChannelConfig config) {
    config.setAutoRead(false);
    config.setAllowHalfClosure(true);
    config.setAutoClose(false);
  }

  // The beginning.

  /** The client's channel is active. */
  void accepted() {
    if (from == null || destination == null) {
      // The client was gone before its address could be read; it is counted nowhere.
      phase = Phase.ENDED;
      client.channel().close();
      return;
    }
    from = IpAddress.normal(from);
    loop.begin(this);
    markClock = loop.engineLoop.startTicking();
    if (!awaitsHeader && !awaitsPool && !client.readNow()) {
      cut(ConnectionEnd.CLIENT_GONE);
      return;
    }
    client.read();
    proceed();
  }

  /** A PROXY protocol header arrived; null of one without a client. */
  private void proxied(@Nullable ClientProxyHeader header) {
    if (header != null) {
      from = header.source();
      destination = header.destination();
    }
    if (!loop.relays.limits.admit(client.channel(), clientAddress())) {
      cut(ConnectionEnd.REFUSED);
      return;
    }
    awaitsHeader = false;
    if (peek != null) {
      markClock = loop.engineLoop.startTicking();
    }
    client.read();
    proceed();
  }

  private void identified(@Nullable String name, @Nullable PoolId byProtocol) {
    serverName = name;
    this.byProtocol = byProtocol;
    awaitsPool = false;
    proceed();
  }

  /** A TLS handshake ended. */
  void secured(TcpRelayChannel side, @Nullable Throwable cause) {
    if (side == client && cause == null) {
      identified(context.asksForName() ? askedName(side.channel()) : null, null);
      client.read();
    } else if (side == upstream && cause == null) {
      opened();
    } else if (cause != null) {
      failed(side, cause);
      side.channel().close();
    }
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

  private void proceed() {
    if (phase != Phase.BEGINNING || end != null || awaitsHeader || awaitsPool) {
      return;
    }
    pool = context.pool(serverName, byProtocol);
    if (pool == null) {
      cut(ConnectionEnd.REFUSED);
      return;
    }
    phase = Phase.WAITING;
    wait = new ServerAcquisition(loop.engineLoop, pool, this);
    wait.acquire();
  }

  // The server.

  @Override
  public @Nullable Session session(PoolState state) {
    return loop.relays.sessions.find(state, clientAddress());
  }

  @Override
  public IpAddress clientAddress() {
    return IpAddress.of(from.getAddress());
  }

  @Override
  public boolean admits(PoolState state, ServerState candidate) {
    return loop.connections(state, candidate).backoff().admits();
  }

  @Override
  public void waits() {
    phase = Phase.WAITING;
  }

  @Override
  public void refused(RequestEnd why) {
    cut(
        switch (why) {
          case HOLD_FULL -> ConnectionEnd.HOLD_FULL;
          case MAINTENANCE -> ConnectionEnd.MAINTENANCE;
          default -> ConnectionEnd.NO_SERVER;
        });
  }

  @Override
  public void found(SelectedServer found) {
    target = found;
    hasPlace = true;
    phase = Phase.CONNECTING;
    attempts++;
    attemptNanos = System.nanoTime();
    markClock = loop.engineLoop.startTicking();
    ServerConnections to = loop.connections(found.pool(), found.server());
    connections = to;
    to.connecting();
    try {
      connect(found.pool(), found.server());
    } catch (ChannelException | IllegalArgumentException | OutOfMemoryError e) {
      // No file descriptor is left, or the pool's TLS cannot be used.
      connectFailed(e);
    }
  }

  private void connect(PoolState state, ServerState to) {
    SocketChannel channel = loop.socket(to.address());
    TcpRelayChannel side = new TcpRelayChannel(this, channel, true);
    upstream = side;
    configure(channel.config());
    channel.config().setConnectTimeoutMillis(0);
    ProxyHeader header = state.pool().settings().proxyProtocol();
    if (header != null) {
      ProxyHeaderSender.addForClient(channel.pipeline(), header, from, destination);
    }
    ServerAddress configured = to.server().address();
    if (configured.tls()) {
      channel
          .pipeline()
          .addLast(
              UpstreamTlsHandlers.create(
                  loop.engine.tls().apply(TlsOffer.of(state.pool().settings().tls())),
                  state.pool().settings().tls(),
                  configured,
                  channel));
    }
    channel.pipeline().addLast(side);
    if (client.hasEarly() || header != null || configured.tls()) {
      EpollSocketOperations.sendWithHandshakeAck(channel);
    }
    EpollSocketOperations.readOnceConnected(channel);
    loop.engineLoop.loop().register(channel);
    // The channel reports a success itself, once all handlers before the last have seen it.
    channel
        .connect(to.address())
        .addListener(
            done -> {
              if (done.cause() != null && side == upstream) {
                connectFailed(done.cause());
              }
            });
  }

  /** The server's channel is active: a PROXY protocol header was written. */
  void connected(TcpRelayChannel side) {
    if (side != upstream) {
      side.channel().close();
    } else if (isTls()) {
      side.read();
    } else {
      opened();
    }
  }

  private boolean isTls() {
    return target != null && target.server().server().address().tls();
  }

  private void connectFailed(@Nullable Throwable cause) {
    LocalFailure local = LocalFailure.of(cause);
    if (local == null) {
      connectFailed(Trouble.CONNECT_FAILED, UpstreamSockets.reason(cause));
    } else if (local == LocalFailure.PORTS) {
      connectFailed(Trouble.NO_PORT, local.words());
    } else {
      connectFailed(local);
    }
  }

  /** No connection was made, for want of a resource of this machine: the client waits. */
  private void connectFailed(LocalFailure local) {
    if (wait != null && abandonFailed(RetryReason.LOCAL_FAILURE) != null) {
      loop.engine.reports().localFailure(local);
      wait.await();
    }
  }

  private void connectFailed(Trouble trouble, String detail) {
    SelectedServer to = abandonFailed(RetryReason.CONNECT_FAILED);
    if (wait != null && to != null) {
      loop.engine.trouble(to.server(), trouble, System.nanoTime() - attemptNanos, detail);
      if (wait.failedOn(to)) {
        wait.acquire();
      } else {
        wait.await();
      }
    }
  }

  /** Gives up an attempt that failed; returns its server, null if no other attempt may follow. */
  private @Nullable SelectedServer abandonFailed(RetryReason reason) {
    if (phase != Phase.CONNECTING || target == null || connections == null) {
      return null;
    }
    abandon();
    connections.backoff().failed();
    retried(target, reason);
    phase = Phase.WAITING;
    return end == null ? target : null;
  }

  private void retried(SelectedServer from, RetryReason reason) {
    loop.engine.listener().retried(from.server().pool(), reason);
    from.server().traffic().retries().incrementAndGet();
  }

  /** Gives the attempt up: nothing was sent. */
  private void abandon() {
    TcpRelayChannel side = upstream;
    upstream = null;
    if (connections != null) {
      connections.connected();
    }
    givePlaceBack();
    if (side != null && side.channel().isRegistered()) {
      side.channel().close();
    } else if (side != null) {
      loop.engine.sockets().discard(side.channel());
    }
  }

  private void givePlaceBack() {
    if (hasPlace && target != null) {
      hasPlace = false;
      loop.engine.givePlaceBack(target);
    }
  }

  /** Leads back to the selection if the server being connected to must not be used any more. */
  void reconsider() {
    if (phase == Phase.CONNECTING
        && end == null
        && wait != null
        && target != null
        && !wait.mayGoOn(target)) {
      abandon();
      phase = Phase.WAITING;
      wait.acquire();
    }
  }

  private void opened() {
    TcpRelayChannel to = upstream;
    loop.refresh();
    reconsider();
    // Either may have led to another server, whose connection is not made yet.
    if (phase != Phase.CONNECTING || to == null || to != upstream || connections == null) {
      return;
    }
    phase = Phase.OPEN;
    loop.relays.sessions.keep(
        connections.pool(), clientAddress(), connections.server().server().id());
    if (connections.backoff().succeeded()) {
      loop.engineLoop.wake();
    }
    connections.connected();
    loop.opened(this);
    quietSinceClock = loop.sweepClock();
    touched = true;
    if (toServer == null) {
      toServer = ClientMemory.toServer(client.channel());
    }
    connections.add(this);
    if (end != null) {
      return;
    }
    if (connections.pool().health().check() instanceof PostgresqlCheck) {
      postgresql = new PostgresqlSession();
    }
    client.join(to);
    to.join(client);
    if (client.inputEnded()) {
      inputEnded(client);
    }
    to.readMore();
    client.readMore();
  }

  // Bytes.

  /**
   * Whether bytes of the client may still be passed on, by the newest snapshot and at this moment:
   * a process that was stopped for a while reads what clients sent before any of its timers runs.
   */
  boolean mayPass() {
    loop.refresh();
    if (connections != null) {
      connections.leaveIfSuspended();
    }
    return end == null;
  }

  /** Follows bytes that are about to pass. */
  void passes(boolean fromServer, ByteBuf data) {
    PostgresqlSession session = postgresql;
    if (session != null) {
      if (fromServer) {
        session.received(data);
      } else {
        session.sent(data);
      }
    }
  }

  /** Counts bytes that have passed. */
  void passed(boolean fromServer, int bytes) {
    touched = true;
    if (connections != null) {
      if (fromServer) {
        connections.received(bytes);
      } else {
        connections.sent(bytes);
      }
    }
  }

  /** One read of the server's bytes is over. */
  void serverSpoke() {
    if (connections != null) {
      connections.traffic().byteReceived(System.nanoTime());
      if (connections.endsIdle()) {
        leaveIfIdle();
      }
    }
  }

  // Ends.

  /**
   * Ends a session that is between two transactions as its server does when it is stopped: the
   * client learns that it may connect anew.
   */
  void leaveIfIdle() {
    TcpRelayChannel to = upstream;
    if (phase == Phase.OPEN
        && end == null
        && to != null
        && postgresql != null
        && postgresql.isIdle()
        && !client.inputEnded()
        && !to.inputEnded()) {
      ends(ConnectionEnd.MOVED);
      lingers = true;
      client.finish(PostgresqlSession.terminated());
      to.finish(PostgresqlSession.terminate());
    }
  }

  /** Handles the end of a side's input. */
  void inputEnded(TcpRelayChannel side) {
    TcpRelayChannel to = upstream;
    if (side == to && phase == Phase.CONNECTING) {
      // During the TLS handshake, which does not end by that.
      connectFailed(Trouble.CONNECT_FAILED, UpstreamSockets.reason(null));
      return;
    }
    serverEnded |= side == to;
    if (side == to && isBrokenOff()) {
      reportBrokenOff();
    }
    if (phase == Phase.OPEN && to != null) {
      if (side == client && lingers) {
        // Bytes that it took no more of are not for another server any longer.
        serverFails(true);
      }
      TcpRelayChannel other = side == client ? to : client;
      if (other.inputEnded() || side.isTlsOver()) {
        other.finish();
        side.finish();
      } else {
        other.shutOutput();
      }
    } else if (side == client && phase != Phase.CONNECTING && !client.hasEarly()) {
      cut(ConnectionEnd.CLIENT_GONE);
    }
  }

  /** Handles a failure, before the side's channel closes. */
  void failed(TcpRelayChannel side, Throwable cause) {
    if (side == client) {
      ends(phase == Phase.BEGINNING ? ConnectionEnd.REFUSED : ConnectionEnd.CLIENT_GONE);
    } else if (phase == Phase.CONNECTING && side == upstream) {
      connectFailed(cause);
    }
  }

  /** Handles the close of a side's channel. */
  void gone(TcpRelayChannel side) {
    if (side != client && side != upstream) {
      return;
    }
    if (phase == Phase.CONNECTING && side == upstream) {
      connectFailed(Trouble.CONNECT_FAILED, UpstreamSockets.reason(null));
      return;
    }
    TcpRelayChannel other = side == client ? upstream : client;
    if (phase != Phase.OPEN || other == null || other.closed()) {
      over();
    } else if (side.broke() && side == client) {
      ends(ConnectionEnd.CLIENT_GONE);
      other.reset();
    } else if (side.broke() && !settle()) {
      serverBroke();
    }
  }

  /** Whether the server ends the connection without a byte, although its client goes on. */
  private boolean isBrokenOff() {
    return phase == Phase.OPEN
        && end == null
        && upstream != null
        && upstream.bytes() == 0
        && !client.inputEnded();
  }

  /**
   * Whether nothing has passed yet, not even an end, so that another server may have the client.
   */
  private boolean canSettle() {
    return isBrokenOff() && client.bytes() == 0 && !serverEnded && !brokenOff;
  }

  private void reportBrokenOff() {
    trouble(System.nanoTime() - attemptNanos, "closed without a byte");
  }

  private void trouble(long agoNanos, String detail) {
    if (target != null) {
      loop.engine.trouble(target.server(), Trouble.BROKEN, agoNanos, detail);
    }
  }

  /**
   * Lets the connection wait for a server again, if nothing was sent to this one. Not after an end
   * of stream: a server that says nothing may still listen.
   *
   * @return false if the reset is to be passed on
   */
  private boolean settle() {
    if (!canSettle() || target == null || connections == null || wait == null) {
      return false;
    }
    brokenOff = true;
    // Taken before the report, which can start a probe at once.
    Instant since = loop.engine.snapshots().now();
    reportBrokenOff();
    phase = Phase.WAITING;
    upstream = null;
    client.part();
    connections.remove(this);
    givePlaceBack();
    postgresql = null;
    lingers = false;
    moveAtClock = NEVER;
    loop.awaits(this);
    retried(target, RetryReason.BROKEN);
    wait.settle(target, since, true);
    return true;
  }

  /**
   * A write to the server failed. What the server sent before is still read and written to the
   * client, for as long as the client takes some of it every 10 s.
   */
  void serverTakesNoMore(TcpRelayChannel side) {
    if (phase != Phase.OPEN || side != upstream) {
      return;
    }
    if (canSettle()) {
      // What it may have sent decides, once its channel closes.
      lingers = true;
    } else {
      // A server that ended its output before is not to blame for a client that goes on.
      serverFails(!side.inputEnded());
    }
  }

  private void serverBroke() {
    serverFails(true);
    client.resetAfterWrites();
  }

  private void serverFails(boolean unexpected) {
    if (unexpected && end == null) {
      trouble(0, "a connection broke");
    }
    ends(ConnectionEnd.SERVER_FAILED);
    lingers = true;
  }

  /** Whatever closes the channels next, no server is looked for from now on. */
  private void ends(ConnectionEnd why) {
    if (end != null) {
      return;
    }
    end = why;
    if (wait != null) {
      wait.stop();
    }
  }

  /** Resets both sides at once. */
  void cut(ConnectionEnd why) {
    if (phase == Phase.ENDED) {
      return;
    }
    ends(why);
    if (phase == Phase.CONNECTING) {
      abandon();
      phase = Phase.WAITING;
    }
    if (upstream != null) {
      upstream.reset();
    }
    client.reset();
  }

  private void over() {
    if (phase == Phase.ENDED) {
      return;
    }
    if (phase == Phase.CONNECTING) {
      abandon();
    }
    boolean opened = phase == Phase.OPEN;
    phase = Phase.ENDED;
    if (wait != null) {
      wait.stop();
    }
    if (opened && connections != null) {
      connections.remove(this);
    }
    givePlaceBack();
    loop.ended(this);
    report(opened);
  }

  private void report(boolean opened) {
    ConnectionEnd why = end;
    if (why == null) {
      why = opened ? ConnectionEnd.CLOSED : ConnectionEnd.CLIENT_GONE;
    }
    loop.engine
        .listener()
        .connectionEnded(
            new ConnectionOutcome(
                context.listener().id(),
                serverName,
                pool,
                target == null ? null : target.server().server().id(),
                from,
                why,
                attempts,
                wait == null ? 0 : wait.heldNanos(),
                System.nanoTime() - startedNanos,
                client.bytes(),
                upstream == null ? 0 : upstream.bytes()));
  }

  // For the loop.

  /** Leaves a pool in maintenance, unless it serves the client all the same. */
  void leaveIfExcluded(PoolState state) {
    if (state.excludes(clientAddress())) {
      cut(ConnectionEnd.MOVED);
    }
  }

  /** The server must be left after {@code wait}, within {@code over}; no plan is postponed. */
  void moveWithin(Duration wait, Duration over) {
    long at = loop.sweepClock() + wait.toNanos() + Engine.random(over.toNanos());
    moveAtClock = Math.min(moveAtClock, at);
  }

  /** The connection may stay. */
  void stay() {
    moveAtClock = NEVER;
  }

  /** Whether what comes before the bytes to relay is awaited. */
  boolean isBeginning() {
    return phase == Phase.BEGINNING;
  }

  /** When it was accepted, by {@link System#nanoTime}. */
  long startedNanos() {
    return startedNanos;
  }

  /** Checks the time limits of a connection that is not open. */
  void checkBeginning(long clock) {
    switch (phase) {
      case BEGINNING -> {
        boolean inspects = peek != null && !awaitsHeader;
        Duration limit = inspects ? context.listener().inspectDelay() : loop.relays.headerTimeout;
        if (clock - markClock >= limit.toNanos()) {
          late();
        }
      }
      case WAITING -> {
        if (wait != null && wait.isHeld()) {
          wait.sweep();
        }
      }
      case CONNECTING -> {
        ServerConnections to = connections;
        if (to != null
            && clock - markClock >= to.pool().settings().timeouts().connect().toNanos()) {
          connectFailed(Trouble.CONNECT_TIMED_OUT, "no connection in time");
        }
      }
      default -> {}
    }
  }

  /**
   * The beginning took too long. A client that awaits the server's first bytes sends none, and
   * counts by that.
   */
  private void late() {
    if (peek == null || awaitsHeader) {
      cut(ConnectionEnd.REFUSED);
    } else {
      peek.stop();
    }
  }

  /** Checks the time limits of an open connection. */
  void sweep(long clock, long idleNanos) {
    if (toServer != null && upstream != null) {
      toServer.count(PendingBytes.of(upstream.channel()));
    }
    if (touched) {
      touched = false;
      quietSinceClock = clock;
    }
    long quiet = clock - quietSinceClock;
    if (clock >= moveAtClock) {
      cut(ConnectionEnd.MOVED);
    } else if (lingers && quiet >= LINGER_NANOS) {
      cut(ConnectionEnd.SERVER_FAILED);
    } else if (quiet >= idleNanos) {
      cut(ConnectionEnd.IDLE);
    }
  }
}
