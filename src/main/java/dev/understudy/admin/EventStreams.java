package dev.understudy.admin;

import dev.understudy.monitor.EventLog;
import dev.understudy.pool.PoolId;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.codec.ServerSentEvent;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * The live streams of events, as server-sent events (WHATWG HTML §9.2).
 *
 * <p>Guarantees:
 *
 * <ul>
 *   <li>Every event after the one that the client names comes once, in order, as far as the bounded
 *       history reaches back; a client that names none gets those to come.
 *   <li>There are at most {@code limits.streams()} streams.
 *   <li>A client that reads so slowly that {@code limits.buffer()} events wait for it is cut off,
 *       and may come back with the last id that it saw.
 *   <li>A comment comes every {@code limits.heartbeat()}, so that whoever is between us sees that
 *       the connection lives; and a stream ends after {@code limits.lifetime()}, upon which a
 *       browser makes a new one.
 * </ul>
 *
 * <p>An id is {@code RUN-NUMBER}, as another run, or another replica, counts events of its own: to
 * such an id the response is the whole history. A bare number means this run.
 */
final class EventStreams {
  /** The bounds. */
  record Limits(int streams, int buffer, Duration heartbeat, Duration lifetime) {
    static final Limits DEFAULT = new Limits(32, 256, Duration.ofSeconds(15), Duration.ofHours(1));
  }

  private static final Duration RETRY = Duration.ofSeconds(2);

  private final EventLog log;
  private final Limits limits;
  private final String run;
  private final AtomicInteger active = new AtomicInteger();
  private volatile Sinks.Empty<Void> end = Sinks.empty();
  private volatile boolean stopped;

  /**
   * @param run tells this process's ids from another's
   */
  EventStreams(EventLog log, Limits limits, String run) {
    this.log = log;
    this.limits = limits;
    this.run = run;
  }

  /** How many there are now. */
  int active() {
    return active.get();
  }

  /**
   * One more stream.
   *
   * @param pool whose events; null: all
   * @param lastSeen the last id that the client saw; null: none
   * @throws ProblemDocument 503 when there are too many already, or after {@link #stop}
   */
  Flux<ServerSentEvent<String>> open(@Nullable PoolId pool, @Nullable String lastSeen) {
    if (stopped) {
      throw stopping();
    }
    if (active.get() >= limits.streams()) {
      throw tooMany();
    }
    return Flux.using(
        () -> start(pool, lastSeen),
        feed -> stream(feed),
        feed -> {
          feed.close();
          active.decrementAndGet();
        });
  }

  private EventFeed start(@Nullable PoolId pool, @Nullable String lastSeen) {
    if (active.incrementAndGet() > limits.streams()) {
      active.decrementAndGet();
      throw tooMany();
    }
    return new EventFeed(
        log, pool, lastSeen == null ? EventFeed.NEW_ONES : number(lastSeen), limits.buffer());
  }

  private Flux<ServerSentEvent<String>> stream(EventFeed feed) {
    Flux<ServerSentEvent<String>> hello =
        Flux.just(ServerSentEvent.<String>builder().comment("understudy").retry(RETRY).build());
    Flux<ServerSentEvent<String>> heartbeats =
        Flux.interval(limits.heartbeat())
            .onBackpressureDrop()
            .map(tick -> ServerSentEvent.<String>builder().comment("heartbeat").build());
    return Flux.merge(hello.concatWith(feed.entries().map(this::event)), heartbeats)
        .take(limits.lifetime())
        .takeUntilOther(end.asMono());
  }

  /** Lets streams be opened, at first and after {@link #stop}. */
  void start() {
    end = Sinks.empty();
    stopped = false;
  }

  /** Ends all streams and opens no more: a graceful stop would wait for them. */
  void stop() {
    stopped = true;
    end.tryEmitEmpty();
  }

  /** The event that an id of this run names; before the first for all other texts. */
  private long number(String id) {
    String own = run + "-";
    try {
      return Long.parseLong(id.startsWith(own) ? id.substring(own.length()) : id);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private ServerSentEvent<String> event(EventLog.Entry entry) {
    return ServerSentEvent.<String>builder()
        .id(run + "-" + entry.id())
        .event(EventDocument.type(entry.event()))
        .data(Json.COMPACT.writeValueAsString(EventDocument.of(entry)))
        .build();
  }

  private static ProblemDocument stopping() {
    return new ProblemDocument(HttpStatus.SERVICE_UNAVAILABLE, "This replica is stopping.");
  }

  private static ProblemDocument tooMany() {
    return new ProblemDocument(
            HttpStatus.SERVICE_UNAVAILABLE,
            "Too many event streams are open. Read /api/events, or try again later.")
        .with("Retry-After", "10");
  }
}
