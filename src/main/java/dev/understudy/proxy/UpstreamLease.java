package dev.understudy.proxy;

import dev.understudy.monitor.Snapshot;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.upstream.IdleConnections;
import dev.understudy.proxy.upstream.UpstreamConnection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The server that one exchange uses now, if any: its place there, and its one connection.
 *
 * <p>Every end of a use gives up the connection first, so that no late call of an old one can reach
 * the exchange.
 */
final class UpstreamLease {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final EngineLoop engineLoop;
  private final ProxyRequest request;
  private final UpstreamConnection.User user;
  private @Nullable SelectedServer target;
  private @Nullable UpstreamConnection connection;
  private boolean rested;

  UpstreamLease(EngineLoop engineLoop, ProxyRequest request, UpstreamConnection.User user) {
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

  /** Begins to use the next server; the previous one has been left. */
  void use(SelectedServer next) {
    target = next;
  }

  /**
   * Takes an idle connection.
   *
   * @param replayable whether the request may be replayed; if not, only a connection that was idle
   *     for less than a second is taken, since a new one is safer
   * @return null if no idle connection is suitable
   */
  @Nullable UpstreamConnection takeIdle(SelectedServer to, boolean replayable, long nowNanos) {
    if (request.webSocket()) {
      return null;
    }
    UpstreamConnection spare =
        to.connections()
            .take(user, replayable ? IdleConnections.MAX_AGE_NANOS : FRESH_NANOS, nowNanos);
    if (spare != null) {
      connection = spare;
      rested = nowNanos - spare.idleSinceNanos() >= FRESH_NANOS;
    }
    return spare;
  }

  /** Opens a connection; the user is called when it is open, or has failed. */
  void open(SelectedServer to) {
    to.connections().backoff().trying();
    UpstreamConnection opened = to.connections().connection(user, request.webSocket());
    connection = opened;
    rested = false;
    opened.open();
  }

  /** Records what the request is to be sent on. */
  void connected(UpstreamConnection on) {
    connection = on;
  }

  /** Records that the server was reached: requests held until then may try it too. */
  void reached(SelectedServer to) {
    if (to.connections().backoff().succeeded()) {
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
  boolean isRested() {
    return rested;
  }

  /** Whether the server was judged DOWN after it was selected. */
  boolean isJudgedDown(Snapshot now) {
    SelectedServer to = target;
    // An event loop that lags behind still receives snapshots older than the selection.
    return to != null
        && now.version() > to.version()
        && ForwardingPolicy.judgedDown(to.server(), now);
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
    Engine engine = engineLoop.engine();
    if (from != null
        && from.givePlaceBack()
        && engine.holdCounters().waitFor(request.pool(), from.server().traffic()) > 0) {
      engine.wake(request.pool());
    }
  }
}
