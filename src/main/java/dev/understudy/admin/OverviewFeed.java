package dev.understudy.admin;

import dev.understudy.admin.OverviewDocument.AgreementPart;
import dev.understudy.admin.OverviewDocument.ConfigPart;
import dev.understudy.statistics.Overview;
import dev.understudy.statistics.Statistics;
import dev.understudy.statistics.StatisticsThread;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The overview of all pools, as single documents and as streams of server-sent events.
 *
 * <p>Guarantees:
 *
 * <ul>
 *   <li>An overview is made at most once per {@code limits.interval()} (1 s by default), on the
 *       thread of the statistics, and only while somebody reads. All readers share its bytes.
 *   <li>A stream begins with the whole overview; then each interval brings what changed. An event
 *       comes even if nothing changed, so that a reader can tell a quiet process from a dead one.
 *   <li>At most {@code limits.streams()} streams are open (64 by default). A reader for whom {@code
 *       limits.buffer()} events wait (8 by default) is disconnected.
 *   <li>A stream ends after {@code limits.lifetime()} (1 h by default), and when the port stops.
 * </ul>
 */
final class OverviewFeed {
  /** The limits of the streams. */
  record Limits(int streams, int buffer, Duration interval, Duration lifetime) {
    static final Limits DEFAULT = new Limits(64, 8, Duration.ofSeconds(1), Duration.ofHours(1));
  }

  /** One overview with everything around it. */
  private record Frame(
      long sequence,
      long nanoTime,
      Overview overview,
      ConfigPart config,
      AgreementPart agreement) {}

  private final Statistics statistics;
  private final StatisticsThread thread;
  private final Scheduler scheduler;
  private final ConfigurationStatus configuration;
  private final AgreementView agreement;
  private final ReplicaView process;
  private final @Nullable String host;
  private final Limits limits;
  private final AtomicInteger active = new AtomicInteger();
  private volatile Sinks.Empty<Void> end = Sinks.empty();
  private volatile boolean stopped;

  // Used on the statistics' thread only.
  private final Set<Reader> readers = new LinkedHashSet<>();
  private @Nullable Runnable cancelTicks;
  private @Nullable Frame newest;
  private byte @Nullable [] document;

  /**
   * Creates a feed without readers.
   *
   * @param host the name of this process's host, for a replica without a name; null if unknown
   */
  OverviewFeed(
      Statistics statistics,
      StatisticsThread thread,
      ConfigurationStatus configuration,
      AgreementView agreement,
      ReplicaView process,
      @Nullable String host,
      Limits limits) {
    this.statistics = statistics;
    this.thread = thread;
    this.scheduler = Schedulers.fromExecutor(thread::execute);
    this.configuration = configuration;
    this.agreement = agreement;
    this.process = process;
    this.host = host;
    this.limits = limits;
  }

  /** The number of open streams. */
  int active() {
    return active.get();
  }

  int maxStreams() {
    return limits.streams();
  }

  /** The newest overview as a JSON document; at most one interval old. */
  Mono<byte[]> document() {
    return Mono.fromCallable(() -> bytes(latest())).subscribeOn(scheduler);
  }

  /** The newest frame, or the next one if it is old and no tick will make that. */
  private Frame latest() {
    Frame frame = newest;
    return frame == null || (readers.isEmpty() && isOld(frame)) ? next() : frame;
  }

  private boolean isOld(Frame frame) {
    return System.nanoTime() - frame.nanoTime() >= limits.interval().toNanos();
  }

  /**
   * Opens a stream: events in the form of the wire, each in one array, which is shared.
   *
   * @throws ProblemDocument 503 if there are too many streams, or after {@link #stop}
   */
  Flux<byte[]> stream() {
    if (stopped) {
      throw new ProblemDocument(HttpStatus.SERVICE_UNAVAILABLE, "This replica is stopping.");
    }
    if (active.get() >= limits.streams()) {
      throw tooMany();
    }
    return Flux.using(this::enter, Reader::events, this::leave)
        .take(limits.lifetime())
        .takeUntilOther(end.asMono());
  }

  private Reader enter() {
    if (active.incrementAndGet() > limits.streams()) {
      active.decrementAndGet();
      throw tooMany();
    }
    Reader reader = new Reader(limits.buffer());
    thread.execute(() -> begin(reader));
    return reader;
  }

  private void begin(Reader reader) {
    if (reader.left) {
      return;
    }
    try {
      reader.offer(event("overview", bytes(latest())));
    } catch (RuntimeException e) {
      reader.fail(e);
      return;
    }
    readers.add(reader);
    if (cancelTicks == null) {
      cancelTicks = thread.every(limits.interval(), this::tick);
    }
  }

  private void leave(Reader reader) {
    reader.left = true;
    active.decrementAndGet();
    try {
      thread.execute(() -> forget(reader));
    } catch (RejectedExecutionException e) {
      // The process stops, and the ticks have ended.
    }
  }

  private void forget(Reader reader) {
    readers.remove(reader);
    if (readers.isEmpty() && cancelTicks != null) {
      cancelTicks.run();
      cancelTicks = null;
    }
  }

  /** Makes the next overview and passes on what changed; on the statistics' thread. */
  void tick() {
    Frame before = newest;
    if (before == null || readers.isEmpty()) {
      return;
    }
    Frame now = next();
    byte[] event = event("delta", Json.COMPACT.writeValueAsBytes(delta(before, now)));
    readers.forEach(reader -> reader.offer(event));
  }

  private static Object delta(Frame before, Frame now) {
    return OverviewDocument.delta(
        now.sequence(),
        now.overview(),
        now.overview().since(before.overview()),
        now.config().equals(before.config()) ? null : now.config(),
        now.agreement().equals(before.agreement()) ? null : now.agreement());
  }

  private Frame next() {
    Frame before = newest;
    Frame frame =
        new Frame(
            before == null ? 1 : before.sequence() + 1,
            System.nanoTime(),
            statistics.overview(),
            ConfigPart.of(configuration.document(), process.fingerprint()),
            AgreementPart.of(agreement.mode(), agreement.status()));
    newest = frame;
    document = null;
    return frame;
  }

  private byte[] bytes(Frame frame) {
    byte[] known = document;
    if (known == null) {
      String replica = agreement.status().replica();
      known =
          Json.COMPACT.writeValueAsBytes(
              new OverviewDocument(
                  replica == null ? host : replica,
                  OverviewDocument.millis(frame.overview().now()),
                  process.version(),
                  OverviewDocument.millis(process.startedAt()),
                  frame.sequence(),
                  limits.interval().toMillis(),
                  frame.overview().totals(),
                  frame.config(),
                  frame.agreement(),
                  frame.overview().pools().stream().map(OverviewDocument.Pool::of).toList()));
      document = known;
    }
    return known;
  }

  /** One server-sent event (WHATWG HTML §9.2). */
  private static byte[] event(String name, byte[] json) {
    byte[] head = ("event: " + name + "\ndata: ").getBytes(StandardCharsets.US_ASCII);
    byte[] event = new byte[head.length + json.length + 2];
    System.arraycopy(head, 0, event, 0, head.length);
    System.arraycopy(json, 0, event, head.length, json.length);
    event[event.length - 2] = '\n';
    event[event.length - 1] = '\n';
    return event;
  }

  /** Allows streams, initially and after {@link #stop}. */
  void start() {
    end = Sinks.empty();
    stopped = false;
  }

  /** Ends all streams and refuses new ones, because a graceful stop would wait for them. */
  void stop() {
    stopped = true;
    end.tryEmitEmpty();
  }

  private static ProblemDocument tooMany() {
    return new ProblemDocument(
            HttpStatus.SERVICE_UNAVAILABLE,
            "Too many overview streams are open. Read /api/overview, or try again later.")
        .with("Retry-After", "10");
  }

  /** One reader of the stream. */
  private static final class Reader {
    private final Sinks.Many<byte[]> events;
    private final Sinks.Empty<Void> failed = Sinks.empty();
    private volatile boolean left;

    Reader(int buffer) {
      events = Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(buffer));
    }

    void offer(byte[] event) {
      if (events.tryEmitNext(event) == Sinks.EmitResult.FAIL_OVERFLOW) {
        // Not through the queue, whose end a slow reader would never see.
        failed.tryEmitError(new EventFeed.TooSlow());
      }
    }

    void fail(RuntimeException failure) {
      failed.tryEmitError(failure);
    }

    Flux<byte[]> events() {
      return events.asFlux().takeUntilOther(failed.asMono());
    }
  }
}
