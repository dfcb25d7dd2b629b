package dev.understudy.proxy.tunnel;

import dev.understudy.proxy.engine.TunnelFactory;
import dev.understudy.proxy.engine.TunnelVerdict;
import dev.understudy.proxy.eventloop.PendingBytes;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.frontend.ClientMemory;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.traffic.RequestEnd;
import io.netty.channel.Channel;

/**
 * A WebSocket, or another protocol after its upgrade, between a client and a server, relayed as two
 * streams of bytes, unchanged and without copies.
 *
 * <ul>
 *   <li>Backpressure: a side is read only while the other is writable. Once the other gets nothing
 *       more, what is read is discarded.
 *   <li>A close handshake and a half-close of the sides themselves pass unchanged; what follows
 *       them is bounded in time ({@link #LINGER_NANOS}).
 *   <li>When a {@linkplain #plan plan} is due, the tunnel is idle, or a client speaks while this
 *       replica may send its server nothing, both sides get close frames from this proxy. A planned
 *       end gives a close handshake in progress {@link Tunnels#PHASE_TIMEOUT} to finish by itself.
 *       No side gets two close frames (RFC 6455 §5.5.1).
 *   <li>If the server breaks off without a close frame, the client gets one, or is reset in the
 *       middle of a frame; unless the client had sent a close frame, that is reported. If the
 *       client breaks off, the server's side is closed.
 * </ul>
 *
 * <p>Of another protocol than WebSocket no end is known: where a WebSocket gets a close frame, both
 * sides are reset at once, so that none takes a part for the whole. The end of a side's output
 * passes on and leaves the other direction open; a side that breaks off breaks the other.
 *
 * <p>Used only on the event loop that both channels share.
 */
final class Tunnel extends SlotList.Element {
  /**
   * How long a WebSocket may be silent once a side has ended or both have sent a close frame, and
   * how long the last bytes of another protocol may take: 10 s.
   */
  static final long LINGER_NANOS = 10_000_000_000L;

  private static final long NEVER = Long.MAX_VALUE;

  final TunnelLoop loop;

  /** Whether both sides speak WebSocket. */
  final boolean webSocket;

  private final TunnelGroup group;
  private final TunnelFactory.Listener listener;
  private final ServerTraffic traffic;
  private final TunnelSide client;
  private final TunnelSide server;
  private final Channel clientChannel;
  private final Channel upstream;
  private final PendingBytes toServer;
  private ServerState made;
  private boolean touched;
  private long quietSinceNanos;
  private boolean ending;
  private RequestEnd reason = RequestEnd.TUNNEL_CLOSED;
  private TunnelVerdict pending = TunnelVerdict.STAY;
  private long closeAtNanos = NEVER;
  private boolean closeHandshakeAwaited;

  Tunnel(
      TunnelLoop loop,
      TunnelGroup group,
      Channel client,
      Channel upstream,
      ServerState made,
      boolean webSocket,
      TunnelFactory.Listener listener) {
    this.loop = loop;
    this.webSocket = webSocket;
    this.group = group;
    this.made = made;
    this.traffic = made.traffic();
    this.listener = listener;
    this.upstream = upstream;
    this.toServer = ClientMemory.toServer(client);
    this.clientChannel = client;
    ClientMemory.tunnel(client, true);
    this.client = new TunnelSide(this, client, false);
    this.server = new TunnelSide(this, upstream, true);
    this.client.join(server);
    server.join(this.client);
    quietSinceNanos = System.nanoTime();
    traffic.tunnels().incrementAndGet();
    client.pipeline().addLast(this.client);
    upstream.pipeline().addLast(server);
  }

  void start() {
    server.start();
    client.start();
  }

  /** The server when the tunnel was opened, or when it last could stay. */
  ServerState made() {
    return made;
  }

  /** Follows the server to its new incarnation. */
  void adopt(ServerState now) {
    made = now;
  }

  /** Withdraws the plan to close, if there is one. */
  void cancelClose() {
    pending = TunnelVerdict.STAY;
    closeAtNanos = NEVER;
  }

  /**
   * Plans the end of both sides; an earlier plan is never postponed.
   *
   * @param delayNanos nanoseconds from now
   */
  void plan(TunnelVerdict verdict, long delayNanos) {
    pending = verdict;
    long at = System.nanoTime() + delayNanos;
    closeAtNanos = closeAtNanos == NEVER || at - closeAtNanos < 0 ? at : closeAtNanos;
    loop.sweepSooner();
  }

  /** The verdict that is planned. */
  TunnelVerdict pending() {
    return pending;
  }

  /** Whether the tunnel needs frequent sweeps, because it ends or is about to. */
  boolean busy() {
    return ending || closeAtNanos != NEVER;
  }

  /**
   * Carries out what is due, and checks the time limits.
   *
   * @param idleNanos {@code timeouts.tunnel}
   */
  void sweep(long nowNanos, long idleNanos) {
    if (touched) {
      touched = false;
      quietSinceNanos = nowNanos;
    }
    toServer.count(PendingBytes.of(upstream));
    client.checkDeadline(nowNanos);
    server.checkDeadline(nowNanos);
    boolean planned = closeAtNanos != NEVER && nowNanos - closeAtNanos >= 0;
    if (ending && (webSocket || !planned)) {
      return;
    }
    long quiet = nowNanos - quietSinceNanos;
    if (planned) {
      due(nowNanos);
    } else if (webSocket && halfOver() && quiet > Math.min(LINGER_NANOS, idleNanos)) {
      finishBoth();
    } else if (quiet > idleNanos) {
      reason = RequestEnd.TUNNEL_IDLE;
      close(CloseFrame.GOING_AWAY);
    }
  }

  /** Postpones time limits by a pause of our own process, which does not count. */
  void forgive(long nanos) {
    quietSinceNanos += nanos;
    client.forgive(nanos);
    server.forgive(nanos);
  }

  private void due(long nowNanos) {
    if ((client.sentClose() || server.sentClose()) && !closeHandshakeAwaited) {
      closeHandshakeAwaited = true;
      closeAtNanos = nowNanos + loop.phaseTimeoutNanos;
      return;
    }
    boolean stopping = pending.why() == TunnelVerdict.Why.STOPPING;
    reason = RequestEnd.TUNNEL_TOLD;
    close(stopping ? CloseFrame.GOING_AWAY : group.closeCode());
  }

  private void close(int code) {
    ending = true;
    if (webSocket) {
      client.close(code);
      server.close(CloseFrame.GOING_AWAY);
    } else {
      client.reset();
      server.reset();
    }
  }

  private boolean halfOver() {
    return client.inputEnded() || server.inputEnded() || (client.sentClose() && server.sentClose());
  }

  private void finishBoth() {
    ending = true;
    client.finish();
    server.finish();
  }

  /**
   * Ends the tunnel if the pool is suspended by now: a process that was stopped for a while reads
   * what clients sent before any of its timers runs, and the server must get no message of it.
   */
  void clientSpeaks() {
    if (!ending && group.isSuspended()) {
      reason = RequestEnd.TUNNEL_TOLD;
      close(group.closeCode());
    }
  }

  /** Records that a side has read. */
  void touched() {
    touched = true;
  }

  void serverSpoke() {
    traffic.byteReceived(System.nanoTime());
  }

  /** Records that a side could get no close frame. */
  void closeFailed() {
    reason = RequestEnd.TUNNEL_BROKEN;
  }

  /** Handles the end of a side's input; the side may still receive. */
  void inputEnded(TunnelSide side) {
    TunnelSide other = side == client ? server : client;
    if (ending) {
      other.streamBroke();
    } else if (other.inputEnded()) {
      finishBoth();
    } else if (webSocket && side == server && !server.sentClose()) {
      serverBroke();
    } else if (side.isTlsOver()) {
      finishBoth();
    } else {
      other.shutOutput();
    }
  }

  /** Handles the close of a side's channel. */
  void gone(TunnelSide side) {
    TunnelSide other = side == client ? server : client;
    if (other.closed()) {
      ended();
    } else if (ending) {
      other.streamBroke();
    } else if (!webSocket) {
      streamGone(side, other);
    } else if (side == client || client.inputEnded()) {
      ending = true;
      other.finish();
    } else if (server.sentClose()) {
      ending = true;
      client.awaitResponse();
    } else {
      serverBroke();
    }
  }

  /** Handles the close of a side of an unknown protocol. */
  private void streamGone(TunnelSide side, TunnelSide other) {
    ending = true;
    if (!side.broke()) {
      other.finish();
      return;
    }
    other.breakOff();
    if (side == server) {
      reason = RequestEnd.TUNNEL_BROKEN;
      // A server that ended its output before is not to blame for a client that goes on.
      if (!side.inputEnded()) {
        group.serverBroke(this);
      }
    }
  }

  private void serverBroke() {
    ending = true;
    // A server that merely does not respond to the client's close frame is careless, not dead.
    boolean unexpected = !client.sentClose();
    if (unexpected) {
      reason = RequestEnd.TUNNEL_BROKEN;
    }
    client.close(group.closeCode());
    client.streamBroke();
    server.finish();
    if (unexpected) {
      group.serverBroke(this);
    }
  }

  private void ended() {
    traffic.tunnels().decrementAndGet();
    toServer.count(0);
    ClientMemory.tunnel(clientChannel, false);
    group.remove(this);
    listener.closed(reason, client.relayedBytes(), server.relayedBytes());
  }
}
