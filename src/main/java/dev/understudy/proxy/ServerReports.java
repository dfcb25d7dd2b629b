package dev.understudy.proxy;

import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.HealthSettings;
import java.net.SocketException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reports to the monitor what one exchange observed of its servers. */
final class ServerReports {
  private final Engine engine;
  private long attemptNanos;

  ServerReports(Engine engine) {
    this.engine = engine;
  }

  /**
   * The reason why a connection broke, for people: of a failed connect the operating system's
   * message, without the address that Netty adds.
   *
   * @param cause null if the server closed the connection
   */
  static String words(@Nullable Throwable cause) {
    if (cause == null) {
      return "closed by the server";
    }
    Throwable own = cause instanceof SocketException ? cause.getCause() : null;
    return String.valueOf((own == null ? cause : own).getMessage());
  }

  void attemptBegins(long nowNanos) {
    attemptNanos = nowNanos;
  }

  /**
   * Reports a final response.
   *
   * @param requestSent whether the whole request was sent before it
   */
  void responded(SelectedServer from, int status, boolean requestSent) {
    if (requestSent) {
      called(from, isServersFault(status));
    }
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
   * @param requestSent whether the whole request had arrived: a client that keeps back a part of it
   *     can make any server late
   */
  void failed(SelectedServer from, UpstreamFailure failure, boolean requestSent, String detail) {
    switch (failure) {
      case LOCAL_FAILURE -> from.connections().backoff().failed();
      case CONNECT_FAILED -> {
        from.connections().backoff().failed();
        trouble(from, Trouble.CONNECT_FAILED, detail);
      }
      case CONNECT_TIMED_OUT -> {
        from.connections().backoff().failed();
        trouble(from, Trouble.CONNECT_TIMED_OUT, detail);
      }
      case BROKEN, RESPONSE_BROKEN -> trouble(from, Trouble.BROKEN, detail);
      case RESPONSE_TIMED_OUT -> {
        if (requestSent) {
          called(from, true);
        }
      }
      case STALE, REFUSED, SERVER_DOWN, BAD_RESPONSE -> {}
    }
  }

  /** Reports that this machine had no means to make a connection. */
  void local(LocalFailure failure) {
    engine.reports().localFailure(failure);
  }

  /**
   * Reports a stale connection too, once a request is held until it is clear whether the server is
   * alive; {@link #failed} has reported all other failures.
   */
  void inDoubt(SelectedServer from, UpstreamFailure failure, String detail) {
    if (failure == UpstreamFailure.STALE) {
      trouble(from, Trouble.BROKEN, detail);
    }
  }

  /** Reports a call to the server's circuit breaker, if the pool has them. */
  private void called(SelectedServer from, boolean failed) {
    if (from.pool().pool().passive() != null) {
      Duration took = Duration.ofNanos(System.nanoTime() - attemptNanos);
      engine.reports().called(from.server(), failed, took);
    }
  }

  /**
   * Reports silence if a request has waited for {@code fast-interval} and the server has sent no
   * byte for as long.
   */
  void waiting(SelectedServer on, long sinceClock, long clock, long nowNanos) {
    long fast = on.pool().pool().health().fastInterval().toNanos();
    if (clock - sinceClock >= fast
        && on.connections().isSilent(nowNanos, fast)
        && on.connections().mayTellSilence(clock, fast)) {
      trouble(on, Trouble.SILENT, "no byte while a request waits");
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
  void stopped(SelectedServer on, long silentNanos, long usualNanos, long clock, long nowNanos) {
    HealthSettings health = on.pool().pool().health();
    long fast = health.fastInterval().toNanos();
    long unusual = silentNanos - usualNanos - fast;
    if (unusual >= 0
        && unusual < health.interval().toNanos() + fast
        && on.connections().isSilent(nowNanos, fast)
        && on.connections().mayTellSilence(clock, fast)) {
      trouble(on, Trouble.SILENT, silentNanos, "a response has stopped");
    }
  }

  private void trouble(SelectedServer from, Trouble trouble, String detail) {
    trouble(from, trouble, System.nanoTime() - attemptNanos, detail);
  }

  private void trouble(SelectedServer from, Trouble trouble, long ago, String detail) {
    String bounded = detail.length() > 200 ? detail.substring(0, 200) : detail;
    engine
        .reports()
        .trouble(from.server(), trouble, engine.snapshots().now().minusNanos(ago), bounded);
  }
}
