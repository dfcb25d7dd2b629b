package dev.understudy.proxy.tunnel;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.SnapshotSource;
import dev.understudy.monitor.TrafficReports;
import dev.understudy.proxy.TunnelFactory;
import dev.understudy.proxy.TunnelVerdict;
import dev.understudy.proxy.session.Stickiness;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
  private final Duration phaseTimeout;
  private final Map<TunnelGroup.Key, TunnelGroup> groups = new HashMap<>();
  private final AtomicBoolean refreshPosted = new AtomicBoolean();
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
    this.phaseTimeout = phaseTimeout;
    this.loop = loop;
    this.snapshots = snapshots;
    this.reports = reports;
    this.random = random;
  }

  void open(
      Channel client,
      Channel upstream,
      ServerState server,
      PoolState pool,
      Stickiness held,
      TunnelFactory.Listener listener) {
    TunnelGroup.Key key = new TunnelGroup.Key(pool.pool().id(), server.server().id(), held);
    TunnelGroup group =
        groups.computeIfAbsent(key, any -> new TunnelGroup(any, this, pool, random));
    if (sweep == null) {
      schedule(SWEEP_NANOS);
    }
    Tunnel tunnel = new Tunnel(group, client, upstream, server, listener);
    group.add(tunnel, snapshots.current());
    if (stopping) {
      group.stopNow(tunnel);
    }
    tunnel.start();
  }

  /** Schedules a new judgement by the newest snapshot. Callable from any thread. */
  void changed() {
    if (!loop.isShuttingDown() && refreshPosted.compareAndSet(false, true)) {
      try {
        loop.execute(this::refresh);
      } catch (RejectedExecutionException e) {
        // The event loop has shut down since: nothing is left to judge.
      }
    }
  }

  private void refresh() {
    refreshPosted.set(false);
    var snapshot = snapshots.current();
    groups.values().forEach(group -> group.refresh(snapshot));
  }

  /**
   * Tells all tunnels, spread so that the last is done within {@code grace} if its sides respond.
   *
   * @return completed when no tunnel is left
   */
  CompletableFuture<Void> drain(Duration grace) {
    stopping = true;
    // Telling takes up to twice that time-out: for a boundary, then for the response.
    Duration telling = phaseTimeout.multipliedBy(2);
    Duration over = grace.compareTo(telling) > 0 ? grace.minus(telling) : Duration.ZERO;
    TunnelVerdict last = TunnelVerdict.over(TunnelVerdict.Why.STOPPING, over);
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

  /** Nanoseconds that a side may take for each step of its end. */
  long phaseTimeoutNanos() {
    return phaseTimeout.toNanos();
  }

  /** Brings the next sweep forward, as a deadline is near. */
  void hasten() {
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
