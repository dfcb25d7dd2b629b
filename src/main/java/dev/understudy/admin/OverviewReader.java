package dev.understudy.admin;

import java.util.concurrent.ArrayBlockingQueue;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** One reader of the stream of overviews, with the events that wait for it. */
final class OverviewReader {
  private final Sinks.Many<byte[]> events;
  private final Sinks.Empty<Void> failed = Sinks.empty();
  private volatile boolean left;

  /**
   * @param buffer the number of events that may wait
   */
  OverviewReader(int buffer) {
    events = Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(buffer));
  }

  /** Passes an event on. If too many wait, the stream fails with {@link EventFeed.TooSlow}. */
  void offer(byte[] event) {
    try {
      if (events.tryEmitNext(event) == Sinks.EmitResult.FAIL_OVERFLOW) {
        // Not through the queue, whose end a slow reader would never see.
        failed.tryEmitError(new EventFeed.TooSlow());
      }
    } catch (Throwable e) {
      // This reader's alone: the others get theirs.
      fail(e);
    }
  }

  /** Ends the stream with that failure. */
  void fail(Throwable failure) {
    failed.tryEmitError(new IllegalStateException("the stream of overviews failed", failure));
  }

  /** Marks the end of the reader's interest; from any thread. */
  void leave() {
    left = true;
  }

  boolean hasLeft() {
    return left;
  }

  /** The events; can be subscribed to once. */
  Flux<byte[]> events() {
    return events.asFlux().takeUntilOther(failed.asMono());
  }
}
