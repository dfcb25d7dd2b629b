package dev.understudy.proxy.engine;

import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.HealthSettings;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.upstream.ConnectionPool;
import dev.understudy.proxy.upstream.UpstreamConnection;
import dev.understudy.snapshot.Snapshot;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The running attempt of one exchange, if any: the server with the place taken there, the one
 * connection, and what the monitor learns of them.
 *
 * <p>Every end of an attempt gives up the connection first, so that no late call of an old one can
 * reach the exchange.
 */
final class UpstreamAttempt {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final EngineLoop engineLoop;
  private final ProxyRequest request;
  private final UpstreamConnection.User user;
  private @Nullable SelectedServer target;

  /** The connection pool of the server that was selected last. */
  private @Nullable ConnectionPool pool;

  private @Nullable UpstreamConnection connection;
  private boolean rested;
  private long begunNanos;

  UpstreamAttempt(EngineLoop engineLoop, ProxyRequest request, UpstreamConnection.User user) {
    this.engineLoop = engineLoop;
    this.request = request;
    this.user = user;
  }

  /** The server whose place is taken; null if none. */
  @Nullable SelectedServer target() {
    return target;
  }

  @Nullable UpstreamConnection connection() {
    return connection;
  }

  /**
   * Begins an attempt; the previous one has been left.
   *
   * @param nowNanos by {@link System#nanoTime}
   */
  void begin(SelectedServer next, long nowNanos) {
    target = next;
    pool = engineLoop.connections(next.pool(), next.server());
    begunNanos = nowNanos;
  }

  private ConnectionPool pool() {
    return Objects.requireNonNull(pool);
  }

  /**
   * Takes an idle connection, by preference the client's own.
   *
   * @param replayable whether the request may be replayed; if not, only a connection that was idle
   *     for less than a second is taken, since a new one is safer
   * @return null if no idle connection is suitable
   */
  @Nullable UpstreamConnection takeIdle(boolean replayable) {
    UpstreamConnection spare = pool().takeOwned(user);
    if (spare == null && request.upgrade() == null) {
      spare = pool().take(user, replayable ? Long.MAX_VALUE : FRESH_NANOS, begunNanos);
    }
    if (spare != null) {
      connection = spare;
      rested = begunNanos - spare.idleSinceNanos() >= FRESH_NANOS;
    }
    return spare;
  }

  /**
   * Opens a connection; the user is called when it is open, or has failed.
   *
   * @param replayable whether the request may be replayed
   */
  void open(boolean replayable) {
    pool().backoff().trying();
    connection = pool().connection(user, request.upgrade() != null, replayable);
    rested = false;
    connection.open();
  }

  /** Records what the request is to be sent on. */
  void connected(UpstreamConnection on) {
    connection = on;
  }

  /** Keeps the connection for this client alone. */
  void keepForClient() {
    if (connection != null) {
      connection.belongTo(request.client());
    }
  }

  /** Records that the server was reached: requests held until then may try it too. */
  void reached() {
    if (pool().backoff().succeeded()) {
      engineLoop.wake();
    }
  }

  /** Whether the connection is a reused one on which the server has sent nothing since. */
  boolean isStale() {
    return connection != null && connection.isStale();
  }

  /**
   * Whether the connection had been idle for so long (1 s or more) that its server may well have
   * closed it.
   */
  boolean isLongIdle() {
    return rested;
  }

  /**
   * Whether the attempt goes on, by a snapshot that was made after the server was selected.
   *
   * @param sent whether a byte was written to an open connection
   * @param waits whether the response's head has not come yet
   */
  AttemptVerdict verdict(Snapshot now, boolean sent, boolean waits) {
    SelectedServer to = target;
    return to == null || !isLater(now, to)
        ? AttemptVerdict.GOES_ON
        : AttemptVerdict.of(to.server(), sent, sent && waits && isSilent(to), now);
  }

  private boolean isSilent(SelectedServer on) {
    long fast = on.pool().pool().health().fastInterval().toNanos();
    return pool().isSilent(System.nanoTime(), fast);
  }

  /** An event loop that lags behind still receives snapshots older than the selection. */
  private static boolean isLater(Snapshot now, SelectedServer selected) {
    return now.version() > selected.version();
  }

  /**
   * Gives up the connection and returns it, for the caller to end its use; null if there is none.
   */
  @Nullable UpstreamConnection release() {
    UpstreamConnection given = connection;
    connection = null;
    return given;
  }

  /** Cancels the attempt and gives the place back. */
  void leave() {
    UpstreamConnection left = release();
    if (left != null) {
      left.leave();
    }
    leavePlace();
  }

  void leavePlace() {
    SelectedServer from = target;
    target = null;
    if (from != null) {
      engineLoop.engine().givePlaceBack(from);
    }
  }

  // Reports to the monitor.

  /**
   * Reports a final response.
   *
   * @param requestSent whether the whole request was sent before it
   */
  void responded(SelectedServer from, int status, boolean requestSent) {
    if (requestSent) {
      called(from, isServersFault(status));
    }
    reached();
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
      case LOCAL_FAILURE -> pool().backoff().failed();
      case CONNECT_FAILED -> {
        pool().backoff().failed();
        trouble(from, Trouble.CONNECT_FAILED, detail);
      }
      case NO_PORT -> {
        pool().backoff().failed();
        trouble(from, Trouble.NO_PORT, detail);
      }
      case CONNECT_TIMED_OUT -> {
        pool().backoff().failed();
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
    engineLoop.engine().reports().localFailure(failure);
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
    if (from.pool().pool().settings().passive() != null) {
      Duration took = Duration.ofNanos(System.nanoTime() - begunNanos);
      engineLoop.engine().reports().called(from.server(), failed, took);
    }
  }

  /**
   * Reports silence if a request has waited for {@code fast-interval} and the server has sent no
   * byte for as long.
   *
   * @param waitedNanos time since bytes last moved
   */
  void waiting(SelectedServer on, long waitedNanos, long nowNanos) {
    long fast = on.pool().pool().health().fastInterval().toNanos();
    if (waitedNanos >= fast && mayReportSilence(fast, nowNanos)) {
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
  void stopped(SelectedServer on, long silentNanos, long usualNanos, long nowNanos) {
    HealthSettings health = on.pool().pool().health();
    long fast = health.fastInterval().toNanos();
    long unusual = silentNanos - usualNanos - fast;
    if (unusual >= 0
        && unusual < health.interval().toNanos() + fast
        && mayReportSilence(fast, nowNanos)) {
      engineLoop
          .engine()
          .trouble(on.server(), Trouble.SILENT, silentNanos, "a response has stopped");
    }
  }

  private boolean mayReportSilence(long fastNanos, long nowNanos) {
    return pool().isSilent(nowNanos, fastNanos)
        && pool().mayReportSilence(engineLoop.clock(), fastNanos);
  }

  private void trouble(SelectedServer from, Trouble trouble, String detail) {
    engineLoop.engine().trouble(from.server(), trouble, System.nanoTime() - begunNanos, detail);
  }
}
