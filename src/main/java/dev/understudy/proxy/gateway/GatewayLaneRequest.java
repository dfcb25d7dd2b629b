package dev.understudy.proxy.gateway;

import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.GatewayBridge;
import dev.understudy.proxy.frontend.GatewayRequest;
import dev.understudy.proxy.frontend.RequestRefusedException;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RequestSpan;
import dev.understudy.traffic.TraceContext;
import dev.understudy.traffic.TrafficListener;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * One request of the Gateway lane as it came, before any filter changed it; an attribute of its
 * exchange. Passes the client's events on to the current attempt and to the readers of the body.
 */
final class GatewayLaneRequest implements GatewayBridge.Listener {
  private static final String ATTRIBUTE = GatewayLaneRequest.class.getName();

  final long startNanos = System.nanoTime();
  final HttpServerRequest http;

  /** The request as the first filter sees it. */
  final ServerHttpRequest request;

  final Channel channel;

  final Frontend frontend;

  final GatewayBridge bridge;

  /** The request as the frontend received it. */
  final GatewayRequest received;

  /** The client's wait for a 100 before it sends its body; null if it does not wait. */
  final @Nullable ContinueExpectation expectation;

  /** The normalised URI, as the first filter sees it. */
  final URI uri;

  /** Fails the subscriber of the request's body; null if the request has no body. */
  private final Sinks.@Nullable Empty<Void> bodyEnd;

  private @Nullable GatewayDownstream downstream;

  /** The current attempt until its response is taken. */
  private @Nullable GatewayDownstream untaken;

  /** The span of a request that a failure ended before it was forwarded. */
  private @Nullable RequestSpan span;

  private int localForwards;
  private boolean forwarded;
  private boolean refused;

  private GatewayLaneRequest(ServerWebExchange exchange, Preflights preflights, Frontend frontend) {
    this.frontend = frontend;
    this.http = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
    this.channel = ((Connection) http).channel();
    this.bridge = GatewayBridge.on(channel);
    this.received = bridge.request();
    this.expectation =
        received.expectsContinue() ? new ContinueExpectation(bridge, channel.eventLoop()) : null;
    this.bodyEnd = received.body() ? Sinks.empty() : null;
    ServerHttpRequest seen = preflights.hide(exchange.getRequest());
    this.request = bodyEnd == null && expectation == null ? seen : new Watched(seen);
    this.uri = request.getURI();
  }

  static GatewayLaneRequest begin(
      ServerWebExchange exchange, Preflights preflights, Frontend frontend) {
    GatewayLaneRequest request = new GatewayLaneRequest(exchange, preflights, frontend);
    request.bridge.listen(request);
    exchange.getAttributes().put(ATTRIBUTE, request);
    return request;
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

  HttpHeaders headers() {
    return http.requestHeaders();
  }

  /** Whether a part of the final response has been written. */
  boolean hasSentHead() {
    return !(http instanceof HttpServerResponse response) || response.hasSentHeaders();
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
    return last == null ? null : last.content();
  }

  @Override
  public void writabilityChanged() {
    if (downstream != null) {
      downstream.writabilityChanged();
    }
  }

  /**
   * Tells the engine first, if it has the request, because the engine decides how the exchange
   * ends.
   */
  @Override
  public void refused(RequestRefusedException refusal) {
    if (downstream != null) {
      downstream.refused(refusal);
    }
    if (bodyEnd != null) {
      bodyEnd.tryEmitError(refusal);
    }
  }

  /** Records the error with which the filters ended; a log line about it can name the trace. */
  void failed(Throwable error, TrafficListener listener) {
    refused = error instanceof RequestRefusedException;
    if (!forwarded) {
      span = listener.began(headers(), startNanos);
    }
  }

  /** The request's span; null if requests are not traced, or if it has none yet. */
  @Nullable TraceContext trace() {
    GatewayDownstream last = downstream;
    if (last != null) {
      return last.trace();
    }
    return span == null ? null : span.context();
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

  /**
   * The request with a body that ends with an error as soon as the request is refused, and whose
   * reading meets the client's expectation.
   */
  private final class Watched extends ServerHttpRequestDecorator {
    Watched(ServerHttpRequest request) {
      super(request);
    }

    @Override
    public Flux<DataBuffer> getBody() {
      Flux<DataBuffer> body = super.getBody();
      Flux<DataBuffer> ended = bodyEnd == null ? body : body.takeUntilOther(bodyEnd.asMono());
      ContinueExpectation waits = expectation;
      return waits == null ? ended : ended.doOnSubscribe(subscription -> waits.bodyIsRead());
    }
  }
}
