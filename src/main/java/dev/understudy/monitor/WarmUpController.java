package dev.understudy.monitor;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.health.Observation;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.WarmUpSettings;
import dev.understudy.probe.Prober;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Warms a server up before a failback: requests one after another, until enough have a response, or
 * the time is over. What they respond does not matter: probes judge the server.
 */
final class WarmUpController {
  private static final Duration AFTER_FAILURE = Duration.ofMillis(100);
  private static final Expectation ANYTHING =
      new Expectation(Expectation.ANY_STATUS, null, null, null);

  private final MonitorContext context;
  private final Runnable warm;
  private boolean running;
  private boolean done;
  private int responses;
  // Responses to requests of an earlier warm-up are dropped.
  private long round;
  private DecisionThread.Timer end = () -> {};
  private DecisionThread.Timer pause = () -> {};

  /**
   * Creates a controller of a server that is cold.
   *
   * @param warm called on the monitor's thread when the server became warm
   */
  WarmUpController(MonitorContext context, Runnable warm) {
    this.context = context;
    this.warm = warm;
  }

  boolean isWarm() {
    return done;
  }

  /** Begins, unless the server is warm or is being warmed up. */
  void begin(WarmUpSettings settings, Pool pool, Server server, @Nullable InetAddress address) {
    if (done || running || address == null) {
      return;
    }
    running = true;
    responses = 0;
    long begun = ++round;
    Instant until = context.now().plus(settings.time());
    end = context.scheduler().schedule(settings.time(), () -> ended(begun));
    next(new Round(begun, settings, pool, server, address, until));
  }

  /** Stops a warm-up that runs; the server stays warm if it is. */
  void stop() {
    round++;
    running = false;
    end.cancel();
    pause.cancel();
  }

  /** The server is cold again. */
  void reset() {
    stop();
    done = false;
  }

  private record Round(
      long number,
      WarmUpSettings settings,
      Pool pool,
      Server server,
      InetAddress address,
      Instant until) {
    HttpCheck check() {
      String host = pool.health().check() instanceof HttpCheck http ? http.host() : null;
      return new HttpCheck(
          "GET", settings.path(), host, List.of(), ANYTHING, null, CheckConnection.DEFAULT);
    }
  }

  private void next(Round current) {
    Instant now = context.now();
    if (current.number() != round || !now.isBefore(current.until())) {
      return;
    }
    context
        .prober()
        .probe(
            new Prober.Request(
                current.server(),
                current.pool().settings().tls(),
                current.check(),
                current.address(),
                Duration.between(now, current.until()),
                now,
                null),
            response -> context.scheduler().execute(() -> responded(current, response)));
  }

  private void responded(Round current, Observation.Probe response) {
    if (current.number() != round) {
      return;
    }
    if (!response.outcome().hasResponse()) {
      pause = context.scheduler().schedule(AFTER_FAILURE, () -> next(current));
      return;
    }
    responses++;
    if (responses >= current.settings().requests()) {
      ended(current.number());
    } else {
      next(current);
    }
  }

  private void ended(long begun) {
    if (begun == round) {
      stop();
      done = true;
      warm.run();
    }
  }
}
