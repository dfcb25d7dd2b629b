package dev.understudy.proxy.gateway;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.http.HopByHop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.reactive.AbstractServerHttpResponse;
import org.springframework.http.support.Netty4HeadersAdapter;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.netty.http.server.HttpServerResponse;
import reactor.util.context.Context;

/**
 * The response as Spring writes it, to the frontend. Its head leaves with the first piece of the
 * body, or at the end; it is flushed whenever no more is at hand, so that each element of an event
 * stream leaves at once.
 */
final class LaneResponse extends AbstractServerHttpResponse {
  /** Makes the buffers of all bodies. */
  static final NettyDataBufferFactory BUFFERS =
      new NettyDataBufferFactory(ByteBufAllocator.DEFAULT);

  /** How many pieces of a body are asked for at once, and again when half of them have come. */
  private static final int DEMAND = 32;

  private final GatewayLaneRequest lane;
  private final Downstream client;
  private final EventLoop loop;
  private final LaneFields fields;
  private @Nullable HttpResponseStatus phrased;

  /** Sets trailers at the end, of a response that is not the engine's; null if there are none. */
  private volatile @Nullable Consumer<HttpHeaders> setsTrailers;

  /** Whether the head was written. */
  private volatile boolean begun;

  /** Whether the response has no content, whatever is written. */
  private boolean silent;

  /** Whether a body was written, even if it had no piece. */
  private boolean hasBody;

  /** The body that is being written; null if there is none. */
  private @Nullable Write writing;

  LaneResponse(GatewayLaneRequest lane) {
    this(lane, new LaneFields());
  }

  private LaneResponse(GatewayLaneRequest lane, LaneFields fields) {
    super(BUFFERS, new org.springframework.http.HttpHeaders(new Netty4HeadersAdapter(fields)));
    this.fields = fields;
    this.lane = lane;
    this.client = lane.client;
    this.loop = lane.loop;
  }

  /** What takes the trailers that the Gateway's filters of other targets set, and nothing else. */
  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Spring declares it
  public <T> T getNativeResponse() {
    return (T)
        Proxy.newProxyInstance(
            HttpServerResponse.class.getClassLoader(),
            new Class<?>[] {HttpServerResponse.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("trailerHeaders")) {
                throw new UnsupportedOperationException("no response of Reactor Netty");
              }
              setsTrailers = (Consumer<HttpHeaders>) arguments[0];
              return proxy;
            });
  }

  /** 200 unless another was set. */
  @Override
  public HttpStatusCode getStatusCode() {
    HttpStatusCode set = super.getStatusCode();
    return set == null ? HttpStatus.OK : set;
  }

  /** Takes the fields of a server's response. */
  void take(HttpHeaders server) {
    fields.take(server);
  }

  /** Sets the reason phrase; ignored if a filter changes the code. */
  void keepReason(HttpResponseStatus status) {
    phrased = status;
  }

  @Override
  protected void applyStatusCode() {}

  @Override
  protected void applyHeaders() {}

  @Override
  protected void applyCookies() {
    for (var cookies : getCookies().values()) {
      for (ResponseCookie cookie : cookies) {
        fields.add(HttpHeaderNames.SET_COOKIE, cookie.toString());
      }
    }
  }

  @Override
  protected Mono<Void> writeWithInternal(Publisher<? extends DataBuffer> body) {
    return new Write(body, body instanceof Mono);
  }

  @Override
  protected Mono<Void> writeAndFlushWithInternal(
      Publisher<? extends Publisher<? extends DataBuffer>> bodies) {
    return new Write(Flux.from(bodies).concatMap(body -> body, 1), false);
  }

  /** Whether the head was written. */
  boolean hasBegun() {
    return begun;
  }

  // On the event loop.

  /** Writes the head if it was not. */
  private void begin() {
    if (begun) {
      return;
    }
    begun = true;
    int code = getStatusCode().value();
    HttpResponseStatus kept = phrased;
    HttpResponseStatus status =
        kept != null && kept.code() == code ? kept : HttpResponseStatus.valueOf(code);
    fields.remove(HttpHeaderNames.TRANSFER_ENCODING);
    if (code == 204) {
      fields.remove(HttpHeaderNames.CONTENT_LENGTH);
    }
    silent = code == 204 || code == 304 || HttpMethod.HEAD.equals(lane.method());
    client.head(new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, fields.full()));
  }

  /** Sets the length of a body that is known as a whole before the head is written. */
  private void length(int bytes) {
    int code = getStatusCode().value();
    if (!begun
        && code != 204
        && code != 304
        && !HttpMethod.HEAD.equals(lane.method())
        && !fields.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      fields.set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(bytes));
    }
  }

  private void body(ByteBuf data) {
    begin();
    if (silent || !data.isReadable()) {
      data.release();
    } else {
      client.body(data);
    }
  }

  /**
   * Ends the response.
   *
   * @param ofEngine the trailers that the engine has given
   */
  void end(HttpHeaders ofEngine) {
    HttpHeaders trailers = ofEngine;
    Consumer<HttpHeaders> more = setsTrailers;
    if (more != null) {
      HttpHeaders set = DefaultHttpHeadersFactory.trailersFactory().newHeaders();
      more.accept(set);
      trailers = HopByHop.trailers(set);
    }
    if (!hasBody && trailers.isEmpty()) {
      length(0);
    }
    begin();
    client.end(trailers);
    client.flush();
  }

  void writabilityChanged() {
    if (writing != null) {
      writing.ask();
    }
  }

  /** Stops writing: nobody takes any more. */
  void discard() {
    if (writing != null) {
      writing.cancel();
    }
  }

  /** Writes one body. Its pieces may come in any thread; all else is done on the event loop. */
  private final class Write extends Mono<Void> implements CoreSubscriber<DataBuffer>, Subscription {
    private final Publisher<? extends DataBuffer> body;
    private final boolean whole;

    /** The steps that wait for the event loop, behind which all further ones come. */
    private final AtomicInteger hops = new AtomicInteger();

    private @Nullable CoreSubscriber<? super Void> writer;
    private @Nullable Subscription source;

    /** The pieces that were asked for and have not come. */
    private int due;

    private boolean asking;
    private boolean unflushed;
    private boolean ended;
    private volatile boolean cancelled;

    Write(Publisher<? extends DataBuffer> body, boolean whole) {
      this.body = body;
      this.whole = whole;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
      if (writer != null) {
        Operators.error(actual, new IllegalStateException("A body can be written only once"));
        return;
      }
      writer = actual;
      actual.onSubscribe(this);
      Flux.from(body).subscribe(this);
    }

    @Override
    public Context currentContext() {
      return writer == null ? Context.empty() : writer.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      source = subscription;
      onLoop(
          () -> {
            writing = this;
            hasBody = true;
            ask();
          });
    }

    private void onLoop(Runnable step) {
      if (hops.get() == 0 && loop.inEventLoop()) {
        step.run();
        return;
      }
      hops.incrementAndGet();
      PerEventLoop.run(
          loop,
          () -> {
            hops.decrementAndGet();
            step.run();
          });
    }

    /** Asks for more if the client takes it, and flushes what nothing follows at once. */
    private void ask() {
      Subscription from = source;
      if (asking || ended || cancelled || from == null) {
        return;
      }
      asking = true;
      while (due <= DEMAND / 2 && !ended && !cancelled && client.isWritable()) {
        int more = DEMAND - due;
        due = DEMAND;
        from.request(more);
      }
      asking = false;
      if (unflushed && !ended && !lane.isOver()) {
        unflushed = false;
        client.flush();
      }
    }

    @Override
    public void onNext(DataBuffer piece) {
      ByteBuf data = NettyDataBufferFactory.toByteBuf(piece);
      onLoop(() -> write(data));
    }

    private void write(ByteBuf data) {
      due--;
      if (cancelled || lane.isOver()) {
        data.release();
        return;
      }
      if (whole) {
        length(data.readableBytes());
      }
      unflushed = true;
      body(data);
      ask();
    }

    @Override
    public void onError(Throwable error) {
      onLoop(() -> done(error));
    }

    @Override
    public void onComplete() {
      onLoop(() -> done(null));
    }

    private void done(@Nullable Throwable error) {
      CoreSubscriber<? super Void> to = writer;
      if (ended || cancelled || to == null) {
        return;
      }
      ended = true;
      writing = null;
      if (error == null) {
        to.onComplete();
      } else {
        to.onError(error);
      }
      // What follows may take its time.
      if (unflushed && !lane.isOver()) {
        client.flush();
      }
    }

    @Override
    public void request(long n) {}

    @Override
    public void cancel() {
      cancelled = true;
      Subscription from = source;
      if (from != null) {
        from.cancel();
      }
    }
  }
}
