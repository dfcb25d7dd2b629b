package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.CLIENT_RESPONSE_HEADER_NAMES;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.proxy.frontend.RequestRefusedException;
import dev.understudy.proxy.http.HopByHop;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.traffic.TraceContext;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The client's side of an exchange in the Gateway lane. Filters receive the response's head through
 * a {@code Mono} that completes when the head is there, and the body as a {@code Flux}. A 101
 * bypasses the filters: it takes the channel over, and the {@code Mono} completes when the channel
 * closes.
 */
final class GatewayDownstream implements Downstream, LaneBody.Source {
  private static final Logger log = LoggerFactory.getLogger(GatewayDownstream.class);

  private final ServerWebExchange exchange;
  private final GatewayLaneRequest request;
  private final EventLoop loop;
  private final LaneBody body;

  private @Nullable Exchange forwarding;
  private @Nullable Upload upload;
  private @Nullable MonoSink<Void> headSink;
  private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;

  /** Whether the head has arrived and the filters have not been notified yet. */
  private boolean waiting;

  private boolean inEngine;
  private boolean upgraded;
  private boolean over;
  private long overNanos;

  GatewayDownstream(ServerWebExchange exchange, GatewayLaneRequest request) {
    this.exchange = exchange;
    this.request = request;
    this.loop = request.loop;
    this.body = new LaneBody(loop, request.received.client()::unsent, this);
  }

  /** Forwards the request; completes when the response's head is set on the exchange's response. */
  Mono<Void> forward(ExchangeFactory engine, ProxyRequest what, Flux<DataBuffer> content) {
    return Mono.create(
        sink -> {
          sink.onCancel(() -> GatewayLaneRequest.on(loop, this::close));
          GatewayLaneRequest.on(loop, () -> start(engine, what, content, sink));
        });
  }

  private void start(
      ExchangeFactory engine, ProxyRequest what, Flux<DataBuffer> content, MonoSink<Void> sink) {
    if (body.isClosed() || request.isOver()) {
      // There is no subscriber left: the canceller has reported the request's end, or will.
      return;
    }
    RequestRefusedException refusal = request.refusal();
    if (refusal != null) {
      // Refused while filters worked on it: the engine could only treat its client as gone.
      sink.error(refusal);
      return;
    }
    request.forwardedBy(this);
    request.leaveContinueToServer();
    headSink = sink;
    forwarding = engine.exchange(what, ExchangeRequest.of(exchange).compressing(this, what), loop);
    upload = new Upload(content, forwarding);
    forwarding.start();
  }

  /**
   * The body, null after an upgrade; a {@code Mono} if it is complete, which Spring writes with
   * fewer stages.
   */
  @Nullable Publisher<DataBuffer> content() {
    if (upgraded) {
      return null;
    }
    boolean whole = loop.inEventLoop() && body.isWhole() && trailers.isEmpty();
    return whole ? body.whole() : body;
  }

  /** Discards the rest of the response; without effect after its end. */
  void close() {
    GatewayLaneRequest.on(loop, body::discard);
  }

  private void clientGone() {
    if (!over && forwarding != null) {
      finish();
      forwarding.clientGone();
    }
  }

  /**
   * Passes the frontend's refusal on to the engine, which sends an error response or truncates the
   * one that has begun.
   */
  void refused(RequestRefusedException refusal) {
    if (!over && forwarding != null) {
      forwarding.refuse(refusal.status());
    }
  }

  /** Reports the failure to a client that is still connected: nothing else will end its request. */
  private void bodyFailed(Throwable broken) {
    clientGone();
    MonoSink<Void> sink = headSink;
    headSink = null;
    if (sink == null) {
      request.abort();
    } else if (!request.isGone()) {
      sink.error(broken);
    }
  }

  /** Ends all communication with the engine, in both directions. */
  private void finish() {
    over = true;
    overNanos = System.nanoTime();
    if (upload != null) {
      upload.cancel();
    }
  }

  /** Whether nothing more comes from the engine. */
  boolean isOver() {
    return over;
  }

  /** Since when, by {@link System#nanoTime}. */
  long overNanos() {
    return overNanos;
  }

  /** The trailers of the response; empty until its end. */
  HttpHeaders trailers() {
    return trailers;
  }

  /** The exchange's span; null if requests are not traced, or before the exchange. */
  @Nullable TraceContext trace() {
    return forwarding == null ? null : forwarding.trace();
  }

  void writabilityChanged() {
    if (over || forwarding == null) {
      return;
    }
    if (inEngine) {
      loop.execute(this::writabilityChanged);
    } else {
      forwarding.writabilityChanged();
    }
  }

  @Override
  public void informational(HttpResponse response) {
    request.informational(response);
  }

  @Override
  public void head(HttpResponse response) {
    boolean length = response.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
    try {
      copy(response);
    } catch (RuntimeException unspeakable) {
      LogTrace.with(
          trace(), () -> log.debug("Cannot relay the upstream response head", unspeakable));
      clientGone();
      request.abort();
      return;
    }
    request.response().keepReason(response.status());
    waiting = true;
    // The rest of a small response is in the same batch.
    if (!length) {
      goOn();
    }
  }

  /** Copies a head to the exchange's response, where filters find it. */
  // A decorator that has fields of its own is told by their identity.
  @SuppressWarnings("ReferenceEquality")
  private void copy(HttpResponse from) {
    ServerHttpResponse response = exchange.getResponse();
    response.setStatusCode(HttpStatusCode.valueOf(from.status().code()));
    HttpHeaders fields = from.headers();
    fields.remove(HttpHeaderNames.TRANSFER_ENCODING);
    String contentType = fields.get(HttpHeaderNames.CONTENT_TYPE);
    if (contentType != null) {
      exchange.getAttributes().put(ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR, contentType);
    }
    Set<String> names = new HashSet<>();
    Iterator<Map.Entry<CharSequence, CharSequence>> all = fields.iteratorCharSequence();
    while (all.hasNext()) {
      names.add(all.next().getKey().toString());
    }
    // Lets the Gateway's retry filter remove them again.
    exchange.getAttributes().put(CLIENT_RESPONSE_HEADER_NAMES, names);
    LaneResponse lane = request.response();
    if (response.getHeaders() == lane.getHeaders()) {
      lane.take(fields);
    } else {
      names.forEach(name -> response.getHeaders().addAll(name, fields.getAll(name)));
    }
  }

  @Override
  public void flush() {
    goOn();
  }

  /** Completes the {@code Mono} of a waiting head, which lets the filters see it. */
  private void goOn() {
    if (waiting) {
      waiting = false;
      called(this::succeed);
    }
  }

  private void succeed() {
    MonoSink<Void> sink = headSink;
    headSink = null;
    if (sink != null) {
      sink.success();
    }
  }

  @Override
  public void body(ByteBuf data) {
    called(() -> body.add(data));
  }

  @Override
  public void end(HttpHeaders received) {
    finish();
    trailers = HopByHop.trailers(received);
    called(body::end);
    goOn();
  }

  /**
   * Runs filters within a call of the engine. If they request more meanwhile, the engine learns of
   * it afterwards.
   */
  private void called(Runnable task) {
    boolean outer = inEngine;
    inEngine = true;
    try {
      task.run();
    } finally {
      inEngine = outer;
    }
  }

  @Override
  public boolean isWritable() {
    return body.isWanted() && request.client.isWritable();
  }

  /**
   * A body has no demand before its head is sent, so only the writability of the channel and of its
   * connection counts.
   */
  @Override
  public boolean isHeadWelcome() {
    return request.client.isHeadWelcome();
  }

  @Override
  public void requestRead() {
    Objects.requireNonNull(upload).read();
  }

  /**
   * Fails the body, which filters see like any failure; a response that has begun is then
   * truncated.
   */
  @Override
  public void breakOff() {
    finish();
    called(() -> body.fail(new LaneBody.BrokenOffException("the server broke off its response")));
    goOn();
  }

  @Override
  public void abort() {
    finish();
    request.abort();
  }

  @Override
  public boolean accepts(HttpResponse response) {
    return request.client.accepts(response);
  }

  @Override
  public Channel upgrade(HttpResponse switching) {
    finish();
    upgraded = true;
    addHeadersOfFilters(switching.headers());
    request.upgraded();
    Channel taken = request.client.upgrade(switching);
    var unused = taken.closeFuture().addListener(closed -> succeed());
    return taken;
  }

  /**
   * Copies the headers that filters set: a 101 does not pass through the response that they
   * modified.
   */
  private void addHeadersOfFilters(HttpHeaders head) {
    exchange
        .getResponse()
        .getHeaders()
        .forEach(
            (name, values) -> {
              if (!HttpHeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(name)) {
                head.set(name, values);
              }
            });
  }

  // The source of the body.

  @Override
  public void wanted() {
    writabilityChanged();
  }

  @Override
  public void cancelled() {
    clientGone();
  }

  @Override
  public boolean beginsEmpty() {
    return true;
  }

  /** Carries the request's body to the engine, one piece for each read that the engine requests. */
  private final class Upload extends BaseSubscriber<DataBuffer> {
    private final Flux<DataBuffer> source;
    private final Exchange to;
    private boolean subscribed;

    Upload(Flux<DataBuffer> source, Exchange to) {
      this.source = source;
      this.to = to;
    }

    void read() {
      if (!subscribed) {
        subscribed = true;
        source.subscribe(this);
      } else {
        request(1);
      }
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      request(1);
    }

    @Override
    protected void hookOnNext(DataBuffer data) {
      // Without a copy unless a filter made the buffer.
      ByteBuf bytes = NettyDataBufferFactory.toByteBuf(data);
      GatewayLaneRequest.on(
          loop,
          () -> {
            if (over) {
              bytes.release();
            } else {
              to.requestBody(bytes);
            }
          });
    }

    @Override
    protected void hookOnComplete() {
      unlessOver(() -> to.requestEnd(request.trailers()));
    }

    /** The client disconnected, its request was refused, or a filter threw. */
    @Override
    protected void hookOnError(Throwable broken) {
      unlessOver(() -> bodyFailed(broken));
    }

    private void unlessOver(Runnable task) {
      GatewayLaneRequest.on(
          loop,
          () -> {
            if (!over) {
              task.run();
            }
          });
    }
  }
}
