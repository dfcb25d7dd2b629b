package dev.understudy.proxy.tunnel;

import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.engine.SelectedServer;
import dev.understudy.proxy.engine.TunnelFactory;
import dev.understudy.proxy.engine.TunnelVerdict;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.snapshot.TrafficReports;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.LongUnaryOperator;

/**
 * All open tunnels of this process: opens them, ends them when {@link TunnelVerdict} says that
 * their server must be left, reports those that their server broke off, and drains them when the
 * process stops. One instance in each process; thread-safe.
 *
 * <p>Each event loop has its own tunnels; only the event loops are listed here.
 */
public final class Tunnels implements TunnelFactory, AutoCloseable {
  /** The longest wait for a frame boundary, and then for the response to a close frame: 1 s. */
  static final Duration PHASE_TIMEOUT = Duration.ofSeconds(1);

  private final PerEventLoop<TunnelLoop> loops;
  private final Runnable unsubscribe;

  /**
   * Creates tunnels that follow the snapshots.
   *
   * @param reports receives each tunnel whose server ended it without a close frame
   */
  public Tunnels(SnapshotSource snapshots, TrafficReports reports) {
    this(snapshots, reports, Engine::random, PHASE_TIMEOUT);
  }

  /**
   * Creates tunnels with another random source, for tests.
   *
   * @param random returns a number from 0 (inclusive) to its argument (exclusive), which may be 0
   */
  Tunnels(
      SnapshotSource snapshots,
      TrafficReports reports,
      LongUnaryOperator random,
      Duration phaseTimeout) {
    loops =
        new PerEventLoop<>(loop -> new TunnelLoop(loop, snapshots, reports, random, phaseTimeout));
    unsubscribe = snapshots.subscribe(any -> loops.runOnEach(TunnelLoop::refresh));
  }

  @Override
  public void open(
      Channel client, Channel upstream, SelectedServer to, boolean webSocket, Listener listener) {
    loops.on(client.eventLoop()).open(client, upstream, to, webSocket, listener);
  }

  /**
   * Ends all tunnels, WebSockets with 1001, spread over the grace time less the two seconds that
   * the last ones need to respond. A tunnel that is opened later is closed at once.
   *
   * @return completed when no tunnel is left: within {@code grace} where clients respond, else at
   *     most three seconds after it
   */
  public CompletionStage<Void> drainAll(Duration grace) {
    return loops.endOnEach(each -> each.drain(grace));
  }

  /** Stops following the snapshots; open tunnels go on. */
  @Override
  public void close() {
    unsubscribe.run();
  }
}
