package dev.understudy.proxy.tcp;

import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.engine.SelectedServer;
import dev.understudy.proxy.engine.ServerAcquisition;
import dev.understudy.proxy.session.SessionStore.Session;
import dev.understudy.proxy.upstream.UpstreamSockets;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import io.netty.channel.ChannelException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The selection of servers for a relayed connection, and its attempts at them, one by one. */
final class RelaySelection implements ServerAcquisition.Requester {
  private final TcpRelay relay;
  private final RelayLoop loop;
  private final RelayBeginning beginning;

  /** Null before the pool is known. */
  private @Nullable PoolId pool;

  private @Nullable ServerAcquisition acquisition;

  /** The present attempt; null while there is none. */
  private @Nullable RelayAttempt attempt;

  private int attempts;

  /** The server of the last attempt; null before the first one. */
  private @Nullable ServerId lastServer;

  /** Whether a server broke the connection off before any byte. */
  private boolean brokenOff;

  RelaySelection(TcpRelay relay, RelayLoop loop, RelayBeginning beginning) {
    this.relay = relay;
    this.loop = loop;
    this.beginning = beginning;
  }

  /** Begins once the pool is known. */
  void begin(PoolId pool) {
    this.pool = pool;
    acquisition = new ServerAcquisition(loop.engineLoop, pool, this);
  }

  @Nullable PoolId pool() {
    return pool;
  }

  @Nullable RelayAttempt attempt() {
    return attempt;
  }

  /** The present attempt, where there is one. */
  RelayAttempt present() {
    return Objects.requireNonNull(attempt, "no attempt");
  }

  int attempts() {
    return attempts;
  }

  @Nullable ServerId lastServer() {
    return lastServer;
  }

  boolean brokenOff() {
    return brokenOff;
  }

  private ServerAcquisition acquisition() {
    return Objects.requireNonNull(acquisition, "no pool");
  }

  /** Looks for a server, unless the client has left. */
  void acquire() {
    if (!relay.endIfLeft()) {
      acquisition().acquire();
    }
  }

  private void await() {
    if (!relay.endIfLeft()) {
      acquisition().await();
    }
  }

  /** No server is looked for any more. */
  void stop() {
    if (acquisition != null) {
      acquisition.stop();
    }
  }

  /** Enforces {@code hold.time}. */
  void sweep() {
    if (acquisition().isHeld()) {
      acquisition().sweep();
    }
  }

  long heldNanos() {
    return acquisition == null ? 0 : acquisition.heldNanos();
  }

  /** Whether the server that is being connected to must not be used any more. */
  boolean mustLeave() {
    return !acquisition().mayGoOn(present().target());
  }

  @Override
  public @Nullable Session session(PoolState state) {
    return loop.relays.sessions.find(state, clientAddress());
  }

  @Override
  public IpAddress clientAddress() {
    return beginning.clientAddress();
  }

  @Override
  public boolean admits(PoolState state, ServerState candidate) {
    return loop.connections(state, candidate).backoff().admits();
  }

  @Override
  public void waits() {}

  @Override
  public void refused(RequestEnd why) {
    relay.cut(
        switch (why) {
          case HOLD_FULL -> ConnectionEnd.HOLD_FULL;
          case MAINTENANCE -> ConnectionEnd.MAINTENANCE;
          default -> ConnectionEnd.NO_SERVER;
        });
  }

  @Override
  public void found(SelectedServer found) {
    attempts++;
    lastServer = found.server().server().id();
    attempt = new RelayAttempt(relay, loop, found);
    relay.take(RelayInput.SERVER_FOUND);
  }

  /** Connects to the server that was found. */
  void connect(TcpRelayChannel client) {
    try {
      present().connect(beginning, client);
    } catch (ChannelException | IllegalArgumentException | OutOfMemoryError e) {
      // No file descriptor is left, or the pool's TLS cannot be used.
      relay.connectFailed(e);
    }
  }

  /** Resets the server's channel; leaves a server that no connection is made to yet. */
  void reset() {
    RelayAttempt reset = attempt;
    if (reset != null) {
      reset.channel().reset();
    }
    if (reset != null && !reset.isOpen()) {
      leave();
    }
  }

  /** Leaves the server; nothing that still comes of it counts. */
  RelayAttempt leave() {
    RelayAttempt left = present();
    attempt = null;
    left.leave();
    return left;
  }

  /**
   * Gives the attempt up, as no connection was made.
   *
   * @param cause null if the server closed it
   */
  void retry(@Nullable Throwable cause) {
    LocalFailure local = LocalFailure.of(cause);
    if (local == null) {
      retry(Trouble.CONNECT_FAILED, UpstreamSockets.reason(cause));
    } else if (local == LocalFailure.PORTS) {
      retry(Trouble.NO_PORT, local.words());
    } else {
      leave().failed(RetryReason.LOCAL_FAILURE);
      loop.engine.reports().localFailure(local);
      await();
    }
  }

  /** Gives the attempt up, and reports why. */
  void retry(Trouble trouble, String detail) {
    RelayAttempt left = leave();
    left.failed(RetryReason.CONNECT_FAILED);
    left.report(trouble, detail);
    if (acquisition().failedOn(left.target())) {
      acquire();
    } else {
      await();
    }
  }

  /** Leaves a server that broke the connection off before any byte, until that is known to live. */
  void settle() {
    brokenOff = true;
    // Taken before the report, which can start a probe at once.
    Instant since = loop.engine.snapshots().now();
    present().report(ServerBlame.NO_BYTE);
    RelayAttempt broken = leave();
    loop.awaits(relay);
    broken.retried(RetryReason.BROKEN);
    acquisition().settle(broken.target(), since, true);
  }
}
