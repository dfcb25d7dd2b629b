package dev.understudy.proxy.gateway;

import java.time.Duration;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The response as an extension gets it. A body that it gives fails if it stands still for too long
 * although it is nobody else's turn: the server's response has ended, before which the engine's
 * time-outs hold, and the client takes more.
 */
final class ExtensionBodyLimit extends ServerHttpResponseDecorator {
  private final GatewayLaneRequest lane;
  private final Duration limit;
  private final Scheduler loop;
  private final Supplier<ExtensionLog.Failure> overdue;
  private volatile long movedNanos;

  /**
   * @param limit for each piece of the body, and for its end
   * @param loop the request's event loop
   * @param overdue called there if the body is late
   */
  ExtensionBodyLimit(
      ServerHttpResponse response,
      GatewayLaneRequest lane,
      Duration limit,
      Scheduler loop,
      Supplier<ExtensionLog.Failure> overdue) {
    super(response);
    this.lane = lane;
    this.limit = limit;
    this.loop = loop;
    this.overdue = overdue;
  }

  @Override
  public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
    moved();
    return super.writeWith(
        body instanceof Mono<? extends DataBuffer> whole
            ? whole.takeUntilOther(late())
            : limited(body));
  }

  @Override
  public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> parts) {
    moved();
    return super.writeAndFlushWith(Flux.from(parts).map(this::limited).takeUntilOther(late()));
  }

  private Flux<DataBuffer> limited(Publisher<? extends DataBuffer> body) {
    return Flux.<DataBuffer>from(body).doOnNext(piece -> moved()).takeUntilOther(late());
  }

  private void moved() {
    movedNanos = System.nanoTime();
  }

  /** Fails once the body is late. */
  private Mono<Void> late() {
    return Mono.defer(() -> Mono.delay(left(), loop))
        .flatMap(passed -> isLate() ? Mono.<Void>error(overdue.get()) : Mono.empty())
        .repeat()
        .then();
  }

  private Duration left() {
    Duration left = limit.minusNanos(waitedNanos());
    return left.isPositive() ? left : limit;
  }

  private long waitedNanos() {
    long now = System.nanoTime();
    return Math.min(now - movedNanos, now - lane.responseEndNanos());
  }

  private boolean isLate() {
    if (!lane.isResponseEnded() || !lane.client.isWritable()) {
      moved();
    }
    return waitedNanos() >= limit.toNanos();
  }
}
