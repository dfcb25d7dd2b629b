package dev.understudy.proxy.engine;

import dev.understudy.health.LocalFailure;
import dev.understudy.network.IpAddress;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.TimeoutSettings;
import dev.understudy.proxy.engine.RetryPolicy.Reaction;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.ConnectionAuthentication;
import dev.understudy.proxy.http.DownstreamResponseHead;
import dev.understudy.proxy.http.HeadWriter;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.proxy.http.UpstreamRequestHead;
import dev.understudy.proxy.session.SessionStore;
import dev.understudy.proxy.session.SessionStore.Session;
import dev.understudy.proxy.upstream.UpstreamConnection;
import dev.understudy.proxy.upstream.UpstreamSockets;
import dev.understudy.proxy.upstream.UpstreamTlsHandlers;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RequestSpan;
import dev.understudy.traffic.RetryReason;
import dev.understudy.traffic.TraceContext;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The state machine behind {@link Exchange}: forwards one request to a server, and its response to
 * the client.
 *
 * <table>
 *   <caption>States and their successors</caption>
 *   <tr><td>NEW</td><td>HELD, CONNECTING, AWAITING</td></tr>
 *   <tr><td>HELD: waits for a server</td><td>CONNECTING, AWAITING</td></tr>
 *   <tr><td>CONNECTING</td><td>AWAITING; HELD; CONNECTING to another, if it fails or the role
 *       moves</td></tr>
 *   <tr><td>AWAITING the response's head</td>
 *       <td>RELAYING, TUNNELLED; for a replay HELD, CONNECTING</td></tr>
 *   <tr><td>RELAYING the response</td><td></td></tr>
 *   <tr><td>TUNNELLED: the tunnel owns both channels</td><td></td></tr>
 *   <tr><td>ENDED, from any state: the outcome is reported once</td><td></td></tr>
 * </table>
 */
final class ForwardingExchange extends SlotList.Element
    implements Exchange, UpstreamConnection.User, ServerAcquisition.Requester {
  private static final AsciiString TRACEPARENT = AsciiString.cached("traceparent");
  private static final AsciiString TRACESTATE = AsciiString.cached("tracestate");

  private enum State {
    NEW,
    HELD,
    CONNECTING,
    AWAITING,
    RELAYING,
    TUNNELLED,
    ENDED
  }

  private final EngineLoop engineLoop;
  private final Engine engine;
  private final ProxyRequest request;
  private final Downstream downstream;
  private final String requestId;
  private final OutcomeRecorder trace;

  /** Null if requests are not traced. */
  private final @Nullable RequestSpan span;

  private final ServerAcquisition acquisition;
  private final RequestRelay toServer;
  private final ResponseRelay toClient;
  private final UpstreamAttempt server;
  private final ExchangeTimer timer;

  private State state = State.NEW;
  private @Nullable RetryReason retry;

  ForwardingExchange(EngineLoop engineLoop, ProxyRequest request, Downstream downstream) {
    this.engineLoop = engineLoop;
    this.engine = engineLoop.engine();
    this.request = request;
    this.downstream = downstream;
    this.requestId =
        engineLoop.ids().keepOrMake(request.headers().get(UpstreamRequestHead.REQUEST_ID));
    this.trace = new OutcomeRecorder(request, requestId);
    this.span = beginSpan();
    this.acquisition = new ServerAcquisition(engineLoop, request.pool(), this);
    this.toServer = new RequestRelay(request, downstream);
    this.toClient = new ResponseRelay(engineLoop, request, downstream, requestId, trace);
    this.server = new UpstreamAttempt(engineLoop, request, this);
    this.timer = new ExchangeTimer(engineLoop.ticks());
  }

  /** Begins the span; each attempt brings a trace context in place of the client's own. */
  private @Nullable RequestSpan beginSpan() {
    HttpHeaders headers = request.headers();
    RequestSpan begun = engine.listener().began(headers, trace.startedNanos);
    if (begun != null) {
      headers.remove(TRACEPARENT).remove(TRACESTATE);
    }
    return begun;
  }

  @Override
  public @Nullable TraceContext trace() {
    return span == null ? null : span.context();
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
    if (isOver()) {
      data.release();
      return;
    }
    if (!toServer.agrees(data.readableBytes(), false)) {
      data.release();
      badRequest();
      return;
    }
    trace.bytesIn += data.readableBytes();
    timer.moved();
    toServer.body(data, sending());
    if (!isOver()) {
      toServer.readMore(sending());
    }
  }

  @Override
  public void requestEnd(HttpHeaders trailers) {
    if (isOver()) {
      return;
    }
    if (toServer.agrees(0, true)) {
      timer.moved();
      toServer.end(trailers, sending());
    } else {
      badRequest();
    }
  }

  @Override
  public void clientGone() {
    if (!isOver()) {
      leave();
      report(RequestEnd.CLIENT_GONE);
      downstream.gone();
    }
  }

  @Override
  public void refuse(int status) {
    if (!isOver()) {
      badRequest(status);
    }
  }

  @Override
  public void writabilityChanged() {
    UpstreamConnection from = server.connection();
    if (from == null) {
      return;
    }
    if (state == State.RELAYING && downstream.isWritable()) {
      timer.moved();
      from.resume();
    } else if (state == State.AWAITING && !toClient.isClientBehind() && from.isStopped()) {
      timer.moved();
      from.resume();
    }
  }

  private boolean isOver() {
    return state == State.ENDED || state == State.TUNNELLED;
  }

  /** The connection that the request's head was sent on; null if there is none. */
  private @Nullable UpstreamConnection sending() {
    return state == State.AWAITING || state == State.RELAYING ? server.connection() : null;
  }

  // One attempt.

  @Override
  public ClientConnection client() {
    return request.client();
  }

  @Override
  public @Nullable ServerId preferred() {
    ServerId named = request.prefer();
    return named == null && !request.client().owned().isEmpty() ? ownServer() : named;
  }

  /**
   * The server of a balance pool that authenticated the client's connection, to which the client
   * returns; null if none did.
   */
  private @Nullable ServerId ownServer() {
    PoolState pool = acquisition.state();
    return pool == null || pool.pool().mode() != PoolMode.BALANCE
        ? null
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
    enter(State.HELD);
    toServer.readMore(null);
  }

  @Override
  public void refused(RequestEnd end) {
    respond(end == RequestEnd.SERVER_FAILED ? 502 : 503, end);
  }

  @Override
  public void found(SelectedServer to) {
    acquisition.countSession(to);
    ServerState before = trace.server;
    trace.server = to.server();
    toServer.rewind();
    RetryReason again = retry;
    boolean first = again == null && acquisition.heldNanos() == 0;
    server.begin(to, first ? trace.startedNanos : System.nanoTime());
    if (again != null) {
      retry = null;
      engine.listener().retried(request.pool(), again);
      if (before != null) {
        before.traffic().retries().incrementAndGet();
      }
    }
    // After a failed attempt a new connection is safer than an idle one.
    UpstreamConnection spare = trace.sends() > 0 ? null : server.takeIdle(toServer.isReplayable());
    if (span != null) {
      span.attempt(
          request.pool(),
          to.server().server(),
          request.method().name(),
          request.target(),
          spare != null,
          trace.sends());
    }
    if (spare == null) {
      enter(State.CONNECTING);
      server.open(toServer.isReplayable());
      if (state == State.CONNECTING) {
        toServer.readMore(null);
      }
    } else if (toServer.isReplayable()) {
      send(to, spare);
    } else {
      sendAfterPendingInput(to, spare);
    }
  }

  /**
   * Sends on an idle connection, but only after the event loop has processed all input that has
   * arrived: a close of this connection that came before the request is then known, and costs
   * nothing. A scheduled task, unlike an executed one, runs after the event loop's next input.
   */
  private void sendAfterPendingInput(SelectedServer to, UpstreamConnection spare) {
    enter(State.CONNECTING);
    var unused =
        engineLoop.loop().schedule(() -> pendingInputRead(to, spare), 0, TimeUnit.NANOSECONDS);
  }

  // Connections are compared by identity.
  @SuppressWarnings("ReferenceEquality")
  private void pendingInputRead(SelectedServer to, UpstreamConnection spare) {
    if (state != State.CONNECTING || server.connection() != spare) {
      return;
    }
    if (selectedAnew()) {
      return;
    }
    if (spare.isUsable()) {
      send(to, spare);
    } else {
      failed(UpstreamFailure.STALE, "the connection ended before the request");
    }
  }

  @Override
  public void connected(UpstreamConnection on) {
    SelectedServer to = server.target();
    if (state == State.CONNECTING && to != null) {
      server.connected(on);
      server.reached();
      if (!selectedAnew()) {
        send(to, on);
      }
    }
  }

  /**
   * Selects a server again for a request that has not been sent, if it must not go any more to the
   * one that it was selected for: the role moved, say, while a connection was made.
   */
  private boolean selectedAnew() {
    SelectedServer to = server.target();
    if (state != State.CONNECTING || to == null || acquisition.mayGoOn(to)) {
      return false;
    }
    if (span != null) {
      span.attemptFailed("SELECTED_ANEW", "nothing was sent");
    }
    server.leave();
    state = State.NEW;
    acquisition.acquire();
    return true;
  }

  private void send(SelectedServer to, UpstreamConnection on) {
    HeadWriter head = engineLoop.heads();
    try {
      UpstreamRequestHead.write(request, to.pool(), to.server(), requestId, engine.trusted, head);
      if (span != null) {
        span.propagate(head::field);
      }
    } catch (IllegalArgumentException e) {
      badRequest();
      return;
    }
    enter(State.AWAITING);
    if (ConnectionAuthentication.isUsed(request.headers())) {
      server.keepForClient();
    }
    toClient.rewind();
    toServer.sendTo(on, head);
    trace.sent(to.server());
    if (!isOver()) {
      toServer.readMore(sending());
    }
  }

  @Override
  public void serverWritable() {
    timer.moved();
    toServer.readMore(sending());
  }

  // The response.

  @Override
  public void informational(HttpResponse response) {
    if (state != State.AWAITING) {
      return;
    }
    if (!toClient.countInformational()) {
      badResponse(
          "more than "
              + ResponseRelay.MAX_INFORMATIONAL
              + " informational responses to one request");
      return;
    }
    timer.moved();
    if (HttpResponseStatus.CONTINUE.equals(response.status())) {
      toServer.mayGoOn();
    }
    toClient.informational(response);
  }

  @Override
  public void responseHead(HttpResponse response) {
    SelectedServer from = server.target();
    if (state != State.AWAITING || from == null) {
      return;
    }
    if (request.upgrade() != null && !downstream.accepts(response)) {
      badResponse(response.status().code() + " instead of a 101");
      return;
    }
    if (ConnectionAuthentication.isOffered(response)) {
      server.keepForClient();
    }
    enter(State.RELAYING);
    trace.responded(response.status().code());
    if (span != null) {
      span.responded(trace.status);
    }
    server.responded(from, trace.status, toServer.isEnded());
    toServer.settle();
    toClient.head(response, stickyCookie(from, response.headers()));
  }

  /** Learns from a response; returns a sticky cookie to set, null if none. */
  private @Nullable String stickyCookie(SelectedServer from, HttpHeaders response) {
    SessionStore sessions = engineLoop.sessions(from.pool().pool());
    return sessions == null
        ? null
        : sessions.responded(
            request,
            acquisition.session(),
            from.server().server().id(),
            from.preferred(),
            response);
  }

  @Override
  public void responseBody(ByteBuf data) {
    if (state != State.RELAYING) {
      data.release();
      return;
    }
    timer.received();
    toClient.body(data);
  }

  @Override
  public void responseEnded(HttpHeaders trailers) {
    UpstreamConnection from = state == State.RELAYING ? server.release() : null;
    if (from == null) {
      return;
    }
    from.complete();
    leave();
    downstream.bodyEnds();
    report(RequestEnd.COMPLETED, from.endedNanos());
    toClient.end(trailers);
  }

  @Override
  public boolean wantsMore() {
    if (state == State.RELAYING) {
      downstream.flush();
      return downstream.isWritable();
    }
    return state != State.AWAITING || !toClient.isClientBehind();
  }

  @Override
  public void switching(HttpResponse response) {
    SelectedServer to = server.target();
    UpstreamConnection from = server.connection();
    UpgradeOffer offer = request.upgrade();
    if (offer == null || to == null || from == null) {
      badResponse("101 to a request that did not ask for it");
      return;
    }
    String protocol = offer.agreed(response, request.headers());
    if (protocol == null) {
      badResponse("101 that does not agree to " + offer.protocols());
      return;
    }
    if (!toServer.isEnded()) {
      // The rest of the request would be taken for the new protocol (RFC 9110 §7.8).
      badResponse("101 before the end of the request");
      return;
    }
    server.responded(to, 101, toServer.isEnded());
    trace.responded(101);
    if (span != null) {
      span.tunnelled();
    }
    DownstreamResponseHead.prepare(response, requestId, stickyCookie(to, response.headers()));
    DownstreamResponseHead.switching(response, protocol);
    server.release();
    Channel channel = from.toTunnel();
    engineLoop.leave(this);
    toServer.release();
    state = State.TUNNELLED;
    Channel client = downstream.upgrade(response);
    engine.tunnels.open(client, channel, to, offer.isWebSocket(), this::tunnelEnded);
    // Not before: a planned switch waits until nothing is counted at the server.
    server.leavePlace();
  }

  private void tunnelEnded(RequestEnd reason, long bytesIn, long bytesOut) {
    state = State.ENDED;
    trace.bytesIn = bytesIn;
    trace.bytesOut = bytesOut;
    report(reason);
  }

  // Failures.

  @Override
  public void broken(@Nullable Throwable cause) {
    String detail = UpstreamSockets.reason(cause);
    boolean stale = server.isStale();
    LocalFailure local = state == State.CONNECTING ? LocalFailure.of(cause) : null;
    if (local == LocalFailure.PORTS) {
      failed(UpstreamFailure.NO_PORT, local.words());
    } else if (local != null) {
      server.local(local);
      failed(UpstreamFailure.LOCAL_FAILURE, local.words());
    } else if (state == State.CONNECTING
        && request.upgrade() != null
        && UpstreamTlsHandlers.isProtocolRefused(cause)) {
      // Other requests are offered HTTP/2 too, and must not wait for this one's attempt.
      server.reached();
      badResponse("the server does not speak HTTP/1.1, which an upgrade needs");
    } else if (state == State.CONNECTING) {
      failed(stale ? UpstreamFailure.STALE : UpstreamFailure.CONNECT_FAILED, detail);
    } else if (state == State.RELAYING) {
      failed(UpstreamFailure.RESPONSE_BROKEN, detail);
    } else if (state == State.AWAITING) {
      failed(stale ? UpstreamFailure.STALE : UpstreamFailure.BROKEN, detail);
    }
  }

  @Override
  public void refused(String detail) {
    if (state == State.CONNECTING || state == State.AWAITING) {
      failed(UpstreamFailure.REFUSED, detail);
    } else {
      broken(null);
    }
  }

  @Override
  public void badResponse(String detail) {
    failed(UpstreamFailure.BAD_RESPONSE, detail);
  }

  @Override
  public void responseHeadTooLarge() {
    engine.listener().limited(Limit.RESPONSE_HEADER_SIZE);
    badResponse("a response head of more than understudy.server.max-header-size");
  }

  private void failed(UpstreamFailure failure, String detail) {
    SelectedServer from = server.target();
    if (from == null) {
      return;
    }
    Pool pool = from.pool().pool();
    if (span != null) {
      span.attemptFailed(failure.name(), detail);
    }
    // Taken before the report, which can start a probe at once.
    Instant since = engine.snapshots().now();
    server.failed(from, failure, toServer.isEnded(), detail);
    Reaction reaction =
        RetryPolicy.afterFailure(failure, toServer.attempt(server.isLongIdle(), trace), pool);
    server.leave();
    state = State.NEW;
    switch (reaction) {
      case Reaction.Replay replay -> {
        retry = replay.reason();
        if (failure != UpstreamFailure.STALE) {
          acquisition.failedOn(from);
        }
        acquisition.acquire();
      }
      case Reaction.Hold hold -> {
        retry = hold.reason();
        acquisition.await();
      }
      case Reaction.Settle settle -> {
        retry = settle.reason();
        server.inDoubt(from, failure, detail);
        acquisition.settle(from, since, settle.again());
      }
      case Reaction.Respond respond -> respond(respond.status(), respond.end());
      case Reaction.BreakOff breakOff -> breakOff(breakOff.end());
    }
  }

  /** Fails an attempt that is lost with its server, or else judges a running response again. */
  void snapshotChanged(Snapshot now) {
    boolean waits = state == State.CONNECTING || state == State.AWAITING;
    AttemptVerdict verdict = server.verdict(now, state != State.CONNECTING, waits);
    if (waits && verdict == AttemptVerdict.LOST) {
      failed(UpstreamFailure.SERVER_DOWN, "judged DOWN");
    } else if (selectedAnew()) {
      toClient.judge();
    } else if (waits && verdict == AttemptVerdict.CUT) {
      failed(UpstreamFailure.SERVER_DOWN, "cut by a planned switch");
    } else if (state == State.RELAYING && verdict == AttemptVerdict.CUT) {
      leaveServer(RequestEnd.STREAM_MOVED);
    } else {
      toClient.judge();
    }
  }

  /** Plans the end of a running response, as the process is stopping. */
  void stopping() {
    toClient.stop();
  }

  /** Checks all time limits; called on each tick. */
  void sweep(long nowNanos) {
    SelectedServer on = server.target();
    toServer.countUnsent(server.connection());
    if (engineLoop.stopLeftNanos() < 0) {
      stopped();
    } else if (state == State.HELD) {
      acquisition.sweep();
    } else if (on != null) {
      TimeoutSettings timeouts = on.pool().pool().settings().timeouts();
      if (state == State.CONNECTING && timer.isConnectOver(timeouts)) {
        failed(UpstreamFailure.CONNECT_TIMED_OUT, "no connection in time");
      } else if (state == State.AWAITING) {
        sweepAwaiting(on, timeouts, nowNanos);
      } else if (state == State.RELAYING) {
        sweepRelaying(on, timeouts, nowNanos);
      }
    }
  }

  private void sweepRelaying(SelectedServer on, TimeoutSettings timeouts, long nowNanos) {
    boolean writable = downstream.isWritable();
    if (timer.isIdleOver(timeouts)) {
      if (writable) {
        breakOff(RequestEnd.RESPONSE_BROKEN);
      } else {
        abort(RequestEnd.CLIENT_GONE);
      }
      return;
    }
    long silent = writable ? timer.silentNanos() : 0;
    RequestEnd end = toClient.due(on, timer.sinceClock(), silent, !toServer.isEnded());
    if (end != null) {
      leaveServer(end);
    } else if (writable) {
      server.stopped(on, silent, timer.longestGapNanos(), nowNanos);
    }
  }

  private void sweepAwaiting(SelectedServer on, TimeoutSettings timeouts, long nowNanos) {
    if (toClient.isClientBehind()) {
      if (timer.isIdleOver(timeouts)) {
        abort(RequestEnd.CLIENT_GONE);
      }
      return;
    }
    boolean serversTurn = toServer.isServersTurn(server.connection());
    switch (timer.awaiting(timeouts, toServer.isEnded(), serversTurn)) {
      case SERVER_LATE -> failed(UpstreamFailure.RESPONSE_TIMED_OUT, "no response in time");
      // RFC 9110 §15.5.9; the listener's own limit has the same status.
      case CLIENT_LATE -> badRequest(408);
      case FINE -> {
        if (server.verdict(engine.snapshots().current(), true, true) == AttemptVerdict.LOST) {
          // It has become silent only now, after it was judged.
          failed(UpstreamFailure.SERVER_DOWN, "judged DOWN");
        } else if (serversTurn) {
          server.waiting(on, timer.silentNanos(), nowNanos);
        }
      }
    }
  }

  // The end.

  private void enter(State next) {
    state = next;
    timer.begin();
  }

  private void respond(int status, RequestEnd end) {
    leave();
    try {
      toClient.local(status, end, acquisition.state());
    } finally {
      report(end);
    }
  }

  /**
   * Ends the exchange with 400: the request, as it came or as a filter changed it, cannot be
   * forwarded.
   */
  private void badRequest() {
    badRequest(400);
  }

  private void badRequest(int status) {
    if (state == State.RELAYING) {
      abort(RequestEnd.BAD_REQUEST);
    } else {
      respond(status, RequestEnd.BAD_REQUEST);
    }
  }

  /** Ends the exchange because the process is stopping and the grace time is over. */
  private void stopped() {
    switch (state) {
      case RELAYING -> {
        if (downstream.isWritable()) {
          leaveServer(RequestEnd.STOPPING);
        } else {
          abort(RequestEnd.STOPPING);
        }
      }
      // The server may still execute the request.
      case AWAITING -> respond(502, RequestEnd.STOPPING);
      default -> respond(503, RequestEnd.STOPPING);
    }
  }

  /**
   * Ends a response that has begun. An event stream is completed, as it has no end of its own: its
   * clients discard an incomplete event and connect again (WHATWG HTML, 9.2). Any other is broken
   * off.
   */
  private void leaveServer(RequestEnd end) {
    if (!toClient.isEventStream()) {
      breakOff(end);
      return;
    }
    leave();
    report(end);
    toClient.end(EmptyHttpHeaders.INSTANCE);
  }

  /** Ends a response prematurely; the part that has been received is delivered. */
  private void breakOff(RequestEnd end) {
    leave();
    report(end);
    downstream.breakOff();
  }

  /**
   * Ends the exchange at once, without delivery: the client does not read, or must not be waited
   * for.
   */
  private void abort(RequestEnd end) {
    leave();
    report(end);
    downstream.abort();
  }

  /** Releases everything; every later call has no effect. */
  private void leave() {
    acquisition.stop();
    state = State.ENDED;
    server.leave();
    engineLoop.leave(this);
    toServer.release();
    if (toServer.isTooLargeToKeep()) {
      engine.listener().limited(Limit.HELD_BYTES);
    }
  }

  private void report(RequestEnd end) {
    report(end, System.nanoTime());
  }

  private void report(RequestEnd end, long nowNanos) {
    trace.bytesOut -= downstream.saved();
    RequestOutcome outcome = trace.outcome(end, acquisition.heldNanos(), nowNanos);
    if (span != null) {
      span.end(outcome);
      outcome = outcome.tracedBy(span.context());
    }
    engine.listener().endedForwarded(outcome, request.headers(), toClient.fields());
  }
}
