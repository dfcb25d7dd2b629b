package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.Snapshot;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.Mode;
import dev.understudy.pool.Pool;
import dev.understudy.pool.TimeoutSettings;
import dev.understudy.proxy.Decider.Attempt;
import dev.understudy.proxy.Decider.Plan;
import dev.understudy.proxy.Decider.Sent;
import dev.understudy.proxy.Decider.Step;
import dev.understudy.proxy.ProxyListener.Retry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to a server and back. All calls come on its event loop.
 *
 * <table>
 *   <caption>States and what may follow</caption>
 *   <tr><td>NEW</td><td>HELD, CONNECTING, AWAITING</td></tr>
 *   <tr><td>HELD: waits for a server</td><td>CONNECTING, AWAITING</td></tr>
 *   <tr><td>CONNECTING</td><td>AWAITING; HELD; CONNECTING to another</td></tr>
 *   <tr><td>AWAITING the answer's head</td>
 *       <td>RELAYING, TUNNELLED; for a replay HELD, CONNECTING</td></tr>
 *   <tr><td>RELAYING the answer</td><td></td></tr>
 *   <tr><td>TUNNELLED: the channels are the tunnel's</td><td></td></tr>
 *   <tr><td>ENDED, from any: the outcome has been told</td><td></td></tr>
 * </table>
 *
 * <p>If the answer ends before the request does, no more of the request is asked for and what still
 * comes is dropped: the lane then drains it within bounds, or closes the client's connection.
 */
public final class Exchange implements UpstreamConnection.User {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private enum State {
    NEW,
    HELD,
    CONNECTING,
    AWAITING,
    RELAYING,
    TUNNELLED,
    ENDED
  }

  /** Where {@link Worker} keeps it. */
  int slot;

  private final Worker worker;
  private final Engine engine;
  private final ProxyRequest request;
  private final Downstream downstream;
  private final String requestId;
  private final Trace trace;
  private final Choice choice;
  private final ServerReports reports;

  private State state = State.NEW;
  private @Nullable RequestBody body;
  private @Nullable HttpHeaders trailers;
  private boolean requestEnded;
  private boolean readOutstanding;
  private boolean replayable;

  private @Nullable Target target;
  private @Nullable UpstreamConnection upstream;
  private @Nullable Retry retry;
  private Sent sent = Sent.NOTHING;

  /** When the present state began, by the worker's clock. */
  private long sinceClock;

  /** When something last moved, by the worker's clock. */
  private long movedClock;

  private long heldSinceClock;
  private long heldClock;

  Exchange(Worker worker, ProxyRequest request, Downstream downstream) {
    this.worker = worker;
    this.engine = worker.engine();
    this.request = request;
    this.downstream = downstream;
    this.requestId = worker.ids().keepOrMake(request.headers().get(ServerHeaders.REQUEST_ID));
    this.trace = new Trace(request, requestId);
    this.choice = new Choice(worker, request);
    this.reports = new ServerReports(engine);
    this.requestEnded = !request.body();
  }

  // ---------------------------------------------------------------- from the client

  /** Chooses a server and begins; called once, first. */
  public void start() {
    worker.enter(this);
    Plan plan = choice.plan();
    PoolState pool = choice.pool();
    if (pool != null) {
      replayable = isReplayable(pool.pool());
      if (request.body()) {
        int limit = pool.pool().hold().bodyBytes();
        body = new RequestBody(ByteBufAllocator.DEFAULT, limit, replayable);
      }
    }
    go(plan);
  }

  private boolean isReplayable(Pool pool) {
    boolean key = pool.retry().idempotencyKey() && hasIdempotencyKey();
    return pool.retry().attempts() > 1
        && Decider.isReplayable(request.method().name(), key, pool.retry())
        && (!request.body() || contentLength(request.headers()) <= pool.hold().bodyBytes());
  }

  private static long contentLength(HttpHeaders headers) {
    try {
      return Long.parseLong(headers.get(HttpHeaderNames.CONTENT_LENGTH, "0"));
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  private boolean hasIdempotencyKey() {
    return request.headers().contains("idempotency-key");
  }

  /** A piece of the request's body. Takes over the reference. */
  public void requestBody(ByteBuf data) {
    RequestBody to = body;
    if (to == null || state == State.ENDED || state == State.TUNNELLED) {
      data.release();
      return;
    }
    readOutstanding = false;
    trace.bytesIn += data.readableBytes();
    movedClock = worker.mark();
    UpstreamConnection server = upstream;
    if (server != null && isSending()) {
      sent = Sent.BODY;
      to.send(data, server::sendBody);
    } else {
      to.hold(data);
    }
    readMore();
  }

  /** The end of the request. */
  public void requestEnd(HttpHeaders trailers) {
    if (requestEnded || state == State.ENDED) {
      return;
    }
    requestEnded = true;
    this.trailers = HopByHop.trailers(trailers);
    movedClock = worker.mark();
    UpstreamConnection server = upstream;
    if (server != null && isSending()) {
      server.sendEnd(this.trailers);
    }
  }

  /** The client went away, or broke HTTP: nothing more can be sent to it. */
  public void clientGone() {
    if (state != State.TUNNELLED && state != State.ENDED) {
      leave();
      tell(EndReason.CLIENT_GONE);
    }
  }

  /** {@link Downstream#isWritable} may have changed. */
  public void writabilityChanged() {
    UpstreamConnection server = upstream;
    if (state == State.RELAYING && server != null && downstream.isWritable()) {
      movedClock = worker.mark();
      server.resume();
    }
  }

  private boolean isSending() {
    return state == State.AWAITING || state == State.RELAYING;
  }

  private void readMore() {
    RequestBody from = body;
    if (from == null || requestEnded || readOutstanding || state == State.ENDED) {
      return;
    }
    UpstreamConnection server = upstream;
    boolean wanted = from.hasRoom();
    if (server != null && isSending()) {
      wanted = server.isWritable();
    }
    if (wanted) {
      readOutstanding = true;
      downstream.requestRead();
    }
  }

  // ---------------------------------------------------------------- choosing and waiting

  private void go(Plan first) {
    Plan plan = first;
    while (plan instanceof Plan.Send send) {
      PoolState pool = choice.pool();
      InetSocketAddress address = send.server().address();
      if (pool == null || address == null) {
        break;
      }
      Peer peer = worker.peer(send.server(), pool, address);
      if (!peer.admits(worker.clock(), scoutNanos(pool.pool()))) {
        if (pool.pool().mode() == Mode.BALANCE) {
          choice.failedOn(send.server());
          plan = choice.plan();
          continue;
        }
        break;
      }
      if (!Target.takePlace(send.server())) {
        break;
      }
      connect(new Target(pool, send.server(), send.why(), peer));
      return;
    }
    if (plan instanceof Plan.Reject) {
      answer(503, EndReason.NO_SERVER);
    } else {
      hold();
    }
  }

  /** How long all wait, but one, before a server that took no connection is tried again. */
  private static long scoutNanos(Pool pool) {
    return Math.min(pool.health().fastInterval().toNanos(), TimeUnit.SECONDS.toNanos(1));
  }

  private void hold() {
    PoolState pool = choice.pool();
    if (pool == null || heldClock >= nanos(pool.pool().hold().time())) {
      answer(503, EndReason.NO_SERVER);
      return;
    }
    HoldSettings hold = pool.pool().hold();
    if (!engine.mayWait(request.pool(), hold.requests())) {
      answer(503, EndReason.HOLD_FULL);
      return;
    }
    enter(State.HELD);
    heldSinceClock = worker.clock();
    trace.holdBegins();
    choice.waited();
    worker.holds().add(this, request.pool(), trace.wasHeld());
    engine.listener().held(request.pool(), 1);
    readMore();
  }

  private void leaveHold() {
    worker.holds().remove(this, request.pool());
    engine.waitsNoMore(request.pool());
    heldClock += worker.clock() - heldSinceClock;
    trace.holdEnds();
    engine.listener().held(request.pool(), -1);
  }

  /** Whether a request that waits could be sent now. */
  boolean canGo() {
    if (!(choice.plan() instanceof Plan.Send send)) {
      return choice.pool() == null;
    }
    Peer peer = worker.knownPeer(send.server());
    PoolState pool = choice.pool();
    return peer == null || pool == null || peer.admits(worker.clock(), scoutNanos(pool.pool()));
  }

  /** Ends its wait. */
  void release() {
    leaveHold();
    state = State.NEW;
    go(choice.plan());
  }

  // ---------------------------------------------------------------- one attempt

  private void connect(Target to) {
    target = to;
    trace.server = to.server();
    sent = Sent.NOTHING;
    reports.attemptBegins();
    Retry again = retry;
    if (again != null) {
      retry = null;
      engine.listener().retried(request.pool(), again);
    }
    UpstreamConnection spare = takeIdle(to.peer());
    if (spare != null) {
      upstream = spare;
      spare.take(this);
      send(to, spare);
      return;
    }
    enter(State.CONNECTING);
    to.peer().trying(worker.clock());
    UpstreamConnection opened = new UpstreamConnection(to.peer(), this);
    upstream = opened;
    to.peer().open(opened);
    readMore();
  }

  /** A new connection is surer: for what can't be replayed, and after one that broke. */
  private @Nullable UpstreamConnection takeIdle(Peer peer) {
    if (request.webSocket() || trace.sends > 0) {
      return null;
    }
    return peer.idle().take(replayable ? IdleConnections.MAX_AGE_NANOS : FRESH_NANOS);
  }

  @Override
  public void connected() {
    Target to = target;
    UpstreamConnection server = upstream;
    if (state != State.CONNECTING || to == null || server == null) {
      return;
    }
    succeeded(to);
    send(to, server);
  }

  private void succeeded(Target to) {
    if (to.peer().succeeded()) {
      worker.wake();
    }
  }

  private void send(Target to, UpstreamConnection server) {
    HttpHeaders headers;
    try {
      headers = ServerHeaders.build(request, to.pool(), to.server(), requestId, engine.trusted());
    } catch (IllegalArgumentException e) {
      answer(400, EndReason.BAD_REQUEST);
      return;
    }
    enter(State.AWAITING);
    trace.sends++;
    RequestBody from = body;
    if (from == null) {
      sent = Sent.BODY;
      server.sendWhole(request.method(), request.target(), headers);
      return;
    }
    sent = Sent.HEAD;
    server.sendHead(request.method(), request.target(), headers);
    from.sendAll(
        piece -> {
          sent = Sent.BODY;
          server.sendBody(piece);
        });
    if (requestEnded && upstream == server) {
      server.sendEnd(trailers == null ? EmptyHttpHeaders.INSTANCE : trailers);
    }
    readMore();
  }

  @Override
  public void serverWritable() {
    movedClock = worker.mark();
    readMore();
  }

  // ---------------------------------------------------------------- the answer

  @Override
  public void informational(HttpResponse answer) {
    movedClock = worker.mark();
    if (state == State.AWAITING && !HttpVersion.HTTP_1_0.equals(request.version())) {
      ClientHeaders.prepare(answer, requestId, null);
      downstream.informational(answer);
      downstream.flush();
    }
  }

  @Override
  public void answerHead(HttpResponse answer) {
    Target from = target;
    if (state != State.AWAITING || from == null) {
      return;
    }
    enter(State.RELAYING);
    trace.status = answer.status().code();
    reports.called(from, trace.status >= 500);
    succeeded(from);
    if (body != null) {
      body.settle();
    }
    ClientHeaders.prepare(answer, requestId, choice.setCookie(from));
    downstream.head(answer);
  }

  @Override
  public void answerBody(ByteBuf data) {
    movedClock = worker.mark();
    trace.bytesOut += data.readableBytes();
    downstream.body(data);
  }

  @Override
  public void answerEnded(HttpHeaders trailers) {
    if (state != State.RELAYING) {
      return;
    }
    UpstreamConnection server = upstream;
    upstream = null;
    if (server != null) {
      server.answered(requestEnded);
    }
    leave();
    tell(EndReason.ANSWERED);
    downstream.end(HopByHop.trailers(trailers));
    downstream.flush();
  }

  @Override
  public boolean wantsMore() {
    if (state == State.RELAYING) {
      downstream.flush();
      return downstream.isWritable();
    }
    return true;
  }

  @Override
  public void switching(HttpResponse answer) {
    Target to = target;
    UpstreamConnection server = upstream;
    if (!request.webSocket() || to == null || server == null) {
      badAnswer("101 to a request that did not ask for it");
      return;
    }
    reports.called(to, false);
    succeeded(to);
    trace.status = 101;
    ClientHeaders.prepare(answer, requestId, choice.setCookie(to));
    ClientHeaders.switching(answer);
    upstream = null;
    Channel channel = server.toTunnel();
    leavePlace();
    worker.leave(this);
    state = State.TUNNELLED;
    Channel client = downstream.upgrade(answer);
    engine.tunnels().open(client, channel, to.server(), to.pool(), this::tunnelEnded);
  }

  private void tunnelEnded(EndReason reason, long bytesIn, long bytesOut) {
    state = State.ENDED;
    trace.bytesIn = bytesIn;
    trace.bytesOut = bytesOut;
    tell(reason);
  }

  // ---------------------------------------------------------------- what goes wrong

  @Override
  public void broken(@Nullable Throwable cause) {
    String detail = cause == null ? "closed by the server" : String.valueOf(cause.getMessage());
    UpstreamConnection server = upstream;
    if (state == State.CONNECTING) {
      failed(Failure.CONNECT_FAILED, detail);
    } else if (state == State.RELAYING) {
      failed(Failure.ANSWER_BROKEN, detail);
    } else if (state == State.AWAITING) {
      boolean stale = server != null && server.isStale();
      failed(stale ? Failure.STALE : Failure.BROKEN, detail);
    }
  }

  @Override
  public void badAnswer(String detail) {
    failed(Failure.BAD_ANSWER, detail);
  }

  private void failed(Failure failure, String detail) {
    Target from = target;
    if (from == null) {
      return;
    }
    Pool pool = from.pool().pool();
    reports.failed(from, failure, worker.clock(), detail);
    Attempt attempt =
        new Attempt(
            request.method().name(),
            hasIdempotencyKey(),
            sent,
            body == null || body.isWhole(),
            trace.sends);
    Step step = Decider.afterFailure(failure, attempt, pool);
    leaveServer();
    switch (step) {
      case Step.Replay replay -> {
        retry = replay.reason();
        if (pool.mode() == Mode.BALANCE) {
          choice.failedOn(from.server());
        }
        state = State.NEW;
        go(choice.plan());
      }
      case Step.Hold hold -> {
        retry = hold.reason();
        state = State.NEW;
        hold();
      }
      case Step.Answer answer -> answer(answer.status(), answer.end());
      case Step.BreakOff breakOff -> breakOff(breakOff.end());
    }
  }

  /** Called on each change of the snapshot. */
  void snapshotChanged(Snapshot now) {
    Target from = target;
    if ((state == State.CONNECTING || state == State.AWAITING)
        && from != null
        && from.judgedDown(now)) {
      failed(Failure.SERVER_DOWN, "judged DOWN");
    }
  }

  // ---------------------------------------------------------------- time

  /** Judges what waits; called on each tick that was not late. */
  void sweep(long nowNanos) {
    long clock = worker.clock();
    Target on = target;
    PoolState pool = choice.pool();
    if (state == State.HELD && pool != null) {
      if (heldClock + clock - heldSinceClock >= nanos(pool.pool().hold().time())) {
        holdExpired();
      }
    } else if (on != null && state == State.CONNECTING) {
      if (clock - sinceClock >= nanos(on.pool().pool().timeouts().connect())) {
        failed(Failure.CONNECT_TIMED_OUT, "no connection in time");
      }
    } else if (on != null && state == State.AWAITING) {
      sweepAwaiting(on, clock, nowNanos);
    } else if (on != null && state == State.RELAYING) {
      sweepRelaying(on, clock);
    }
  }

  private void holdExpired() {
    if (canGo()) {
      release();
    } else {
      answer(503, EndReason.NO_SERVER);
    }
  }

  private void sweepAwaiting(Target on, long clock, long nowNanos) {
    UpstreamConnection server = upstream;
    boolean serversTurn = requestEnded || (server != null && !server.isWritable());
    TimeoutSettings timeouts = on.pool().pool().timeouts();
    Duration limit = requestEnded ? timeouts.response() : timeouts.idle();
    if (clock - movedClock >= nanos(limit)) {
      if (serversTurn) {
        failed(Failure.RESPONSE_TIMED_OUT, "no answer in time");
      } else {
        breakOff(EndReason.CLIENT_GONE);
      }
    } else if (serversTurn) {
      reports.waiting(on, movedClock, clock, nowNanos);
    }
  }

  private void sweepRelaying(Target on, long clock) {
    if (clock - movedClock >= nanos(on.pool().pool().timeouts().idle())) {
      breakOff(downstream.isWritable() ? EndReason.ANSWER_BROKEN : EndReason.CLIENT_GONE);
    }
  }

  private static long nanos(Duration duration) {
    return duration.toNanos();
  }

  // ---------------------------------------------------------------- the end

  private void enter(State next) {
    state = next;
    sinceClock = worker.mark();
    movedClock = sinceClock;
  }

  private void answer(int status, EndReason end) {
    PoolState pool = choice.pool();
    leave();
    trace.status = status;
    trace.bytesOut =
        LocalAnswer.send(downstream, request, status, requestId, pool == null ? null : pool.pool());
    tell(end);
  }

  private void breakOff(EndReason end) {
    leave();
    tell(end);
    downstream.abort();
  }

  /** Lets go of everything: from here on, every call is of no effect. */
  private void leave() {
    if (state == State.HELD) {
      leaveHold();
    }
    state = State.ENDED;
    leaveServer();
    worker.leave(this);
    if (body != null) {
      body.release();
    }
  }

  private void leaveServer() {
    UpstreamConnection server = upstream;
    upstream = null;
    if (server != null) {
      server.leave();
    }
    leavePlace();
  }

  private void leavePlace() {
    Target from = target;
    target = null;
    if (from != null && from.givePlaceBack() && engine.someWait(request.pool())) {
      engine.wake(request.pool());
    }
  }

  private void tell(EndReason end) {
    engine.listener().ended(trace.outcome(end));
  }
}
