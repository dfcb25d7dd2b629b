package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.RouteMetadataUtils;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A filter of an extension, which can harm its own route alone.
 *
 * <ul>
 *   <li>It runs on {@linkplain ExtensionThreads threads of its own}; the filters after it, and what
 *       comes after the request, run on the event loop.
 *   <li>Until it passes the request on, and from the response's end to its own, it has the time of
 *       the route's {@code response-timeout}, the Gateway's metadata, or else a minute; then 504.
 *       So has each piece of a body that it puts in place of the response's ({@link
 *       ExtensionBodyLimit}); a response that has begun is cut off then.
 *   <li>What it throws is 500, unless it names a status itself; what the filters after it or the
 *       server throw is as without it.
 * </ul>
 */
final class ExtensionFilter implements GatewayFilter {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final GatewayFilter inner;
  private final ExtensionLog log;
  private final Scheduler threads;

  ExtensionFilter(GatewayFilter inner, Scheduler threads, ExtensionLog log) {
    this.inner = inner;
    this.threads = threads;
    this.log = log;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    return Mono.defer(() -> new Call(exchange, chain).run());
  }

  private static Duration limit(@Nullable Route route) {
    Map<String, Object> metadata = route == null ? Map.of() : route.getMetadata();
    return metadata.get(RouteMetadataUtils.RESPONSE_TIMEOUT_ATTR) instanceof Number millis
            && millis.longValue() > 0
        ? Duration.ofMillis(millis.longValue())
        : LIMIT;
  }

  /** The filter of one request, and the chain that it gets. */
  private final class Call implements GatewayFilterChain {
    private final ServerWebExchange exchange;
    private final GatewayFilterChain chain;
    private final GatewayLaneRequest lane;
    private final @Nullable Route route;
    private final Duration limit;
    private final Scheduler loop;
    private final ServerWebExchange given;

    /** Completes when the filters after this one have. */
    private final Sinks.Empty<Void> returned = Sinks.empty();

    private volatile boolean passedOn;
    private volatile @Nullable Throwable ofOthers;

    Call(ServerWebExchange exchange, GatewayFilterChain chain) {
      this.exchange = exchange;
      this.chain = chain;
      lane = GatewayLaneRequest.of(exchange);
      route = exchange.getAttribute(GATEWAY_ROUTE_ATTR);
      limit = limit(route);
      loop = Schedulers.fromExecutorService(lane.loop);
      ServerWebExchange.Builder bounded =
          exchange
              .mutate()
              .response(
                  new ExtensionBodyLimit(
                      exchange.getResponse(), lane, limit, loop, () -> log.overdue(id(), limit)));
      given =
          (lane.received.body()
                  ? bounded.request(Bodies.of(exchange.getRequest(), threads))
                  : bounded)
              .build();
    }

    Mono<Void> run() {
      return Mono.defer(this::call)
          .subscribeOn(threads)
          .timeout(overdue(), Mono.error(() -> log.overdue(id(), limit)))
          .publishOn(loop)
          .onErrorMap(error -> !isMeant(error), error -> log.failed(id(), error));
    }

    private @Nullable String id() {
      return route == null ? null : route.getId();
    }

    /** Reactor leaves errors of linkage to the thread, which would then tell nobody. */
    private Mono<Void> call() {
      try {
        return inner.filter(given, this);
      } catch (LinkageError | StackOverflowError e) {
        return Mono.error(new IllegalStateException(e));
      }
    }

    /** Emits when the filter has had its time, on one side of the filters after it. */
    private Mono<Long> overdue() {
      return Mono.delay(limit, loop)
          .flatMap(
              over -> passedOn ? returned.asMono().then(Mono.delay(limit, loop)) : Mono.just(over));
    }

    private boolean isMeant(Throwable error) {
      return error.equals(ofOthers)
          || error instanceof ExtensionLog.Failure
          || lane.isGone()
          || LocalResponses.hasStatus(error);
    }

    @Override
    public Mono<Void> filter(ServerWebExchange changed) {
      return Mono.defer(
              () -> {
                passedOn = true;
                return chain.filter(forOthers(changed));
              })
          .doOnError(error -> ofOthers = error)
          .doOnTerminate(returned::tryEmitEmpty)
          .subscribeOn(loop)
          .publishOn(threads);
    }

    /** With the original request and response, as far as they were not changed. */
    private ServerWebExchange forOthers(ServerWebExchange changed) {
      if (changed.equals(given)) {
        return exchange;
      }
      boolean sameRequest = changed.getRequest().equals(given.getRequest());
      boolean sameResponse = changed.getResponse().equals(given.getResponse());
      return changed
          .mutate()
          .request(sameRequest ? exchange.getRequest() : changed.getRequest())
          .response(
              sameResponse ? exchange.getResponse() : Bodies.of(changed.getResponse(), threads))
          .build();
    }
  }

  /**
   * Bodies as extensions get them: copies on the heap, handed over on the extension's threads. A
   * buffer that an extension forgets to release is garbage like any other object, and not missing
   * from the memory of all connections.
   */
  private static final class Bodies {
    private static final NettyDataBufferFactory HEAP =
        new NettyDataBufferFactory(UnpooledByteBufAllocator.DEFAULT);

    private Bodies() {}

    private static DataBuffer copy(DataBuffer data) {
      byte[] bytes = new byte[data.readableByteCount()];
      data.read(bytes);
      DataBufferUtils.release(data);
      return HEAP.wrap(Unpooled.wrappedBuffer(bytes));
    }

    /** The request as an extension gets it. */
    static ServerHttpRequest of(ServerHttpRequest request, Scheduler threads) {
      return new ServerHttpRequestDecorator(request) {
        @Override
        public Flux<DataBuffer> getBody() {
          return super.getBody().map(Bodies::copy).publishOn(threads, 1);
        }
      };
    }

    /** A response that an extension has put in place of the original one, which gets its body. */
    static ServerHttpResponse of(ServerHttpResponse response, Scheduler threads) {
      return new ServerHttpResponseDecorator(response) {
        @Override
        public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
          return super.writeWith(
              body instanceof Mono<? extends DataBuffer> whole
                  ? whole.map(Bodies::copy).publishOn(threads)
                  : Flux.from(body).map(Bodies::copy).publishOn(threads, 1));
        }
      };
    }
  }
}
