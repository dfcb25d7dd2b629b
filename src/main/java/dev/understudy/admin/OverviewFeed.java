package dev.understudy.admin;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.statistics.StatisticsThread;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The overview of all pools, as single documents and as streams of server-sent events.
 *
 * <p>Guarantees:
 *
 * <ul>
 *   <li>An overview is made at most once per interval (1 s), on the thread of the statistics, and
 *       only while somebody reads. All readers share its bytes.
 *   <li>A stream begins with the whole overview; then each interval brings what changed. An event
 *       comes even if nothing changed, so that a reader can tell a quiet process from a dead one.
 *   <li>At most {@code limits.streams()} streams are open (64 by default), shared among clients. A
 *       reader for whom {@code limits.buffer()} events wait (8 by default) is disconnected.
 *   <li>A stream ends after {@code limits.lifetime()} (1 h by default), and when the port stops.
 *   <li>An interval whose overview cannot be made has no event; the next one brings what changed
 *       since. Documents and new streams fail if two intervals in a row had none.
 * </ul>
 */
final class OverviewFeed {
  /** The time between two overviews. */
  static final Duration INTERVAL = Duration.ofSeconds(1);

  /** The limits of the streams. */
  record Limits(int streams, int buffer, Duration lifetime) {
    static final Limits DEFAULT = new Limits(64, 8, Duration.ofHours(1));
  }

  private final StatisticsThread thread;
  private final Scheduler scheduler;
  private final Limits limits;
  private final StreamSlots slots;

  // Used on the statistics' thread only.
  private final EncodedOverviews frames;
  private final Set<StreamReader<byte[]>> readers = new LinkedHashSet<>();
  private @Nullable Runnable cancelTicks;

  /**
   * Creates a feed without readers.
   *
   * @param frames used on {@code thread} only from now on
   */
  OverviewFeed(EncodedOverviews frames, StatisticsThread thread, Limits limits) {
    this.frames = frames;
    this.thread = thread;
    this.scheduler = Schedulers.fromExecutor(thread::execute);
    this.limits = limits;
    this.slots = new StreamSlots(limits.streams(), "overview streams", "/api/overview");
  }

  StreamSlots slots() {
    return slots;
  }

  /** The newest overview as a JSON document; at most two intervals old. */
  Mono<byte[]> document() {
    return Mono.fromCallable(ErrorsAsExceptions.of(this::newest)).subscribeOn(scheduler);
  }

  private byte[] newest() {
    catchUp();
    return frames.document(isTicking());
  }

  /** Makes an overview that did not come in time, also for the open streams, or fails. */
  private void catchUp() {
    if (frames.isStale()) {
      tick();
    }
  }

  /**
   * Opens a stream: events in the form of the wire, each in one array, which is shared. Instead of
   * the first comes a {@link ProblemDocument}, 503, if there are too many streams, or while the
   * port stops.
   */
  Flux<byte[]> stream(ClientNetwork client) {
    return slots.open(
        client,
        () -> Flux.using(this::enter, StreamReader::events, this::leave).take(limits.lifetime()));
  }

  private StreamReader<byte[]> enter() {
    StreamReader<byte[]> reader = new StreamReader<>(limits.buffer());
    thread.execute(() -> begin(reader));
    return reader;
  }

  private void begin(StreamReader<byte[]> reader) {
    if (reader.hasLeft()) {
      return;
    }
    try {
      catchUp();
      reader.offer(frames.whole(isTicking()));
    } catch (Throwable e) {
      // Errors too: the reader must not wait for ever.
      reader.fail(e);
      return;
    }
    readers.add(reader);
    if (cancelTicks == null) {
      cancelTicks = thread.every(frames.interval(), this::tick);
    }
  }

  private boolean isTicking() {
    return !readers.isEmpty();
  }

  private void leave(StreamReader<byte[]> reader) {
    reader.leave();
    try {
      thread.execute(() -> forget(reader));
    } catch (RejectedExecutionException e) {
      // The process stops, and the ticks have ended.
    }
  }

  private void forget(StreamReader<byte[]> reader) {
    readers.remove(reader);
    if (readers.isEmpty() && cancelTicks != null) {
      cancelTicks.run();
      cancelTicks = null;
    }
  }

  /** Makes the next overview and passes on what changed; on the statistics' thread. */
  void tick() {
    if (isTicking()) {
      byte[] event = frames.advance();
      readers.forEach(reader -> reader.offer(event));
    }
  }
}
