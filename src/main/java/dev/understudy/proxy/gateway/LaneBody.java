package dev.understudy.proxy.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;

/**
 * The body of a client's request or of the engine's response, as filters read it: a publisher for
 * one subscriber, with one buffer for what comes without demand, which counts as the client's.
 * Subscribed to and asked from any thread; all state belongs to one event loop. The first row that
 * applies decides:
 *
 * <table>
 *   <caption>What the subscriber gets</caption>
 *   <tr><th>the body</th><th>with demand</th><th>without</th></tr>
 *   <tr><td>was cancelled or {@linkplain #discard discarded}</td><td>nothing</td><td>nothing</td></tr>
 *   <tr><td>has a piece that waits</td><td>the piece, without a copy if it is the only one</td>
 *       <td>nothing; further pieces join it</td></tr>
 *   <tr><td>has failed, or is complete</td><td>the error or the end, once</td><td>the same</td></tr>
 *   <tr><td>has begun</td><td>nothing; the source is told that more is wanted</td>
 *       <td>nothing</td></tr>
 *   <tr><td>has not begun</td><td>the same, and an empty buffer from a source that {@linkplain
 *       Source#beginsEmpty begins so}</td><td>nothing</td></tr>
 * </table>
 */
final class LaneBody extends Flux<DataBuffer> implements Subscription {
  /** Where the pieces come from. Called on the event loop. */
  interface Source {
    /** Handles demand for more than is at hand; called once before the next piece. */
    void wanted();

    /** Handles the subscriber, before it can ask for anything. */
    default void subscribed() {}

    /** Handles the end of all interest in a body that has not ended. */
    default void cancelled() {}

    /**
     * Whether an empty buffer goes first if no piece is there at once, or before a failure: WebFlux
     * sends a response's head only with the first buffer, and that of a slow stream would otherwise
     * wait for its first event.
     */
    default boolean beginsEmpty() {
      return false;
    }
  }

  /**
   * Signals that a body ends too early. Has no stack trace, because every such body creates one.
   */
  static final class BrokenOffException extends IOException {
    private static final long serialVersionUID = 1;

    BrokenOffException(String message) {
      super(message);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  private final EventLoop loop;
  private final LongConsumer counted;
  private final Source source;

  private @Nullable ByteBuf waiting;

  /** Whether {@link #waiting} is of several pieces, and can take more. */
  private boolean merged;

  private @Nullable CoreSubscriber<? super DataBuffer> subscriber;
  private long demand;
  private boolean emitting;

  /** Whether the source knows of the demand for the next piece. */
  private boolean told;

  private boolean begun;
  private boolean ended;
  private boolean closed;

  /** The error that replaces the normal end; null if there is none. */
  private @Nullable Throwable failure;

  /**
   * @param counted told how many bytes more, or fewer, wait
   */
  LaneBody(EventLoop loop, LongConsumer counted, Source source) {
    this.loop = loop;
    this.counted = counted;
    this.source = source;
  }

  /** Adds a piece and takes over its reference. */
  void add(ByteBuf data) {
    told = false;
    if (closed || ended) {
      data.release();
    } else if (isWanted() && !emitting) {
      give(data);
      emit();
    } else {
      keep(data);
    }
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

  private void drop() {
    ByteBuf left = take();
    if (left != null) {
      left.release();
    }
  }

  void end() {
    ended = true;
    emit();
  }

  /** Ends the body with an error, which follows the pieces that wait. */
  void fail(Throwable cause) {
    failure = cause;
    if (!begun && !closed && waiting == null && source.beginsEmpty()) {
      waiting = Unpooled.EMPTY_BUFFER;
    }
    end();
  }

  /** Ends the body with an error in place of the pieces that wait; no effect behind its end. */
  void breakOff(Throwable cause) {
    if (!closed) {
      drop();
      fail(cause);
    }
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
      sink.success(LaneResponse.BUFFERS.wrap(all));
    } else {
      sink.error(readOnce());
    }
  }

  private static IllegalStateException readOnce() {
    return new IllegalStateException("A body can be read only once");
  }

  /** Whether the subscriber has asked for more than is at hand. */
  boolean isWanted() {
    return !closed && !ended && demand > 0 && waiting == null;
  }

  /** Whether no further piece will be taken. */
  boolean isClosed() {
    return closed;
  }

  /** Releases the rest of the body and tells the source unless the body had ended. */
  void discard() {
    if (closed) {
      return;
    }
    closed = true;
    drop();
    if (!ended) {
      source.cancelled();
    }
  }

  @Override
  public void subscribe(CoreSubscriber<? super DataBuffer> reader) {
    GatewayLaneRequest.on(loop, () -> begin(reader));
  }

  private void begin(CoreSubscriber<? super DataBuffer> reader) {
    if (subscriber != null) {
      Operators.error(reader, readOnce());
      return;
    }
    subscriber = reader;
    source.subscribed();
    reader.onSubscribe(this);
    emit();
  }

  private void beginEmpty() {
    if (!begun && isWanted()) {
      add(Unpooled.EMPTY_BUFFER);
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
    tellWanted();
  }

  /** Tells the source if more is wanted and it has not been told since the last piece. */
  void tellWanted() {
    if (told || !isWanted()) {
      return;
    }
    told = true;
    if (!begun && source.beginsEmpty()) {
      loop.execute(this::beginEmpty);
    }
    source.wanted();
  }

  @Override
  public void cancel() {
    GatewayLaneRequest.on(loop, this::discard);
  }

  private void emit() {
    CoreSubscriber<? super DataBuffer> reader = subscriber;
    if (reader == null || emitting) {
      return;
    }
    while (demand > 0 && waiting != null) {
      give(Objects.requireNonNull(take()));
    }
    if (ended && !closed && waiting == null) {
      closed = true;
      if (failure == null) {
        reader.onComplete();
      } else {
        reader.onError(failure);
      }
    }
  }

  private void give(ByteBuf data) {
    if (demand != Long.MAX_VALUE) {
      demand--;
    }
    begun = true;
    emitting = true;
    try {
      Objects.requireNonNull(subscriber).onNext(LaneResponse.BUFFERS.wrap(data));
    } finally {
      emitting = false;
    }
  }
}
