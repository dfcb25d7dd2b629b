package dev.understudy.proxy.tcp;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.Pool;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.upstream.ConnectBackoff;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.traffic.ConnectionEnd;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's connections to one incarnation of a server, which are judged together, and what
 * the loop knows of the server's reachability.
 */
final class ServerConnections {
  private final RelayLoop owner;
  private final SlotList<TcpRelay> open = new SlotList<>();
  private final ConnectBackoff backoff;
  private PoolState state;
  private ServerState server;
  private ConnectionVerdict verdict = ConnectionVerdict.STAY;
  private int connecting;

  /** Whether the server got bytes on any of these connections and has sent none since. */
  private boolean asked;

  private long askedAtClock;
  private boolean silenceReported;
  private long silenceReportedAtClock;
  private long bytesIn;
  private long bytesOut;

  ServerConnections(RelayLoop owner, PoolState pool, ServerState server) {
    this.owner = owner;
    this.state = pool;
    this.server = server;
    this.backoff = new ConnectBackoff(pool.pool());
  }

  /** The pool when it was last seen. */
  Pool pool() {
    return state.pool();
  }

  /** The server when it was last seen as the same one. */
  ServerState server() {
    return server;
  }

  ConnectBackoff backoff() {
    return backoff;
  }

  ServerTraffic traffic() {
    return server.traffic();
  }

  /** Whether connections have to end as soon as they are idle. */
  boolean endsIdle() {
    return verdict.untilIdle();
  }

  boolean isEmpty() {
    return open.isEmpty() && connecting == 0;
  }

  /** Counts an attempt to connect; it is admitted. */
  void connecting() {
    connecting++;
    backoff.trying();
  }

  void connected() {
    connecting--;
  }

  void add(TcpRelay relay) {
    open.add(relay);
    server.traffic().tunnels().incrementAndGet();
    if (!verdict.stays()) {
      moveAway(relay);
    }
  }

  void remove(TcpRelay relay) {
    if (open.remove(relay)) {
      server.traffic().tunnels().decrementAndGet();
    }
    flushByteCounts();
  }

  /** Judges all connections by a new state of the pool. */
  void judge(@Nullable PoolState now) {
    ServerState newest = now == null ? null : now.server(server.server().id());
    if (now != null) {
      state = now;
    }
    if (now != null && now.maintenance() != null) {
      open.forEach(relay -> relay.leaveIfExcluded(now));
    }
    ConnectionVerdict before = verdict;
    verdict =
        ConnectionVerdict.of(server, pool().mode(), pool().settings().onSwitch(), now, newest);
    if (verdict.stays() && newest != null) {
      server = newest;
    }
    if (verdict.equals(before)) {
      return;
    }
    if (!verdict.stays()) {
      open.forEach(this::moveAway);
    } else if (verdict.untilIdle()) {
      open.forEach(TcpRelay::leaveIfIdle);
    } else {
      open.forEach(TcpRelay::stay);
    }
  }

  /**
   * Resets all connections if this replica is out of touch with the others by now. It may get out
   * of touch without a new snapshot, by time alone.
   */
  void leaveIfSuspended() {
    if (state.suspended()) {
      cut(ConnectionEnd.MOVED);
    }
  }

  private void moveAway(TcpRelay relay) {
    Duration over = verdict.over();
    if (over == null || over.isZero()) {
      relay.cut(ConnectionEnd.MOVED);
    } else {
      relay.moveWithin(verdict.waits(owner.engine.snapshots().now()), over);
    }
  }

  /** Records bytes that went to the server. */
  void sent(int bytes) {
    bytesIn += bytes;
    if (!asked) {
      asked = true;
      silenceReported = false;
      askedAtClock = owner.engineLoop.startTicking();
    }
  }

  /** Records bytes that came from the server. */
  void received(int bytes) {
    bytesOut += bytes;
    asked = false;
  }

  /** Passes the counts of bytes on to the server's. */
  void flushByteCounts() {
    if (bytesIn != 0) {
      server.traffic().bytesIn().add(bytesIn);
      bytesIn = 0;
    }
    if (bytesOut != 0) {
      server.traffic().bytesOut().add(bytesOut);
      bytesOut = 0;
    }
  }

  /**
   * Reports silence if the server got bytes {@code fast-interval} ago and has sent none on any
   * connection since. Reports are made for {@code interval} and one {@code fast-interval} more,
   * since nothing is wrong with a server that has nothing to say.
   *
   * @return whether to look again
   */
  boolean checkSilence(long clock, long nowNanos) {
    if (!asked || open.isEmpty()) {
      return false;
    }
    long fast = pool().health().fastInterval().toNanos();
    long waited = clock - askedAtClock;
    if (waited >= pool().health().interval().toNanos() + 2 * fast) {
      return false;
    }
    if (waited >= fast
        && nowNanos - server.traffic().lastByteNanos() >= fast
        && (!silenceReported || clock - silenceReportedAtClock >= fast)) {
      silenceReported = true;
      silenceReportedAtClock = clock;
      owner.engine.trouble(server, Trouble.SILENT, waited, "no byte since the client's last one");
    }
    return true;
  }

  /** Carries out what is due, and ends idle connections. */
  void sweep(long nowNanos) {
    flushByteCounts();
    long idleNanos = pool().settings().timeouts().tunnel().toNanos();
    open.forEach(relay -> relay.sweep(nowNanos, idleNanos));
  }

  /** Resets all connections. */
  void cut(ConnectionEnd why) {
    open.forEach(relay -> relay.cut(why));
  }
}
