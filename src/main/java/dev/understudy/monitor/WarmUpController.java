package dev.understudy.monitor;

import dev.understudy.health.Observation;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.WarmUpSettings;
import dev.understudy.probe.Prober;
import dev.understudy.recurring.Recurring;
import dev.understudy.recurring.Timers;
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
  private boolean done;
  private int responses;
  private Timers.Timer end = () -> {};

  /** Null while none is warmed up. */
  private @Nullable Recurring requests;

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
    if (done || requests != null || address == null) {
      return;
    }
    responses = 0;
    Instant until = context.now().plus(settings.time());
    end = context.scheduler().schedule(settings.time(), this::ended);
    requests =
        new Recurring(
            context.scheduler(),
            Duration.ZERO,
            null,
            piece -> request(piece, settings, pool, server, address, until));
    requests.start();
  }

  /** Stops a warm-up that runs; the server stays warm if it is. */
  void stop() {
    end.cancel();
    if (requests != null) {
      requests.stop();
    }
    requests = null;
  }

  /** The server is cold again. */
  void reset() {
    stop();
    done = false;
  }

  private Runnable request(
      Recurring.Piece piece,
      WarmUpSettings settings,
      Pool pool,
      Server server,
      InetAddress address,
      Instant until) {
    String host = pool.health().check() instanceof HttpCheck http ? http.host() : null;
    HttpCheck check =
        new HttpCheck(
            "GET", settings.path(), host, List.of(), ANYTHING, null, CheckConnection.DEFAULT);
    Instant now = context.now();
    // One that begins as the time ends has the least there is of it.
    Duration left = now.isBefore(until) ? Duration.between(now, until) : Duration.ofMillis(1);
    return context
            .prober()
            .probe(
                new Prober.Request(server, pool.settings().tls(), check, address, left, now, null),
                response -> context.scheduler().execute(() -> responded(piece, settings, response)))
        ::cancel;
  }

  private void responded(
      Recurring.Piece piece, WarmUpSettings settings, Observation.Probe response) {
    if (!piece.isInFlight()) {
      return;
    }
    if (!response.outcome().hasResponse()) {
      piece.ended(AFTER_FAILURE);
      return;
    }
    responses++;
    if (responses >= settings.requests()) {
      ended();
    } else {
      piece.ended();
    }
  }

  private void ended() {
    stop();
    done = true;
    warm.run();
  }
}
