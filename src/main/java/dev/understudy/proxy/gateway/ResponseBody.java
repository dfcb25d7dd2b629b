package dev.understudy.proxy.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;

/**
 * The response's body as the engine gives it and the filters take it: one subscriber, no copies, no
 * buffer but what the engine hands over while nobody asks. All state belongs to one event loop.
 *
 * <p>An empty buffer goes first if the body does not start at once, because WebFlux sends the head
 * only with the first buffer; without it a slow stream's head would wait for its first event.
 */
final class ResponseBody extends Flux<DataBuffer> implements Subscription {
  private static final String ONCE = "A response body can be read only once";

  private final EventLoop loop;
  private final NettyDataBufferFactory buffers;
  private final Runnable wanted;
  private final Runnable cancelled;

  private final Queue<ByteBuf> waiting = new ArrayDeque<>(2);
  private @Nullable CoreSubscriber<? super DataBuffer> subscriber;
  private long demand;
  private boolean emitting;
  private boolean begun;
  private boolean ended;
  private boolean closed;

  /** Instead of its end. */
  private @Nullable Throwable failure;

  /**
   * @param wanted told when more may be welcome
   * @param cancelled told once, when nobody wants the rest
   */
  ResponseBody(
      EventLoop loop, NettyDataBufferFactory buffers, Runnable wanted, Runnable cancelled) {
    this.loop = loop;
    this.buffers = buffers;
    this.wanted = wanted;
    this.cancelled = cancelled;
  }

  /** Takes over the reference. */
  void add(ByteBuf data) {
    if (closed) {
      data.release();
      return;
    }
    waiting.add(data);
    emit();
  }

  void end() {
    ended = true;
    emit();
  }

  /** There is no more than what was given: who takes it hears of that after the last piece. */
  void fail(Throwable cause) {
    failure = cause;
    if (!begun && !closed) {
      // Of a response whose head had come, as in the express lane.
      waiting.add(Unpooled.EMPTY_BUFFER);
    }
    end();
  }

  /** Whether all of it is here, in one piece, and nobody has it yet. */
  boolean isWhole() {
    return ended && failure == null && !closed && subscriber == null && waiting.size() == 1;
  }

  /** For the one who takes it instead of subscribing; may be subscribed to once. */
  Mono<DataBuffer> whole() {
    return Mono.create(
        sink -> {
          if (loop.inEventLoop()) {
            takeWhole(sink);
          } else {
            loop.execute(() -> takeWhole(sink));
          }
        });
  }

  private void takeWhole(MonoSink<DataBuffer> sink) {
    if (isWhole()) {
      closed = true;
      sink.success(buffers.wrap(waiting.remove()));
    } else {
      sink.error(new IllegalStateException(ONCE));
    }
  }

  boolean isWanted() {
    return !closed && demand > 0 && waiting.isEmpty();
  }

  /** Whether nobody takes any more of it. */
  boolean isClosed() {
    return closed;
  }

  /** Nobody will take the rest. */
  void discard() {
    if (closed) {
      return;
    }
    closed = true;
    for (ByteBuf data = waiting.poll(); data != null; data = waiting.poll()) {
      data.release();
    }
    if (!ended) {
      cancelled.run();
    }
  }

  @Override
  public void subscribe(CoreSubscriber<? super DataBuffer> taker) {
    if (loop.inEventLoop()) {
      begin(taker);
    } else {
      loop.execute(() -> begin(taker));
    }
  }

  private void begin(CoreSubscriber<? super DataBuffer> taker) {
    if (subscriber != null) {
      Operators.error(taker, new IllegalStateException(ONCE));
      return;
    }
    subscriber = taker;
    taker.onSubscribe(this);
    if (!begun && !ended) {
      loop.execute(this::sendHead);
    }
  }

  private void sendHead() {
    if (!begun && !ended && !closed && waiting.isEmpty() && demand > 0) {
      demand--;
      next(Unpooled.EMPTY_BUFFER);
    }
  }

  @Override
  public void request(long n) {
    if (!Operators.validate(n)) {
      return;
    }
    if (!loop.inEventLoop()) {
      loop.execute(() -> request(n));
      return;
    }
    demand = Operators.addCap(demand, n);
    emit();
    if (isWanted() && !ended) {
      wanted.run();
    }
  }

  @Override
  public void cancel() {
    if (loop.inEventLoop()) {
      discard();
    } else {
      loop.execute(this::discard);
    }
  }

  private void emit() {
    CoreSubscriber<? super DataBuffer> taker = subscriber;
    if (taker == null || emitting) {
      return;
    }
    emitting = true;
    try {
      while (demand > 0 && !waiting.isEmpty()) {
        if (demand != Long.MAX_VALUE) {
          demand--;
        }
        next(waiting.remove());
      }
    } finally {
      emitting = false;
    }
    if (ended && !closed && waiting.isEmpty()) {
      closed = true;
      Throwable cause = failure;
      if (cause == null) {
        taker.onComplete();
      } else {
        taker.onError(cause);
      }
    }
  }

  private void next(ByteBuf data) {
    begun = true;
    CoreSubscriber<? super DataBuffer> taker = subscriber;
    if (taker != null) {
      taker.onNext(buffers.wrap(data));
    }
  }
}
