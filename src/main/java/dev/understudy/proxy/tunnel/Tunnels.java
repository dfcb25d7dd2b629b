package dev.understudy.proxy.tunnel;

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
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongUnaryOperator;

/**
 * All open tunnels of this process: opens them, tells them when their server no longer is the one
 * to talk to ({@link TunnelVerdict}), reports those that their server broke off, and drains them
 * when we stop. One in each process; safe for any thread.
 *
 * <p>Tunnels live in lists of their event loop; only the loops are listed here.
 */
public final class Tunnels implements TunnelFactory, AutoCloseable {
  /** How long a boundary, and then the response to a close frame, is waited for. */
  static final Duration PATIENCE = Duration.ofSeconds(1);

  private final SnapshotSource snapshots;
  private final TrafficReports reports;
  private final LongUnaryOperator random;
  private final Duration patience;
  private final Map<EventLoop, TunnelLoop> loops = new ConcurrentHashMap<>();
  private final Runnable unsubscribe;

  /**
   * Starts to follow the snapshots.
   *
   * @param reports told of each tunnel whose server ended it without a close frame
   */
  public Tunnels(SnapshotSource snapshots, TrafficReports reports) {
    this(
        snapshots,
        reports,
        bound -> bound <= 0 ? 0 : ThreadLocalRandom.current().nextLong(bound),
        PATIENCE);
  }

  /**
   * For tests.
   *
   * @param random a number from 0 to below its argument, which may be 0
   */
  Tunnels(
      SnapshotSource snapshots,
      TrafficReports reports,
      LongUnaryOperator random,
      Duration patience) {
    this.patience = patience;
    this.snapshots = snapshots;
    this.reports = reports;
    this.random = random;
    unsubscribe = snapshots.subscribe(any -> loops.values().forEach(Tunnels::changed));
  }

  @Override
  public void open(
      Channel client,
      Channel upstream,
      ServerState server,
      PoolState pool,
      Stickiness held,
      Listener listener) {
    on(client.eventLoop()).open(client, upstream, server, pool, held, listener);
  }

  private TunnelLoop on(EventLoop loop) {
    return loops.computeIfAbsent(
        loop, any -> new TunnelLoop(any, snapshots, reports, random, patience));
  }

  /**
   * Tells all tunnels 1001, spread over the grace time but for the two seconds that the last ones
   * need to answer. A tunnel opened on one of these loops from now on is told at once.
   *
   * @return completed when none is left: within {@code grace} where clients answer, else at most
   *     three seconds after it
   */
  public CompletionStage<Void> drainAll(Duration grace) {
    return CompletableFuture.allOf(
        loops.entrySet().stream()
            .map(entry -> drain(entry.getKey(), entry.getValue(), grace))
            .toArray(CompletableFuture[]::new));
  }

  private static CompletableFuture<Void> drain(EventLoop loop, TunnelLoop tunnels, Duration grace) {
    try {
      loop.execute(() -> tunnels.drain(grace));
      return tunnels.drained();
    } catch (RejectedExecutionException ended) {
      // A loop that has ended took its channels with it.
      return CompletableFuture.completedFuture(null);
    }
  }

  private static void changed(TunnelLoop tunnels) {
    try {
      tunnels.changed();
    } catch (RejectedExecutionException ended) {
      // The loop ended between its being asked and the call: nothing is left to judge.
    }
  }

  /** Follows the snapshots no longer; open tunnels go on. */
  @Override
  public void close() {
    unsubscribe.run();
  }
}
