package dev.understudy.admin;

import java.util.concurrent.ArrayBlockingQueue;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One reader of a stream, with the events that wait for it. */
final class StreamReader<T> {
  /** Signals that too many events wait for the reader. */
  static final class TooSlow extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooSlow() {
      super("a reader of a stream was too slow", null, false, false);
    }
  }

  private final Sinks.Many<T> events;
  private final Sinks.Empty<Void> failed = Sinks.empty();
  private volatile boolean left;

  /**
   * @param buffer the number of events that may wait
   */
  StreamReader(int buffer) {
    events = Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(buffer));
  }

  /** Passes an event on. If too many wait, the stream fails with {@link TooSlow}. */
  void offer(T event) {
    try {
      if (events.tryEmitNext(event) == Sinks.EmitResult.FAIL_OVERFLOW) {
        // Not through the queue, whose end a slow reader would never see.
        failed.tryEmitError(new TooSlow());
      }
    } catch (Throwable e) {
      // This reader's alone: the others get theirs.
      fail(e);
    }
  }

  /** Ends the stream with that failure. */
  void fail(Throwable failure) {
    failed.tryEmitError(new IllegalStateException("the stream failed", failure));
  }

  /** Marks the end of the reader's interest; from any thread. */
  void leave() {
    left = true;
  }

  boolean hasLeft() {
    return left;
  }

  /** The events; can be subscribed to once. */
  Flux<T> events() {
    return events.asFlux().takeUntilOther(failure());
  }

  /** Fails with the stream. */
  Mono<Void> failure() {
    return failed.asMono();
  }
}
