package dev.understudy.admin;

import dev.understudy.history.EventId;
import dev.understudy.history.History;
import dev.understudy.history.StoredEvent;
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
 *   <li>A client gets every event after the one that it names, once and in order, as far as the
 *       bounded history reaches back; a client that names none gets new ones only, and one whose id
 *       is not known here the newest 1,000.
 *   <li>At most {@code limits.streams()} streams are open (32 by default).
 *   <li>A client so slow that {@code limits.buffer()} events (256 by default) wait for it is
 *       disconnected, and may reconnect with the last id that it saw.
 *   <li>A comment every {@code limits.heartbeat()} (15 s by default) shows intermediaries that the
 *       connection is alive. A stream ends after {@code limits.lifetime()} (1 h by default), and a
 *       browser then opens a new one.
 * </ul>
 *
 * <p>The ids are {@link EventId}s of the present history; {@link History#missed} tells which ids a
 * client may name.
 */
final class EventStreams {
  /** The limits of the streams. */
  record Limits(int streams, int buffer, Duration heartbeat, Duration lifetime) {
    static final Limits DEFAULT = new Limits(32, 256, Duration.ofSeconds(15), Duration.ofHours(1));
  }

  private static final Duration RETRY = Duration.ofSeconds(2);

  private final History history;
  private final Limits limits;
  private final AtomicInteger active = new AtomicInteger();
  private volatile Sinks.Empty<Void> end = Sinks.empty();
  private volatile boolean stopped;

  EventStreams(History history, Limits limits) {
    this.history = history;
    this.limits = limits;
  }

  /** The number of open streams. */
  int active() {
    return active.get();
  }

  int maxStreams() {
    return limits.streams();
  }

  /**
   * Opens a stream.
   *
   * @param pool limits the events to one pool; null for all
   * @param lastSeen the last id that the client saw; null if none
   * @throws ProblemDocument 503 if there are too many streams, or after {@link #stop}
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
    return new EventFeed(history, pool, lastSeen, limits.buffer());
  }

  private Flux<ServerSentEvent<String>> stream(EventFeed feed) {
    Flux<ServerSentEvent<String>> hello =
        Flux.just(ServerSentEvent.<String>builder().comment("understudy").retry(RETRY).build());
    Flux<ServerSentEvent<String>> heartbeats =
        Flux.interval(limits.heartbeat())
            .onBackpressureDrop()
            .map(tick -> ServerSentEvent.<String>builder().comment("heartbeat").build());
    return Flux.merge(hello.concatWith(feed.events().map(this::event)), heartbeats)
        .take(limits.lifetime())
        .takeUntilOther(end.asMono());
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

  private ServerSentEvent<String> event(StoredEvent event) {
    return ServerSentEvent.<String>builder()
        .id(new EventId(history.name(), event.id()).toString())
        .event(event.type())
        .data(event.json())
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
