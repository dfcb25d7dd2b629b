package dev.understudy.proxy.engine;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.HealthSettings;
import java.time.Duration;

/**
 * Reports to the monitor what the attempts of one event loop show of their servers.
 *
 * <p>Silence is reported by one attempt for all of a server, once in each {@code fast-interval}.
 */
final class AttemptReports {
  private final EngineLoop engineLoop;

  AttemptReports(EngineLoop engineLoop) {
    this.engineLoop = engineLoop;
  }

  /** Reports a final response to the whole request, for the server's circuit breaker. */
  void responded(UpstreamAttempt on, int status) {
    called(on, isServersFault(status));
  }

  /**
   * Whether a status counts against the server. 501 and 505 concern the method and the version,
   * which clients choose (as in HAProxy's {@code observe layer7}).
   */
  private static boolean isServersFault(int status) {
    return status >= 500 && status != 501 && status != 505;
  }

  /**
   * Reports a failed attempt.
   *
   * @param requestEnded whether the whole request had arrived: a client that keeps back a part of
   *     it can make any server late
   */
  void failed(UpstreamAttempt on, UpstreamFailure failure, boolean requestEnded, String detail) {
    Trouble trouble = failure.trouble();
    if (trouble != null) {
      trouble(on, trouble, detail);
    } else if (failure == UpstreamFailure.RESPONSE_TIMED_OUT && requestEnded) {
      called(on, true);
    }
  }

  /**
   * Reports a stale connection too, once a request is held until it is clear whether the server is
   * alive; {@link #failed} has reported all other failures.
   */
  void inDoubt(UpstreamAttempt on, UpstreamFailure failure, String detail) {
    if (failure == UpstreamFailure.STALE) {
      trouble(on, Trouble.BROKEN, detail);
    }
  }

  private void called(UpstreamAttempt on, boolean failed) {
    if (on.target.pool().pool().settings().passive() != null) {
      Duration took = Duration.ofNanos(System.nanoTime() - on.begunNanos);
      engineLoop.engine().reports().called(on.target.server(), failed, took);
    }
  }

  /**
   * Reports silence if a request has waited for {@code fast-interval} and the server has sent no
   * byte for as long.
   *
   * @param waitedNanos time since bytes last moved
   */
  void waiting(UpstreamAttempt on, long waitedNanos, long nowNanos) {
    long fast = health(on).fastInterval().toNanos();
    if (waitedNanos >= fast && isNews(on, fast, nowNanos)) {
      trouble(on, Trouble.SILENT, "no byte came while a request was waiting");
    }
  }

  /**
   * Reports silence if a response has stopped and its server has sent no byte for {@code
   * fast-interval}. Reports are made for {@code interval} only, since nothing is wrong with a
   * stream that has nothing to send.
   *
   * @param silentNanos time since the response's last byte
   * @param usualNanos the longest earlier gap between its bytes
   */
  void stopped(UpstreamAttempt on, long silentNanos, long usualNanos, long nowNanos) {
    HealthSettings health = health(on);
    long fast = health.fastInterval().toNanos();
    long unusual = silentNanos - usualNanos - fast;
    if (unusual >= 0
        && unusual < health.interval().toNanos() + fast
        && isNews(on, fast, nowNanos)) {
      engineLoop
          .engine()
          .trouble(on.target.server(), Trouble.SILENT, silentNanos, "a response has stopped");
    }
  }

  private static HealthSettings health(UpstreamAttempt on) {
    return on.target.pool().pool().health();
  }

  private boolean isNews(UpstreamAttempt on, long fastNanos, long nowNanos) {
    return on.pool.isSilent(nowNanos, fastNanos)
        && on.pool.mayReportSilence(engineLoop.clock(), fastNanos);
  }

  private void trouble(UpstreamAttempt on, Trouble trouble, String detail) {
    engineLoop
        .engine()
        .trouble(on.target.server(), trouble, System.nanoTime() - on.begunNanos, detail);
  }
}
