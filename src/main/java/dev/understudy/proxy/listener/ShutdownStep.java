package dev.understudy.proxy.listener;

import dev.understudy.proxy.frontend.Frontend;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * One step of a stop. Each phase begins when all steps of the phase before have ended, or after
 * {@code spring.lifecycle.timeout-per-shutdown-phase}.
 *
 * <table>
 *   <caption>Phases in their order</caption>
 *   <tr><td>{@link #first}</td><td>the other replicas no longer wait for this one</td></tr>
 *   <tr><td>{@link #drainDelay}</td>
 *       <td>not ready any more, as Spring Boot has already reported, but serves until load
 *           balancers have noticed</td></tr>
 *   <tr><td>{@link #drainFrontend}, {@link #drainTunnels}</td>
 *       <td>accepts no connection, so that none can open another tunnel; requests in flight may
 *           finish</td></tr>
 *   <tr><td>{@link #drained}</td><td>no client is left: the other replicas are told</td></tr>
 *   <tr><td>Spring Boot's graceful stop</td>
 *       <td>finds nothing to do; it would cut every HTTP/1 connection without a request in Reactor
 *           Netty, and so the whole express lane</td></tr>
 * </table>
 */
public final class ShutdownStep implements SmartLifecycle {
  private static final int DRAINED = WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 256;
  private static final int DRAIN = DRAINED + 256;
  private static final int DRAIN_DELAY = DRAIN + 256;
  private static final int FIRST = DRAIN_DELAY + 256;

  /** The part of the phase kept for the last close responses, which its timeout would cut. */
  private static final Duration MARGIN = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(ShutdownStep.class);

  private final int phase;
  private final Supplier<? extends CompletionStage<?>> action;
  private volatile boolean running;

  private ShutdownStep(int phase, Supplier<? extends CompletionStage<?>> action) {
    this.phase = phase;
    this.action = action;
  }

  /** A step before all others. */
  public static ShutdownStep first(Runnable action) {
    return new ShutdownStep(
        FIRST,
        () -> {
          action.run();
          return CompletableFuture.completedFuture(null);
        });
  }

  /**
   * Waits for load balancers.
   *
   * @param delay {@code understudy.drain.delay}
   */
  static ShutdownStep drainDelay(Frontend frontend, Duration delay) {
    return new ShutdownStep(
        DRAIN_DELAY,
        () -> {
          if (frontend.isHandedOver()) {
            // No balancer sends anything: another process has the sockets.
            return CompletableFuture.completedFuture(null);
          }
          log.info(
              "Stopping: no longer ready; new connections are still accepted for {}",
              DurationStyle.SIMPLE.print(delay, ChronoUnit.MILLIS));
          frontend.stopSoon();
          return new CompletableFuture<Void>()
              .completeOnTimeout(null, delay.toMillis(), TimeUnit.MILLISECONDS);
        });
  }

  /** A step while requests in flight finish. */
  public static ShutdownStep drain(Supplier<? extends CompletionStage<?>> action) {
    return new ShutdownStep(DRAIN, action);
  }

  /** A step once no client is left. */
  public static ShutdownStep drained(Supplier<? extends CompletionStage<?>> action) {
    return new ShutdownStep(DRAINED, action);
  }

  static ShutdownStep drainFrontend(ListeningSockets listening, Frontend frontend) {
    return drain(() -> listening.close().thenCompose(closed -> frontend.drain()));
  }

  /**
   * Ends tunnels, streams and relayed connections over the phase, once no listening socket can add
   * to them.
   *
   * @param phaseTimeout {@code spring.lifecycle.timeout-per-shutdown-phase}
   */
  static ShutdownStep drainTunnels(
      ListeningSockets listening, TunnelDrain tunnels, Duration phaseTimeout) {
    Duration rest = phaseTimeout.minus(MARGIN);
    Duration grace = rest.compareTo(MARGIN) > 0 ? rest : phaseTimeout.dividedBy(2);
    return drain(() -> listening.close().thenCompose(closed -> tunnels.drainAll(grace)));
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    stop(() -> {});
  }

  @Override
  public void stop(Runnable callback) {
    running = false;
    var unused = action.get().whenComplete((nothing, failure) -> callback.run());
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return phase;
  }
}
