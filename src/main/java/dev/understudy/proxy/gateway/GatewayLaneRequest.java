package dev.understudy.proxy.gateway;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.GatewayRequest;
import dev.understudy.proxy.frontend.RequestRefusedException;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RequestSpan;
import dev.understudy.traffic.TraceContext;
import dev.understudy.traffic.TrafficListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.HttpHeadResponseDecorator;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/**
 * One request of the Gateway lane: the exchange that the frontend sees, which runs Spring's
 * handler, and what that and its filters find as an attribute of theirs. Passes the client's events
 * on to the current attempt and to the reader of the body.
 *
 * <p>The response ends when the handler does, in whatever thread; it is written on the event loop.
 */
final class GatewayLaneRequest implements Exchange, LaneBody.Source {
  private static final String ATTRIBUTE = GatewayLaneRequest.class.getName();

  final long startNanos = System.nanoTime();

  /** The request as the frontend received it. */
  final GatewayRequest received;

  /** Writes to the client. */
  final Downstream client;

  final EventLoop loop;
  final Frontend frontend;

  private final HttpHandler handler;
  private final LaneBody body;
  private final LaneResponse response;
  private final Run run = new Run();

  /** The request as the first filter sees it; null until it does. */
  private @Nullable ServerHttpRequest seen;

  private @Nullable GatewayDownstream downstream;

  /** The current attempt until its response is taken. */
  private @Nullable GatewayDownstream untaken;

  /** The attempt whose response was taken last; null if that did not come from the engine. */
  private @Nullable GatewayDownstream taken;

  /** The span of a request that a failure ended before it was forwarded. */
  private @Nullable RequestSpan span;

  private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
  private @Nullable RequestRefusedException refusal;

  /** Whether the client waits for "100 Continue" before it sends its body (RFC 9110 §10.1.1). */
  private volatile boolean expectsContinue;

  /** Whether the 100 is the server's to send. */
  private boolean continueLeft;

  private int localForwards;
  private boolean forwarded;
  private boolean refused;
  private volatile boolean aborted;

  /** Whether nothing more is written to the client. */
  private volatile boolean over;

  private volatile boolean gone;

  GatewayLaneRequest(GatewayRequest received, Downstream client, HttpHandler handler) {
    this.received = received;
    this.client = client;
    this.handler = handler;
    this.loop = received.loop();
    this.frontend = received.frontend();
    this.expectsContinue = received.expectsContinue() && received.body();
    this.body = new LaneBody(loop, received.client()::unsent, this);
    this.response = new LaneResponse(this);
  }

  static GatewayLaneRequest of(ServerWebExchange exchange) {
    return exchange.getRequiredAttribute(ATTRIBUTE);
  }

  /** Runs the task on the event loop: at once if this is its thread. */
  static void on(EventLoop loop, Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }

  // The exchange, on its event loop.

  @Override
  public void start() {
    ServerHttpRequest request;
    try {
      request = LaneServerRequest.of(this, received.body() ? body : Flux.empty());
    } catch (URISyntaxException e) {
      over = true;
      received.refuse(400, client, RequestEnd.BAD_REQUEST);
      return;
    }
    handler
        .handle(
            request,
            HttpMethod.HEAD.equals(method()) ? new HttpHeadResponseDecorator(response) : response)
        .subscribe(run);
  }

  @Override
  public void requestBody(ByteBuf data) {
    body.add(body.isWanted() ? counted(data) : copied(data));
    body.tellWanted();
  }

  /**
   * A piece shares its memory, and with it the count of its references, with all that came in the
   * same read: other requests, of other streams too. It gets a count of its own, as the Gateway's
   * filters that keep a body release it until the memory is freed.
   */
  private static ByteBuf counted(ByteBuf shared) {
    return new CompositeByteBuf(shared.alloc(), shared.isDirect(), 1, shared);
  }

  /** Lets what waits keep no more memory than it counts for. */
  private static ByteBuf copied(ByteBuf shared) {
    ByteBuf copy = shared.copy();
    shared.release();
    return copy;
  }

  @Override
  public void requestEnd(HttpHeaders last) {
    trailers = last;
    body.end();
  }

  @Override
  public void clientGone() {
    gone = true;
    cancel();
  }

  /**
   * Tells the engine first, if it has the request, because the engine decides how the exchange
   * ends.
   */
  @Override
  public void refuse(int status) {
    if (over) {
      return;
    }
    if (refusal != null) {
      if (status == 408) {
        // Idle again, and its filters have not responded to the first refusal.
        abort();
      }
      return;
    }
    RequestRefusedException why = new RequestRefusedException(status);
    refusal = why;
    if (downstream != null && !downstream.isOver()) {
      downstream.refused(why);
    } else if (response.hasBegun()) {
      abort();
    }
    body.breakOff(why);
  }

  @Override
  public void writabilityChanged() {
    response.writabilityChanged();
    if (downstream != null) {
      downstream.writabilityChanged();
    }
  }

  /** The request's span; null if requests are not traced, or if it has none yet. */
  @Override
  public @Nullable TraceContext trace() {
    GatewayDownstream last = downstream;
    if (last != null) {
      return last.trace();
    }
    return span == null ? null : span.context();
  }

  /** The handler of the request, whose end is the response's. */
  private final class Run extends BaseSubscriber<Void> {
    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    protected void hookOnComplete() {
      on(loop, GatewayLaneRequest.this::finish);
    }

    /** Handles an error that no handler of errors has: none of ours leaves one. */
    @Override
    protected void hookOnError(Throwable error) {
      on(loop, GatewayLaneRequest.this::abort);
    }
  }

  private void finish() {
    if (!over) {
      ended();
      response.end(lastTrailers());
    }
  }

  /** Notes that nothing more is written, or read. */
  private void ended() {
    over = true;
    if (received.body()) {
      body.breakOff(new LaneBody.BrokenOffException("the request has ended"));
    }
  }

  private HttpHeaders lastTrailers() {
    return taken == null ? EmptyHttpHeaders.INSTANCE : taken.trailers();
  }

  private void cancel() {
    over = true;
    run.cancel();
    close();
    response.discard();
    ended();
  }

  // The source of the body.

  @Override
  public void wanted() {
    client.requestRead();
  }

  /** Lets a client that waits send what a filter reads. */
  @Override
  public void subscribed() {
    if (expectsContinue && !continueLeft) {
      informational(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    }
  }

  /** Leaves the 100 to the server: reading the body no longer sends the proxy's own. */
  void leaveContinueToServer() {
    continueLeft = true;
  }

  /** Whether the client waits for a 100, which neither the server nor the proxy has sent. */
  boolean expectsContinue() {
    return expectsContinue;
  }

  // Calls from filters.

  /** Begins the work of filters on the request. */
  void begin(ServerWebExchange exchange, Preflights preflights) {
    seen = preflights.hide(exchange.getRequest());
    exchange.getAttributes().put(ATTRIBUTE, this);
  }

  /** The request as the first filter sees it. */
  ServerHttpRequest request() {
    ServerHttpRequest known = seen;
    if (known == null) {
      throw new IllegalStateException("no filter has the request yet");
    }
    return known;
  }

  /** The normalised URI, as the first filter sees it. */
  URI uri() {
    return request().getURI();
  }

  HttpMethod method() {
    return received.message().method();
  }

  HttpHeaders headers() {
    return received.message().headers();
  }

  /** The request's trailers; empty until its end has come. */
  HttpHeaders trailers() {
    return trailers;
  }

  LaneResponse response() {
    return response;
  }

  /** Whether nothing more can be written to the client: the response has ended, or was given up. */
  boolean isOver() {
    return over;
  }

  /** Whether the client has gone. */
  boolean isGone() {
    return gone;
  }

  /** The refusal of the request; null if it has not been refused. */
  @Nullable RequestRefusedException refusal() {
    return refusal;
  }

  /** Sends a 1xx response other than 101. */
  void informational(HttpResponse head) {
    if (!over) {
      if (head.status().equals(HttpResponseStatus.CONTINUE)) {
        expectsContinue = false;
      }
      client.informational(head);
    }
  }

  /** Ends a response that has begun, once the written part is delivered. */
  void breakOff() {
    if (!over) {
      ended();
      client.breakOff();
    }
  }

  /** Ends the request at once, so that no response can look complete. */
  void abort() {
    if (!over) {
      over = true;
      aborted = true;
      client.abort();
      // Later, as filters may be running.
      PerEventLoop.run(loop, this::cancel);
    }
  }

  /** Whether the request was ended without a response. */
  boolean isAborted() {
    return aborted;
  }

  /** Gives the client's connection away. */
  void upgraded() {
    ended();
  }

  /** Counts a route that forwards the request to another one; false after {@code most} of them. */
  boolean countLocalForward(int most) {
    return ++localForwards <= most;
  }

  /** Records the current attempt and closes the previous one; a filter may make several. */
  void forwardedBy(GatewayDownstream next) {
    GatewayDownstream previous = downstream;
    downstream = next;
    untaken = next;
    forwarded = true;
    if (previous != null) {
      previous.close();
    }
  }

  /**
   * Takes the body of the last response; null if that response did not come from the engine, or was
   * taken before.
   */
  @Nullable Publisher<DataBuffer> takeBody() {
    GatewayDownstream last = untaken;
    untaken = null;
    taken = last;
    return last == null ? null : last.content();
  }

  /** Records the error with which the filters ended; a log line about it can name the trace. */
  void failed(Throwable error, TrafficListener listener) {
    refused = error instanceof RequestRefusedException;
    if (!forwarded) {
      span = listener.began(headers(), startNanos);
    }
  }

  /** Reports the end of a request that was not forwarded. */
  void ended(RequestOutcome outcome, TrafficListener listener) {
    if (span == null) {
      listener.endedLocally(outcome, headers());
    } else {
      span.end(outcome);
      listener.endedForwarded(outcome.tracedBy(span.context()), headers(), null);
    }
  }

  /** The end reason of a request that did not reach the engine. */
  RequestEnd localEnd() {
    return refused ? RequestEnd.BAD_REQUEST : RequestEnd.LOCAL;
  }

  /** Whether the engine has given all of the last response. */
  boolean isResponseEnded() {
    return downstream != null && downstream.isOver();
  }

  /** When it had, by {@link System#nanoTime}; before that, when the request came. */
  long responseEndNanos() {
    return downstream != null && downstream.isOver() ? downstream.overNanos() : startNanos;
  }

  boolean isForwarded() {
    return forwarded;
  }

  /** Closes the last attempt: no more of its response will be read. */
  void close() {
    if (downstream != null) {
      downstream.close();
    }
  }
}
