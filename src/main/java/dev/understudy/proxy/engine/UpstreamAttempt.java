package dev.understudy.proxy.engine;

import static dev.understudy.proxy.engine.ExchangePhase.AWAITING;
import static dev.understudy.proxy.engine.ExchangePhase.CONNECTING;
import static dev.understudy.proxy.engine.ExchangePhase.RELAYING;

import dev.understudy.health.LocalFailure;
import dev.understudy.pool.TimeoutSettings;
import dev.understudy.proxy.engine.ExchangeEnding.Cause;
import dev.understudy.proxy.http.ConnectionAuthentication;
import dev.understudy.proxy.http.HeadWriter;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.TimeLimits;
import dev.understudy.proxy.http.UpstreamRequestHead;
import dev.understudy.proxy.upstream.ConnectionPool;
import dev.understudy.proxy.upstream.UpstreamConnection;
import dev.understudy.proxy.upstream.UpstreamSockets;
import dev.understudy.proxy.upstream.UpstreamTlsHandlers;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.traffic.RequestEnd;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of an exchange at one server: the place taken there, the one connection, and the
 * request sent on it. It ends when it fails, when the whole response has come, when it becomes a
 * tunnel, or when the exchange leaves it.
 *
 * <p>Every end of an attempt releases the connection first, so that no late call of that connection
 * has any effect.
 */
final class UpstreamAttempt {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final EngineLoop engineLoop;
  private final ForwardingExchange exchange;
  final SelectedServer target;
  final ConnectionPool pool;
  final long begunNanos;
  final AttemptTimer timer;
  final ResponseRelay response;

  /** Null before there is one, and from the end of the attempt on. */
  private @Nullable UpstreamConnection connection;

  private boolean rested;

  /**
   * Creates an attempt, which has the place that was taken.
   *
   * @param begunNanos when it began, by {@link System#nanoTime}
   */
  UpstreamAttempt(
      EngineLoop engineLoop, ForwardingExchange exchange, SelectedServer target, long begunNanos) {
    this.engineLoop = engineLoop;
    this.exchange = exchange;
    this.target = target;
    this.pool = engineLoop.connections(target.pool(), target.server());
    this.begunNanos = begunNanos;
    this.timer = new AttemptTimer(engineLoop.ticks());
    this.response = new ResponseRelay(engineLoop, exchange, this);
  }

  @Nullable UpstreamConnection connection() {
    return connection;
  }

  /** The connection that the request's head was sent on; null if there is none. */
  @Nullable UpstreamConnection sending() {
    return exchange.phase() == CONNECTING ? null : connection;
  }

  /**
   * Whether the connection had been idle for so long (1 s or more) that its server may well have
   * closed it.
   */
  boolean isLongIdle() {
    return rested;
  }

  /** Whether the attempt runs, and has come to that phase. */
  boolean isIn(ExchangePhase phase) {
    return connection != null && exchange.phase() == phase;
  }

  void enter(ExchangePhase next) {
    exchange.enter(next);
    timer.begin();
  }

  // The connection.

  /** Takes an idle connection, or opens one, and sends the request. */
  void start() {
    boolean replayable = exchange.toServer.isReplayable();
    // After a failed attempt a new connection is safer than an idle one.
    UpstreamConnection spare = exchange.outcome.sends() > 0 ? null : takeIdle(replayable);
    exchange.outcome.attempt(target, spare != null);
    connection = spare;
    if (spare == null) {
      open(replayable);
    } else if (replayable) {
      send(spare);
    } else {
      // A close of this connection that came before the request is then known, and costs nothing.
      engineLoop.afterInput(() -> pendingInputRead(spare));
    }
  }

  /**
   * Takes an idle connection, by preference the client's own.
   *
   * @param replayable whether the request may be replayed; if not, only a connection that was idle
   *     for less than a second is taken, since a new one is safer
   * @return null if no idle connection is suitable
   */
  private @Nullable UpstreamConnection takeIdle(boolean replayable) {
    UpstreamConnection spare = pool.takeOwned(response);
    if (spare == null && exchange.request.upgrade() == null) {
      spare = pool.take(response, replayable ? Long.MAX_VALUE : FRESH_NANOS, begunNanos);
    }
    rested = spare != null && begunNanos - spare.idleSinceNanos() >= FRESH_NANOS;
    return spare;
  }

  private void open(boolean replayable) {
    pool.backoff().trying();
    UpstreamConnection opened =
        pool.connection(response, exchange.request.upgrade() != null, replayable);
    connection = opened;
    opened.open();
    if (isIn(CONNECTING)) {
      readRequest();
    }
  }

  private void pendingInputRead(UpstreamConnection spare) {
    if (!isIn(CONNECTING)) {
      return;
    }
    if (spare.isUsable()) {
      send(spare);
    } else {
      failed(UpstreamFailure.STALE, "the connection ended before the request");
    }
  }

  /**
   * The connection is open.
   *
   * @param on what to send the request on, which may be another one
   */
  void connected(UpstreamConnection on) {
    if (isIn(CONNECTING)) {
      connection = on;
      reached();
      send(on);
    }
  }

  /** Records that the server was reached: requests held until then may try it too. */
  private void reached() {
    if (pool.backoff().succeeded()) {
      engineLoop.wake();
    }
  }

  /** Keeps the connection for this client alone. */
  void keepForClient() {
    if (connection != null) {
      connection.belongTo(exchange.request.client());
    }
  }

  // The request and the response.

  private void send(UpstreamConnection on) {
    // Before the look at where it may go: a role that moves in between costs no request its epoch.
    long epoch = target.newest(engineLoop.engine().snapshots()).epochFor(target.server());
    if (exchange.selectedAnew()) {
      return;
    }
    if (epoch == PoolState.NOT_NOW) {
      // This process may have stood still since the selection, and the role may have moved.
      exchange.selectAnew(this);
      return;
    }
    ProxyRequest request = exchange.request;
    HeadWriter head = engineLoop.heads();
    try {
      UpstreamRequestHead.write(
          request,
          target.pool(),
          target.server(),
          epoch,
          exchange.requestId,
          engineLoop.engine().trusted,
          head);
      exchange.outcome.propagate(head);
    } catch (IllegalArgumentException e) {
      exchange.refuse(400);
      return;
    }
    enter(AWAITING);
    if (ConnectionAuthentication.isUsed(request.headers())) {
      keepForClient();
    }
    exchange.toServer.sendTo(on, head);
    exchange.outcome.sent(target.server());
    readRequest();
  }

  /** The server takes more of the request's body again. */
  void serverWritable() {
    timer.moved();
    readRequest();
  }

  private void readRequest() {
    if (connection != null) {
      exchange.toServer.readMore(sending());
    }
  }

  /** Reads on if the client, whose writability has changed, takes more. */
  void clientWritable() {
    UpstreamConnection from = sending();
    if (from != null && response.isTaken() && (from.isStopped() || isIn(RELAYING))) {
      timer.moved();
      from.resume();
    }
  }

  /** Records a final response, or a 101. */
  void responded(int status) {
    if (exchange.toServer.isEnded()) {
      engineLoop.reports().responded(this, status);
    }
    reached();
  }

  /** Ends the attempt with the whole response. */
  void complete(HttpHeaders trailers) {
    UpstreamConnection from = release();
    if (from != null) {
      from.complete();
      exchange.completed(from, trailers);
    }
  }

  /** Ends the attempt with a tunnel. */
  void becomeTunnel(HttpResponse switching, boolean webSocket) {
    UpstreamConnection from = release();
    if (from != null) {
      exchange.becomeTunnel(from.toTunnel(), switching, target, webSocket);
      // Not before: a planned switch waits until nothing is counted at the server.
      engineLoop.engine().givePlaceBack(target);
    }
  }

  // Failures.

  /** No connection could be made, or it ended before the response did. */
  void broken(@Nullable Throwable cause) {
    LocalFailure local = isIn(CONNECTING) ? LocalFailure.of(cause) : null;
    if (local == LocalFailure.PORTS) {
      failed(UpstreamFailure.NO_PORT, local.words());
    } else if (local != null) {
      engineLoop.engine().reports().localFailure(local);
      failed(UpstreamFailure.LOCAL_FAILURE, local.words());
    } else if (isIn(CONNECTING)
        && exchange.request.upgrade() != null
        && UpstreamTlsHandlers.isProtocolRefused(cause)) {
      // Other requests are offered HTTP/2 too, and must not wait for this one's attempt.
      reached();
      response.badResponse("the server does not speak HTTP/1.1, which an upgrade needs");
    } else {
      boolean stale = connection != null && connection.isStale();
      failed(exchange.phase().broken(stale), UpstreamSockets.reason(cause));
    }
  }

  /**
   * Fails the attempt, if it still runs.
   *
   * @param failure null for none
   */
  void failed(@Nullable UpstreamFailure failure, String detail) {
    if (failure != null && connection != null) {
      exchange.failed(this, failure, detail);
    }
  }

  /** Reports a failure, and has the next attempt wait if no connection could be made. */
  void report(UpstreamFailure failure, String detail) {
    if (failure.isWithoutConnection()) {
      pool.backoff().failed();
    }
    engineLoop.reports().failed(this, failure, exchange.toServer.isEnded(), detail);
  }

  /** Cancels the attempt and gives the place back; called once, unless it became a tunnel. */
  void leave() {
    UpstreamConnection left = release();
    if (left != null) {
      left.leave();
    }
    engineLoop.engine().givePlaceBack(target);
  }

  private @Nullable UpstreamConnection release() {
    UpstreamConnection given = connection;
    connection = null;
    response.over();
    return given;
  }

  // Snapshots and time.

  /** Fails if it is lost with its server, or else judges a running response again. */
  void snapshotChanged(Snapshot now) {
    AttemptVerdict verdict = verdict(now);
    if (verdict == AttemptVerdict.LOST) {
      lost();
    } else if (!exchange.selectedAnew()) {
      if (verdict == AttemptVerdict.GOES_ON) {
        response.judge();
      } else if (isIn(RELAYING)) {
        exchange.end(Cause.SERVER_LEFT, RequestEnd.STREAM_MOVED);
      } else {
        failed(UpstreamFailure.SERVER_DOWN, "cut by a planned switch");
      }
    }
  }

  private void lost() {
    failed(UpstreamFailure.SERVER_DOWN, "judged DOWN");
  }

  /** Judges by a snapshot; an event loop that lags behind still gets some that are too old. */
  private AttemptVerdict verdict(Snapshot now) {
    if (now.version() <= target.version()) {
      return AttemptVerdict.GOES_ON;
    }
    long fastNanos = target.pool().pool().health().fastInterval().toNanos();
    boolean silent = isIn(AWAITING) && pool.isSilent(System.nanoTime(), fastNanos);
    return AttemptVerdict.of(target.server(), !isIn(CONNECTING), silent, now);
  }

  /** Checks all time limits; called on each tick. */
  void sweep(long nowNanos) {
    TimeLimits limits = exchange.request.timeLimits();
    TimeoutSettings timeouts = limits.of(target.pool().pool().settings().timeouts());
    boolean taken = response.isTaken();
    boolean requestEnded = exchange.toServer.isEnded();
    boolean serversTurn = isIn(AWAITING) && exchange.toServer.isServersTurn(connection);
    boolean over = limits.isAttemptOver(nowNanos - begunNanos) && !isIn(CONNECTING);
    switch (over
        ? (isIn(RELAYING) ? AttemptTimer.Late.REST : AttemptTimer.Late.RESPONSE)
        : timer.late(exchange.phase(), timeouts, taken, requestEnded, serversTurn)) {
      case CONNECTION -> failed(UpstreamFailure.CONNECT_TIMED_OUT, "no connection in time");
      case RESPONSE -> failed(UpstreamFailure.RESPONSE_TIMED_OUT, "no response in time");
      // RFC 9110 §15.5.9; the listener's own limit has the same status.
      case REQUEST -> exchange.refuse(408);
      case REST -> exchange.end(Cause.NO_RESPONSE, RequestEnd.RESPONSE_BROKEN);
      case CLIENT -> exchange.end(Cause.CLIENT_LATE, RequestEnd.CLIENT_GONE);
      case NOTHING -> {
        if (isIn(RELAYING)) {
          watchResponse(taken, nowNanos);
        } else if (isIn(AWAITING) && taken) {
          watchServer(serversTurn, nowNanos);
        }
      }
    }
  }

  private void watchServer(boolean serversTurn, long nowNanos) {
    if (verdict(engineLoop.engine().snapshots().current()) == AttemptVerdict.LOST) {
      // It has become silent only now, after it was judged.
      lost();
    } else if (serversTurn) {
      engineLoop.reports().waiting(this, timer.silentNanos(), nowNanos);
    }
  }

  private void watchResponse(boolean taken, long nowNanos) {
    long silent = taken ? timer.silentNanos() : 0;
    RequestEnd end = response.due(timer.sinceClock(), silent);
    if (end != null) {
      exchange.end(Cause.SERVER_LEFT, end);
    } else if (taken) {
      engineLoop.reports().stopped(this, silent, timer.longestGapNanos(), nowNanos);
    }
  }
}
