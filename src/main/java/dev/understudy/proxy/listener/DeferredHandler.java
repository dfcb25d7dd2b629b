package dev.understudy.proxy.listener;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.AbstractServerHttpRequest;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;
import reactor.netty.channel.ChannelOperations;

/**
 * The handler of the Gateway lane, which Spring's context makes after the listeners accept
 * connections. Requests that come before wait for it, {@value #MOST} at most and for {@link
 * #LONGEST_WAIT} at most; all others get 503. The log has the first of these and their number.
 */
final class DeferredHandler implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(DeferredHandler.class);

  private static final int MOST = 1024;

  /** As {@code hold.time} is by default. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final CompletableFuture<HttpHandler> made = new CompletableFuture<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile @Nullable HttpHandler handler;

  /** Lets the requests that wait go on. */
  void use(HttpHandler now) {
    handler = now;
    made.complete(now);
    if (refused.get() > 0) {
      LOG.warn("The Gateway lane is ready; {} of its requests got 503 before", refused);
    }
  }

  @Override
  public Mono<Void> handle(ServerHttpRequest request, ServerHttpResponse response) {
    HttpHandler now = handler;
    return now == null ? await(request, response) : now.handle(request, response);
  }

  private Mono<Void> await(ServerHttpRequest request, ServerHttpResponse response) {
    if (waiting.incrementAndGet() > MOST) {
      waiting.decrementAndGet();
      return unavailable(response);
    }
    CompletableFuture<@Nullable HttpHandler> patient =
        made.copy()
            .<@Nullable HttpHandler>thenApply(now -> now)
            .completeOnTimeout(null, LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    return Mono.<Mono<Void>>create(
            sink -> {
              // A client that goes away gives up its place.
              sink.onDispose(() -> patient.cancel(false));
              var unused =
                  patient.whenCompleteAsync(
                      (now, failure) -> {
                        waiting.decrementAndGet();
                        if (!patient.isCancelled()) {
                          sink.success(
                              now == null ? unavailable(response) : now.handle(request, response));
                        }
                      },
                      loop(request));
            })
        .flatMap(answer -> answer);
  }

  /** The event loop of the request's connection, on which all of it runs. */
  private static Executor loop(ServerHttpRequest request) {
    Object connection = ((AbstractServerHttpRequest) request).getNativeRequest();
    EventLoop loop = ((ChannelOperations<?, ?>) connection).channel().eventLoop();
    return loop;
  }

  private Mono<Void> unavailable(ServerHttpResponse response) {
    if (refused.getAndIncrement() == 0) {
      LOG.warn(
          "A request got 503, as the Gateway lane is not ready yet; {} others are waiting",
          waiting);
    }
    response.setStatusCode(HttpStatus.SERVICE_UNAVAILABLE);
    response.getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
    return response.setComplete();
  }
}
