package dev.understudy.proxy.tunnel;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.proxy.engine.SelectedServer;
import dev.understudy.proxy.engine.TunnelFactory;
import dev.understudy.proxy.engine.TunnelVerdict;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.snapshot.TrafficReports;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The open tunnels of one event loop, and the one timer for them: a sweep each second, every 50 ms
 * while a tunnel is about to end, none while there are no tunnels.
 */
final class TunnelLoop {
  private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long BUSY_SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final EventLoop loop;
  private final SnapshotSource snapshots;
  private final TrafficReports reports;
  private final LongUnaryOperator random;

  /** The time that a side may take for each step of its end. */
  final long phaseTimeoutNanos;

  private final Map<TunnelGroup.Key, TunnelGroup> groups = new HashMap<>();
  private @Nullable Future<?> sweep;
  private long sweepAtNanos;
  private boolean sweeping;
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private boolean stopping;

  TunnelLoop(
      EventLoop loop,
      SnapshotSource snapshots,
      TrafficReports reports,
      LongUnaryOperator random,
      Duration phaseTimeout) {
    this.phaseTimeoutNanos = phaseTimeout.toNanos();
    this.loop = loop;
    this.snapshots = snapshots;
    this.reports = reports;
    this.random = random;
  }

  void open(
      Channel client,
      Channel upstream,
      SelectedServer to,
      boolean webSocket,
      TunnelFactory.Listener listener) {
    TunnelGroup.Key key =
        new TunnelGroup.Key(to.server().pool(), to.server().server().id(), to.stickiness());
    TunnelGroup group =
        groups.computeIfAbsent(key, any -> new TunnelGroup(any, this, to.pool(), random));
    if (sweep == null) {
      schedule(SWEEP_NANOS);
    }
    Tunnel tunnel = new Tunnel(this, group, client, upstream, to.server(), webSocket, listener);
    group.add(tunnel, snapshots.current());
    if (stopping) {
      group.stopNow(tunnel);
    }
    tunnel.start();
  }

  /** Judges all tunnels by the newest snapshot. */
  void refresh() {
    Snapshot snapshot = snapshots.current();
    groups.values().forEach(group -> group.refresh(snapshot));
  }

  /**
   * Closes all tunnels, spread so that the last is done within {@code grace} if its sides respond.
   *
   * @return completed when no tunnel is left
   */
  CompletableFuture<Void> drain(Duration grace) {
    stopping = true;
    // Closing takes up to twice that time-out: for a boundary, then for the response.
    long over = Math.max(0, grace.toNanos() - 2 * phaseTimeoutNanos);
    TunnelVerdict last = TunnelVerdict.over(TunnelVerdict.Why.STOPPING, Duration.ofNanos(over));
    groups.values().forEach(group -> group.stop(last));
    completeIfEmpty();
    return drained;
  }

  void removed(TunnelGroup group) {
    if (group.isEmpty()) {
      groups.remove(group.key());
      completeIfEmpty();
    }
  }

  /**
   * Reports to the monitor that a server broke off a tunnel, unless that incarnation of the server
   * is known to be over.
   */
  void serverBroke(TunnelGroup.Key key, long incarnation) {
    PoolState pool = snapshots.current().pool(key.pool());
    ServerState server = pool == null ? null : pool.server(key.server());
    if (server != null && server.incarnation() == incarnation) {
      reports.trouble(server, Trouble.BROKEN, snapshots.now(), "a tunnel broke");
    }
  }

  private void completeIfEmpty() {
    if (stopping && groups.isEmpty()) {
      drained.complete(null);
    }
  }

  /** The present, by the monitor's clock. */
  Instant now() {
    return snapshots.now();
  }

  /** Brings the next sweep forward, as a deadline is near. */
  void sweepSooner() {
    if (sweeping || sweep == null) {
      return;
    }
    if (sweepAtNanos - System.nanoTime() > BUSY_SWEEP_NANOS) {
      sweep.cancel(false);
      schedule(BUSY_SWEEP_NANOS);
    }
  }

  private void schedule(long inNanos) {
    sweepAtNanos = System.nanoTime() + inNanos;
    sweep = loop.schedule(this::sweep, inNanos, TimeUnit.NANOSECONDS);
  }

  private void sweep() {
    long now = System.nanoTime();
    long late = now - sweepAtNanos;
    boolean busy = false;
    sweeping = true;
    // Sweeps go on whatever fails, above all a listener: the other tunnels have their deadlines.
    try {
      for (TunnelGroup group : new ArrayList<>(groups.values())) {
        if (late > SWEEP_NANOS) {
          group.forgive(late);
        }
        busy |= group.sweep(now);
      }
    } finally {
      sweeping = false;
      sweep = null;
      if (!groups.isEmpty()) {
        schedule(busy ? BUSY_SWEEP_NANOS : SWEEP_NANOS);
      }
    }
  }
}
