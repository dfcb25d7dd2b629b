package dev.understudy.proxy.frontend;

import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.eventloop.PerEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * The open tunnels of clients that the engine does not have, as no pool is behind them: they are
 * told when the process stops. One instance in each process; thread-safe.
 */
public final class OtherTunnels {
  /** The part of the grace time that the last ones have to end. */
  private static final Duration MARGIN = Duration.ofSeconds(2);

  private static final class OfLoop {
    final EventLoop loop;

    /** What tells each of them to end. */
    final Set<Runnable> open = new HashSet<>();

    final CompletableFuture<Void> drained = new CompletableFuture<>();
    boolean stopping;

    OfLoop(EventLoop loop) {
      this.loop = loop;
    }

    CompletionStage<Void> drain(long overNanos) {
      stopping = true;
      for (Runnable each : List.copyOf(open)) {
        var unused = loop.schedule(each, Engine.random(overNanos), TimeUnit.NANOSECONDS);
      }
      completeIfEmpty();
      return drained;
    }

    void completeIfEmpty() {
      if (stopping && open.isEmpty()) {
        drained.complete(null);
      }
    }
  }

  private final PerEventLoop<OfLoop> loops = new PerEventLoop<>(OfLoop::new);

  /**
   * Adds a tunnel until it is {@linkplain #remove removed}. Call on its event loop.
   *
   * @param goAway ends it within a second where its client responds; called on that loop, at once
   *     if the process is stopping; without effect on a tunnel that has ended
   */
  public void add(EventLoop loop, Runnable goAway) {
    OfLoop all = loops.on(loop);
    all.open.add(goAway);
    if (all.stopping) {
      goAway.run();
    }
  }

  /** Removes a tunnel that has ended. Call on its event loop. */
  public void remove(EventLoop loop, Runnable goAway) {
    OfLoop all = loops.on(loop);
    all.open.remove(goAway);
    all.completeIfEmpty();
  }

  /**
   * Ends all of them, spread over the grace time less two seconds.
   *
   * @return completed when none is left
   */
  public CompletionStage<Void> drainAll(Duration grace) {
    long over = Math.max(0, grace.minus(MARGIN).toNanos());
    return loops.endOnEach(each -> each.drain(over));
  }
}
