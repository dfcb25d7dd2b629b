package dev.understudy.proxy.tunnel;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.proxy.engine.TunnelVerdict;
import dev.understudy.proxy.engine.TunnelVerdict.Kind;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.session.Stickiness;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import java.time.Duration;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The open tunnels of one event loop to one server that are judged alike.
 *
 * <p>A snapshot that changes nothing for them costs one judgement, whatever their number.
 */
final class TunnelGroup {
  /**
   * The properties that the tunnels share.
   *
   * @param held what keeps them on this server
   */
  record Key(PoolId pool, ServerId server, Stickiness held) {}

  private final Key key;
  private final TunnelLoop owner;
  private final LongUnaryOperator random;
  private @Nullable PoolState state;
  private SwitchSettings settings;
  private long idleNanos;
  private long incarnation;
  private TunnelVerdict verdict = TunnelVerdict.STAY;
  private boolean stale = true;
  private boolean stopping;
  private final SlotList<Tunnel> tunnels = new SlotList<>();

  TunnelGroup(Key key, TunnelLoop owner, PoolState pool, LongUnaryOperator random) {
    this.key = key;
    this.owner = owner;
    this.random = random;
    state = pool;
    settings = pool.pool().settings().onSwitch();
    idleNanos = pool.pool().settings().timeouts().tunnel().toNanos();
  }

  Key key() {
    return key;
  }

  boolean isEmpty() {
    return tunnels.isEmpty();
  }

  void add(Tunnel tunnel, Snapshot snapshot) {
    tunnels.add(tunnel);
    // The newest snapshot may be newer than the one by which the others were judged last.
    stale |= !judge(tunnel, snapshot.pool(key.pool())).equals(verdict);
  }

  void remove(Tunnel tunnel) {
    tunnels.remove(tunnel);
    owner.removed(this);
  }

  /** The close code for clients that have to leave their server. */
  int closeCode() {
    return settings.closeCode();
  }

  /** Reports that a server broke off its tunnel. */
  void serverBroke(Tunnel tunnel) {
    owner.serverBroke(key, tunnel.made().incarnation());
  }

  /**
   * Whether this replica is out of touch with the others by now, so that its pool is suspended.
   * This may become true without a new snapshot, by time alone.
   */
  boolean isSuspended() {
    return state != null && state.suspended();
  }

  /** Judges all tunnels again if the facts of the judgement have changed. */
  void refresh(Snapshot snapshot) {
    PoolState pool = snapshot.pool(key.pool());
    ServerState server = pool == null ? null : pool.server(key.server());
    state = pool;
    if (pool != null) {
      settings = pool.pool().settings().onSwitch();
      idleNanos = pool.pool().settings().timeouts().tunnel().toNanos();
    }
    long newIncarnation = server == null ? incarnation : server.incarnation();
    TunnelVerdict newVerdict =
        server == null
            ? TunnelVerdict.removed(settings)
            : TunnelVerdict.of(Kind.TUNNEL, server, key.held(), pool, server, settings);
    if (!stale && newIncarnation == incarnation && newVerdict.equals(verdict)) {
      return;
    }
    incarnation = newIncarnation;
    verdict = newVerdict;
    stale = false;
    tunnels.forEach(tunnel -> judge(tunnel, pool));
  }

  private TunnelVerdict judge(Tunnel tunnel, @Nullable PoolState pool) {
    ServerState server = pool == null ? null : pool.server(key.server());
    TunnelVerdict found =
        TunnelVerdict.of(Kind.TUNNEL, tunnel.made(), key.held(), pool, server, settings);
    if (found.stays() && server != null) {
      tunnel.adopt(server);
    }
    apply(tunnel, found);
    return found;
  }

  private void apply(Tunnel tunnel, TunnelVerdict found) {
    TunnelVerdict pending = tunnel.pending();
    if (stopping || (found.stays() && pending.stays())) {
      return;
    }
    if (found.stays()) {
      tunnel.cancelClose();
    } else if (pending.stays() || found.isSoonerThan(pending)) {
      long wait = found.waits(owner.now()).toNanos();
      tunnel.plan(found, wait + random.applyAsLong(found.over().toNanos()));
    }
  }

  /** Closes all tunnels, spread over the verdict's time, whatever else is judged. */
  void stop(TunnelVerdict last) {
    stopping = true;
    tunnels.forEach(tunnel -> tunnel.plan(last, random.applyAsLong(last.over().toNanos())));
  }

  /** Closes a tunnel that was opened although the process is stopping. */
  void stopNow(Tunnel tunnel) {
    stopping = true;
    tunnel.plan(TunnelVerdict.over(TunnelVerdict.Why.STOPPING, Duration.ZERO), 0);
  }

  /**
   * Sweeps all tunnels.
   *
   * @return whether any of them needs frequent sweeps
   */
  boolean sweep(long nowNanos) {
    tunnels.forEach(tunnel -> tunnel.sweep(nowNanos, idleNanos));
    return tunnels.any(Tunnel::busy);
  }

  /** Postpones time limits by a pause of our own process, which does not count. */
  void forgive(long nanos) {
    tunnels.forEach(tunnel -> tunnel.forgive(nanos));
  }
}
