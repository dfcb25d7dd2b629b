package dev.understudy.proxy.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.EventLoop;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The body of a client's request as filters read it: one subscriber, and one read of the client for
 * each piece that is asked for. What a read brings beyond that waits in one buffer, which counts as
 * the client's; then no more is read. All state belongs to one event loop.
 *
 * <p>A piece shares its memory, and with it the count of its references, with all that came in the
 * same read: other requests, of other streams too. It gets a count of its own, as the Gateway's
 * filters that keep a body release it until the memory is freed.
 */
final class LaneRequestBody extends Flux<DataBuffer> implements Subscription {
  private static final String ONCE = "A request body can be read only once";

  private final GatewayLaneRequest lane;
  private final EventLoop loop;
  private @Nullable ByteBuf waiting;
  private @Nullable CoreSubscriber<? super DataBuffer> subscriber;
  private long demand;

  /** Whether a piece was asked for that has not come. */
  private boolean asked;

  private boolean emitting;
  private boolean ended;
  private boolean closed;

  /** The error that replaces the normal end; null if there is none. */
  private @Nullable Throwable failure;

  LaneRequestBody(GatewayLaneRequest lane) {
    this.lane = lane;
    this.loop = lane.loop;
  }

  /** Adds a piece and takes over its reference. */
  void add(ByteBuf data) {
    asked = false;
    if (closed) {
      data.release();
    } else if (demand > 0 && waiting == null && !emitting) {
      next(counted(data));
      emit();
    } else {
      keep(data);
    }
  }

  private static ByteBuf counted(ByteBuf shared) {
    return new CompositeByteBuf(shared.alloc(), shared.isDirect(), 1, shared);
  }

  private void keep(ByteBuf data) {
    int length = data.readableBytes();
    ByteBuf kept = waiting;
    if (kept == null) {
      kept = data.alloc().buffer(length);
      waiting = kept;
    }
    kept.writeBytes(data);
    data.release();
    lane.received.client().unsent(length);
  }

  private @Nullable ByteBuf take() {
    ByteBuf kept = waiting;
    waiting = null;
    if (kept != null) {
      lane.received.client().unsent(-kept.readableBytes());
    }
    return kept;
  }

  void end() {
    asked = false;
    ended = true;
    emit();
  }

  /** Ends the body with an error, unless it was read to its end; drops what waits. */
  void fail(Throwable cause) {
    if (!closed) {
      drop();
      failure = cause;
      end();
    }
  }

  /** Ends the body for whoever still reads it: the request has its response, or no client. */
  void close() {
    if (!closed && lane.received.body()) {
      fail(new EndedException());
    }
  }

  private void drop() {
    ByteBuf kept = take();
    if (kept != null) {
      kept.release();
    }
  }

  @Override
  public void subscribe(CoreSubscriber<? super DataBuffer> reader) {
    GatewayLaneRequest.on(loop, () -> begin(reader));
  }

  private void begin(CoreSubscriber<? super DataBuffer> reader) {
    if (!lane.received.body()) {
      Operators.complete(reader);
      return;
    }
    if (subscriber != null) {
      Operators.error(reader, new IllegalStateException(ONCE));
      return;
    }
    subscriber = reader;
    if (lane.expectation != null) {
      lane.expectation.bodyIsRead();
    }
    reader.onSubscribe(this);
    emit();
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
  }

  @Override
  public void cancel() {
    GatewayLaneRequest.on(
        loop,
        () -> {
          closed = true;
          drop();
        });
  }

  /** Gives what waits, or the end, or asks for more. */
  private void emit() {
    CoreSubscriber<? super DataBuffer> reader = subscriber;
    if (reader == null || emitting || closed) {
      return;
    }
    if (demand > 0) {
      ByteBuf kept = take();
      if (kept != null) {
        next(kept);
      }
    }
    if (closed) {
      return;
    }
    if (ended && waiting == null) {
      closed = true;
      if (failure == null) {
        reader.onComplete();
      } else {
        reader.onError(failure);
      }
    } else if (demand > 0 && !asked && !ended) {
      asked = true;
      lane.client.requestRead();
    }
  }

  /** Has no stack trace, because many requests create one. */
  private static final class EndedException extends IOException {
    private static final long serialVersionUID = 1;

    EndedException() {
      super("the request has ended");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  private void next(ByteBuf data) {
    CoreSubscriber<? super DataBuffer> reader = subscriber;
    if (demand != Long.MAX_VALUE) {
      demand--;
    }
    if (reader == null) {
      data.release();
      return;
    }
    emitting = true;
    try {
      reader.onNext(LaneResponse.BUFFERS.wrap(data));
    } finally {
      emitting = false;
    }
  }
}
