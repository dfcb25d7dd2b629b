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
 * <p>Whatever ends that lets go of the connection before anything else happens, so that no late
 * call of an old one can reach the exchange.
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

  /** Whose place is taken; null: nobody's. */
  @Nullable SelectedServer target() {
    return target;
  }

  @Nullable UpstreamConnection connection() {
    return connection;
  }

  /** The next server; the one before has been left. */
  void use(SelectedServer next) {
    target = next;
  }

  /**
   * Takes an idle connection.
   *
   * @param replayable if not, only one that was idle for less than a second will do: a new one is
   *     surer
   * @return null: there is none that will do
   */
  @Nullable UpstreamConnection takeIdle(SelectedServer to, boolean replayable, long nowNanos) {
    if (request.webSocket()) {
      return null;
    }
    UpstreamConnection spare =
        to.connections()
            .idle()
            .take(replayable ? IdleConnections.MAX_AGE_NANOS : FRESH_NANOS, nowNanos);
    if (spare != null) {
      connection = spare;
      rested = nowNanos - spare.idleSinceNanos >= FRESH_NANOS;
      spare.take(user);
    }
    return spare;
  }

  /** Opens a connection; its user is told. */
  void open(SelectedServer to) {
    to.connections().trying(engineLoop.clock());
    UpstreamConnection opened = new UpstreamConnection(to.connections(), user);
    connection = opened;
    rested = false;
    to.connections().open(opened);
  }

  /** The server was reached: those who waited for that may try too. */
  void reached(SelectedServer to) {
    if (to.connections().succeeded()) {
      engineLoop.wake();
    }
  }

  /** Whether the connection had been idle, and the server sent nothing since. */
  boolean isStale() {
    return connection != null && connection.isStale();
  }

  /** Whether the connection had been idle for so long that its server may well have closed it. */
  boolean isRested() {
    return rested;
  }

  /** Whether its server was judged DOWN after it had been chosen. */
  boolean isJudgedDown(Snapshot now) {
    SelectedServer to = target;
    // A loop that is behind still hears of what the choice knew already.
    return to != null
        && now.version() > to.version()
        && ForwardingPolicy.judgedDown(to.server(), now);
  }

  /** Gives the connection away; its end will be told to nobody here. */
  @Nullable UpstreamConnection release() {
    UpstreamConnection given = connection;
    connection = null;
    return given;
  }

  /** Cancels what is under way and gives the place back. */
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
