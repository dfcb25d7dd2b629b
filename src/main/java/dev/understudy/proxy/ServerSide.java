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
final class ServerSide {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Worker worker;
  private final ProxyRequest request;
  private final UpstreamConnection.User user;
  private @Nullable Target target;
  private @Nullable UpstreamConnection connection;
  private boolean rested;

  ServerSide(Worker worker, ProxyRequest request, UpstreamConnection.User user) {
    this.worker = worker;
    this.request = request;
    this.user = user;
  }

  /** Whose place is taken; null: nobody's. */
  @Nullable Target target() {
    return target;
  }

  @Nullable UpstreamConnection connection() {
    return connection;
  }

  /** The next server; the one before has been left. */
  void use(Target next) {
    target = next;
  }

  /**
   * Takes an idle connection.
   *
   * @param replayable if not, only one that was idle for less than a second will do: a new one is
   *     surer
   * @return null: there is none that will do
   */
  @Nullable UpstreamConnection takeIdle(Target to, boolean replayable, long nowNanos) {
    if (request.webSocket()) {
      return null;
    }
    UpstreamConnection spare =
        to.peer().idle().take(replayable ? IdleConnections.MAX_AGE_NANOS : FRESH_NANOS, nowNanos);
    if (spare != null) {
      connection = spare;
      rested = nowNanos - spare.idleSinceNanos >= FRESH_NANOS;
      spare.take(user);
    }
    return spare;
  }

  /** Opens a connection; its user is told. */
  void open(Target to) {
    to.peer().trying(worker.clock());
    UpstreamConnection opened = new UpstreamConnection(to.peer(), user);
    connection = opened;
    rested = false;
    to.peer().open(opened);
  }

  /** The server was reached: those who waited for that may try too. */
  void reached(Target to) {
    if (to.peer().succeeded()) {
      worker.wake();
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
    Target to = target;
    // A loop that is behind still hears of what the choice knew already.
    return to != null && now.version() > to.version() && Decider.judgedDown(to.server(), now);
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
    Target from = target;
    target = null;
    Engine engine = worker.engine();
    if (from != null
        && from.givePlaceBack()
        && engine.lines().waitFor(request.pool(), from.server().traffic()) > 0) {
      engine.wake(request.pool());
    }
  }
}
