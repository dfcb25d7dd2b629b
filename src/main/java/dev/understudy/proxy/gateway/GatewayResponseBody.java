package dev.understudy.proxy.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.util.function.LongConsumer;
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
 * Passes the response's body from the engine to the filters: one subscriber, and no copies except
 * of pieces that the engine delivers without demand, which wait in one buffer that counts as the
 * client's. All state belongs to one event loop.
 *
 * <p>If the body does not start at once, an empty buffer goes first: WebFlux sends the head only
 * with the first buffer, and a slow stream's head would otherwise wait for its first event.
 */
final class GatewayResponseBody extends Flux<DataBuffer> implements Subscription {
  private static final String ONCE = "A response body can be read only once";

  private final EventLoop loop;
  private final NettyDataBufferFactory buffers;
  private final Runnable wanted;
  private final Runnable cancelled;
  private final LongConsumer counted;

  private @Nullable ByteBuf waiting;

  /** Whether {@link #waiting} is of several pieces, and can take more. */
  private boolean merged;

  private @Nullable CoreSubscriber<? super DataBuffer> subscriber;
  private long demand;
  private boolean emitting;
  private boolean begun;
  private boolean ended;
  private boolean closed;

  /** The error that replaces the normal end; null if there is none. */
  private @Nullable Throwable failure;

  /**
   * @param wanted called when the subscriber's demand exceeds the pieces at hand, so that the
   *     engine may deliver more
   * @param cancelled called once, when the rest of an unfinished body is discarded
   * @param counted told how many bytes more, or fewer, wait
   */
  GatewayResponseBody(
      EventLoop loop,
      NettyDataBufferFactory buffers,
      Runnable wanted,
      Runnable cancelled,
      LongConsumer counted) {
    this.loop = loop;
    this.buffers = buffers;
    this.wanted = wanted;
    this.cancelled = cancelled;
    this.counted = counted;
  }

  /** Adds a piece and takes over its reference. */
  void add(ByteBuf data) {
    if (closed) {
      data.release();
      return;
    }
    keep(data);
    emit();
  }

  private void keep(ByteBuf data) {
    ByteBuf before = waiting;
    counted.accept(data.readableBytes());
    if (before == null) {
      waiting = data;
    } else if (merged) {
      before.writeBytes(data);
      data.release();
    } else {
      int bytes = before.readableBytes() + data.readableBytes();
      waiting = data.alloc().buffer(bytes).writeBytes(before).writeBytes(data);
      merged = true;
      before.release();
      data.release();
    }
  }

  private @Nullable ByteBuf take() {
    ByteBuf taken = waiting;
    waiting = null;
    merged = false;
    if (taken != null) {
      counted.accept(-taken.readableBytes());
    }
    return taken;
  }

  void end() {
    ended = true;
    emit();
  }

  /** Ends the body with an error, which follows the pieces already given. */
  void fail(Throwable cause) {
    failure = cause;
    if (!begun && !closed && waiting == null) {
      // The head had arrived; an empty buffer sends it, as in the express lane.
      waiting = Unpooled.EMPTY_BUFFER;
    }
    end();
  }

  /** Whether the body is complete, not empty, and has no subscriber. */
  boolean isWhole() {
    return ended && failure == null && !closed && subscriber == null && waiting != null;
  }

  /**
   * The complete body as a {@code Mono} that can be subscribed to once, instead of this publisher.
   */
  Mono<DataBuffer> whole() {
    return Mono.create(sink -> GatewayLaneRequest.on(loop, () -> takeWhole(sink)));
  }

  private void takeWhole(MonoSink<DataBuffer> sink) {
    ByteBuf all = isWhole() ? take() : null;
    if (all != null) {
      closed = true;
      sink.success(buffers.wrap(all));
    } else {
      sink.error(new IllegalStateException(ONCE));
    }
  }

  boolean isWanted() {
    return !closed && demand > 0 && waiting == null;
  }

  /** Whether no further piece will be taken. */
  boolean isClosed() {
    return closed;
  }

  /** Releases the rest of the body and reports the cancellation unless the body had ended. */
  void discard() {
    if (closed) {
      return;
    }
    closed = true;
    ByteBuf left = take();
    if (left != null) {
      left.release();
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
    if (!begun && !ended && !closed && waiting == null && demand > 0) {
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
    GatewayLaneRequest.on(loop, this::discard);
  }

  private void emit() {
    CoreSubscriber<? super DataBuffer> taker = subscriber;
    if (taker == null || emitting) {
      return;
    }
    emitting = true;
    try {
      while (demand > 0) {
        ByteBuf data = take();
        if (data == null) {
          break;
        }
        if (demand != Long.MAX_VALUE) {
          demand--;
        }
        next(data);
      }
    } finally {
      emitting = false;
    }
    if (ended && !closed && waiting == null) {
      closed = true;
      if (failure == null) {
        taker.onComplete();
      } else {
        taker.onError(failure);
      }
    }
  }

  private void next(ByteBuf data) {
    begun = true;
    if (subscriber != null) {
      subscriber.onNext(buffers.wrap(data));
    }
  }
}
