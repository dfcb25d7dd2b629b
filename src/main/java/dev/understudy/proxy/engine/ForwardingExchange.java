package dev.understudy.proxy.engine;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.engine.ExchangeEnding.Cause;
import dev.understudy.proxy.engine.RetryPolicy.Reaction;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.http.HopByHop;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.UpstreamRequestHead;
import dev.understudy.proxy.session.SessionStore;
import dev.understudy.proxy.session.SessionStore.Session;
import dev.understudy.proxy.upstream.UpstreamConnection;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import dev.understudy.traffic.TraceContext;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Forwards one request: finds a server, makes one attempt after another, and reports the outcome
 * once. It decides nothing: {@link ExchangePhase} says what may happen, {@link SelectionPolicy}
 * where the request goes, {@link RetryPolicy} whether it is sent again, {@link ExchangeEnding} what
 * the client gets instead of a whole response.
 */
final class ForwardingExchange extends SlotList.Element
    implements Exchange, ServerAcquisition.Requester {
  final ProxyRequest request;
  final Downstream downstream;
  final String requestId;
  final OutcomeRecorder outcome;
  final ServerAcquisition acquisition;
  final RequestRelay toServer;

  private final EngineLoop engineLoop;
  private final Engine engine;

  private ExchangePhase phase = ExchangePhase.SELECTING;

  /** The running attempt; null in SELECTING and OVER. */
  private @Nullable UpstreamAttempt attempt;

  /** Why the next attempt is made; null for the first one, or where nothing failed. */
  private @Nullable RetryReason retry;

  ForwardingExchange(EngineLoop engineLoop, ProxyRequest request, Downstream downstream) {
    this.engineLoop = engineLoop;
    this.engine = engineLoop.engine();
    this.request = request;
    this.downstream = downstream;
    this.requestId =
        engineLoop.ids().keepOrMake(request.headers().get(UpstreamRequestHead.REQUEST_ID));
    this.outcome = new OutcomeRecorder(engine.listener(), request, requestId);
    this.acquisition = new ServerAcquisition(engineLoop, request.pool(), this);
    this.toServer = new RequestRelay(request, downstream);
  }

  @Override
  public @Nullable TraceContext trace() {
    return outcome.trace();
  }

  ExchangePhase phase() {
    return phase;
  }

  void enter(ExchangePhase next) {
    phase = phase.become(next);
  }

  // From the client.

  @Override
  public void start() {
    engineLoop.enter(this);
    PoolState pool = engine.snapshots().current().pool(request.pool());
    if (pool == null) {
      respond(503, RequestEnd.NO_SERVER);
    } else {
      toServer.begin(pool);
      acquisition.acquire();
    }
  }

  @Override
  public void requestBody(ByteBuf data) {
    if (phase.isOver() || !toServer.agrees(data.readableBytes(), false)) {
      data.release();
      refuse(400);
      return;
    }
    outcome.bytesIn += data.readableBytes();
    requestMoved();
    toServer.body(data, sending());
    if (!phase.isOver()) {
      toServer.readMore(sending());
    }
  }

  @Override
  public void requestEnd(HttpHeaders trailers) {
    if (!toServer.agrees(0, true)) {
      refuse(400);
    } else if (!phase.isOver()) {
      requestMoved();
      toServer.end(trailers, sending());
    }
  }

  private void requestMoved() {
    if (attempt != null) {
      attempt.timer.moved();
    }
  }

  /** The connection that the request's head was sent on; null if there is none. */
  private @Nullable UpstreamConnection sending() {
    return attempt == null ? null : attempt.sending();
  }

  @Override
  public void clientGone() {
    if (!phase.isOver()) {
      end(Cause.CLIENT_GONE, RequestEnd.CLIENT_GONE);
    }
  }

  @Override
  public void refuse(int status) {
    if (!phase.isOver()) {
      end(Cause.BAD_REQUEST, RequestEnd.BAD_REQUEST, status);
    }
  }

  @Override
  public void writabilityChanged() {
    if (attempt != null) {
      attempt.clientWritable();
    }
  }

  // The selection of a server.

  @Override
  public @Nullable ServerId preferred(PoolState pool) {
    ServerId named = request.prefer();
    return named != null
            || request.client().owned().isEmpty()
            || pool.pool().mode() != PoolMode.BALANCE
        ? named
        : UpstreamConnection.ownServer(request.client(), request.pool());
  }

  @Override
  public @Nullable Session session(PoolState pool) {
    SessionStore sessions = engineLoop.sessions(pool.pool());
    return sessions == null ? null : sessions.session(request);
  }

  @Override
  public @Nullable IpAddress clientAddress() {
    return engine.trusted.clientAddress(request.client(), request.headers());
  }

  @Override
  public boolean admits(PoolState pool, ServerState candidate) {
    return engineLoop.connections(pool, candidate).backoff().admits();
  }

  @Override
  public void waits() {
    toServer.readMore(null);
  }

  @Override
  public void refused(RequestEnd end) {
    respond(end == RequestEnd.SERVER_FAILED ? 502 : 503, end);
  }

  @Override
  public void found(SelectedServer to) {
    acquisition.countSession(to);
    ServerState before = outcome.server();
    outcome.selected(to.server());
    toServer.rewind();
    enter(ExchangePhase.CONNECTING);
    boolean first = before == null && acquisition.heldNanos() == 0;
    UpstreamAttempt next =
        new UpstreamAttempt(engineLoop, this, to, first ? outcome.startedNanos : System.nanoTime());
    attempt = next;
    if (retry != null) {
      engine.listener().retried(request.pool(), retry);
      retry = null;
      if (before != null) {
        before.traffic().retries().incrementAndGet();
      }
    }
    next.start();
  }

  /**
   * Selects a server again for a request that has not been sent, if it must not go any more to the
   * one that it was selected for: the role moved, say, while a connection was made.
   *
   * @return whether it did
   */
  boolean selectedAnew() {
    UpstreamAttempt running = attempt;
    if (running == null
        || phase != ExchangePhase.CONNECTING
        || acquisition.mayGoOn(running.target)) {
      return false;
    }
    selectAnew(running);
    return true;
  }

  /** Selects a server again for a request of which nothing has been sent. */
  void selectAnew(UpstreamAttempt running) {
    outcome.attemptFailed("SELECTED_ANEW", "nothing was sent");
    leave(running);
    acquisition.acquire();
  }

  /** Leaves the attempt, to select a server for the next one. */
  private void leave(UpstreamAttempt running) {
    enter(ExchangePhase.SELECTING);
    attempt = null;
    running.leave();
  }

  // The end of an attempt.

  /** Gives the request another attempt, holds it or ends it, by {@link RetryPolicy}. */
  void failed(UpstreamAttempt from, UpstreamFailure failure, String detail) {
    outcome.attemptFailed(failure.name(), detail);
    // Taken before the report, which can start a probe at once.
    Instant since = engine.snapshots().now();
    from.report(failure, detail);
    Reaction reaction =
        toServer.reaction(failure, from.isLongIdle(), outcome, from.target.pool().pool());
    if (reaction instanceof Reaction.Again again) {
      leave(from);
      retry = again.reason();
    }
    switch (reaction) {
      case Reaction.Replay replay -> {
        if (failure != UpstreamFailure.STALE) {
          acquisition.failedOn(from.target);
        }
        acquisition.acquire();
      }
      case Reaction.Hold hold -> acquisition.await();
      case Reaction.Settle settle -> {
        engineLoop.reports().inDoubt(from, failure, detail);
        acquisition.settle(from.target, since, settle.again());
      }
      case Reaction.Respond respond -> respond(respond.status(), respond.end());
      case Reaction.BreakOff broken -> end(Cause.NO_RESPONSE, broken.end());
    }
  }

  /** Ends the exchange with the server's whole response. */
  void completed(UpstreamConnection from, HttpHeaders trailers) {
    leave();
    downstream.bodyEnds();
    report(RequestEnd.COMPLETED, from.endedNanos());
    endResponse(trailers);
  }

  /** Ends the exchange for the client; its outcome is that of the tunnel. */
  void becomeTunnel(
      Channel upstream, HttpResponse switching, SelectedServer to, boolean webSocket) {
    enter(ExchangePhase.OVER);
    attempt = null;
    engineLoop.leave(this);
    toServer.release();
    Channel client = downstream.upgrade(switching);
    engine.tunnels.open(client, upstream, to, webSocket, this::tunnelEnded);
  }

  private void tunnelEnded(RequestEnd reason, long bytesIn, long bytesOut) {
    outcome.bytesIn = bytesIn;
    outcome.bytesOut = bytesOut;
    report(reason, System.nanoTime());
  }

  // From the monitor, and time.

  void snapshotChanged(Snapshot now) {
    if (attempt != null) {
      attempt.snapshotChanged(now);
    }
  }

  /** Plans the end of a running response, as the process is stopping. */
  void stopping() {
    if (attempt != null) {
      attempt.response.stop();
    }
  }

  /** Checks all time limits; called on each tick. */
  void sweep(long nowNanos) {
    toServer.countUnsent(attempt == null ? null : attempt.connection());
    if (engineLoop.stopLeftNanos() < 0) {
      // Where the request was sent, the server may still execute it.
      end(Cause.STOPPING, RequestEnd.STOPPING, phase == ExchangePhase.AWAITING ? 502 : 503);
    } else if (phase.awaitsHead()
        && request.timeLimits().isRequestOver(nowNanos - outcome.startedNanos)) {
      respond(504, RequestEnd.RESPONSE_TIMED_OUT);
    } else if (attempt != null) {
      attempt.sweep(nowNanos);
    } else if (acquisition.isHeld()) {
      acquisition.sweep();
    }
  }

  // The end.

  private void respond(int status, RequestEnd end) {
    end(Cause.NO_RESPONSE, end, status);
  }

  /** Ends a response that has begun. */
  void end(Cause cause, RequestEnd end) {
    end(cause, end, 502);
  }

  /**
   * Ends the exchange.
   *
   * @param status of the response, if the client has got none yet
   */
  private void end(Cause cause, RequestEnd end, int status) {
    boolean begun = phase == ExchangePhase.RELAYING;
    boolean events = attempt != null && attempt.response.isEventStream();
    ExchangeEnding ending =
        ExchangeEnding.of(cause, begun, begun && downstream.isWritable(), events);
    leave();
    try {
      if (ending == ExchangeEnding.RESPOND) {
        sendLocal(status, end);
      }
    } finally {
      report(end, System.nanoTime());
    }
    switch (ending) {
      case RESPOND -> {}
      case COMPLETE -> endResponse(EmptyHttpHeaders.INSTANCE);
      case BREAK_OFF -> downstream.breakOff();
      case ABORT -> downstream.abort();
      case NONE -> downstream.gone();
    }
  }

  private void sendLocal(int status, RequestEnd end) {
    outcome.status = status;
    LocalResponse local =
        engine.errors.of(
            status, end, request, requestId, acquisition.state(), engine.snapshots().wall());
    outcome.bytesOut = local.send(downstream, request.method());
  }

  private void endResponse(HttpHeaders trailers) {
    downstream.end(HopByHop.trailers(trailers));
    downstream.flush();
  }

  /** Releases everything; every later call has no effect. */
  private void leave() {
    acquisition.stop();
    enter(ExchangePhase.OVER);
    UpstreamAttempt last = attempt;
    attempt = null;
    if (last != null) {
      last.leave();
    }
    engineLoop.leave(this);
    toServer.release();
    if (toServer.isTooLargeToKeep()) {
      engine.listener().limited(Limit.HELD_BYTES);
    }
  }

  private void report(RequestEnd end, long nowNanos) {
    outcome.bytesOut -= downstream.saved();
    outcome.report(end, acquisition.heldNanos(), nowNanos);
  }
}
