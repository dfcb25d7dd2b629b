package dev.understudy.proxy;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.HealthSettings;
import java.net.SocketException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What one exchange tells the monitor of the servers it met. */
final class ServerReports {
  private final Engine engine;
  private long attemptNanos;

  ServerReports(Engine engine) {
    this.engine = engine;
  }

  /**
   * Why a connection broke, for people: of a failed connect the system's own words, without the
   * address that Netty adds to them.
   *
   * @param cause null: the server closed it
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
   * A final response came.
   *
   * @param requestSent whether all of the request has
   */
  void responded(SelectedServer from, int status, boolean requestSent) {
    if (requestSent) {
      called(from, isServersFault(status));
    }
  }

  /**
   * 501 and 505 are about the method and the version, which clients choose (as HAProxy's {@code
   * observe layer7} has it).
   */
  private static boolean isServersFault(int status) {
    return status >= 500 && status != 501 && status != 505;
  }

  /**
   * An attempt failed.
   *
   * @param requestSent whether all of the request had come: a client that keeps a part of it back
   *     can make any server late
   */
  void failed(
      SelectedServer from,
      UpstreamFailure failure,
      boolean requestSent,
      long clock,
      String detail) {
    switch (failure) {
      case CONNECT_FAILED -> {
        from.connections().failed(clock);
        trouble(from, Trouble.CONNECT_FAILED, detail);
      }
      case CONNECT_TIMED_OUT -> {
        from.connections().failed(clock);
        trouble(from, Trouble.CONNECT_TIMED_OUT, detail);
      }
      case BROKEN, ANSWER_BROKEN -> trouble(from, Trouble.BROKEN, detail);
      case RESPONSE_TIMED_OUT -> {
        if (requestSent) {
          called(from, true);
        }
      }
      case STALE, SERVER_DOWN, BAD_RESPONSE -> {}
    }
  }

  /** A request waits to be told whether that server lives. */
  void inDoubt(SelectedServer from, UpstreamFailure failure, String detail) {
    if (failure == UpstreamFailure.STALE) {
      trouble(from, Trouble.BROKEN, detail);
    }
  }

  /** What circuit breakers count. */
  private void called(SelectedServer from, boolean failed) {
    if (from.pool().pool().passive() != null) {
      Duration took = Duration.ofNanos(System.nanoTime() - attemptNanos);
      engine.reports().called(from.server(), failed, took);
    }
  }

  /** A request has waited; tells of it if the server has been silent for as long. */
  void waiting(SelectedServer on, long sinceClock, long clock, long nowNanos) {
    long fast = on.pool().pool().health().fastInterval().toNanos();
    if (clock - sinceClock >= fast
        && on.connections().isSilent(nowNanos, fast)
        && on.connections().mayTellSilence(clock, fast)) {
      trouble(on, Trouble.SILENT, "no byte while a request waits");
    }
  }

  /**
   * A response that is being relayed has stopped; tells of it if the server has been silent for as
   * long. For {@code interval} only, since nothing is wrong with a stream that has nothing to say.
   *
   * @param silentNanos since its last byte
   * @param usualNanos for which it was silent before
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
