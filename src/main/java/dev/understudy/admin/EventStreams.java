package dev.understudy.admin;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.history.EventId;
import dev.understudy.history.History;
import dev.understudy.history.StoredEvent;
import dev.understudy.pool.PoolId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.codec.ServerSentEvent;
import reactor.core.publisher.Flux;

/**
 * The live streams of events, as server-sent events (WHATWG HTML §9.2).
 *
 * <p>Guarantees:
 *
 * <ul>
 *   <li>A client gets every event after the one that it names, once and in order, as far as the
 *       bounded history reaches back; a client that names none gets new ones only, and one whose id
 *       is not known here the newest 1,000.
 *   <li>At most {@code limits.streams()} streams are open (32 by default), shared among clients.
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
  private final StreamSlots slots;

  EventStreams(History history, Limits limits) {
    this.history = history;
    this.limits = limits;
    this.slots = new StreamSlots(limits.streams(), "event streams", "/api/events");
  }

  StreamSlots slots() {
    return slots;
  }

  /**
   * Opens a stream.
   *
   * @param pool limits the events to one pool; null for all
   * @param lastSeen the last id that the client saw; null if none
   * @return instead of the first event a {@link ProblemDocument}, 503, if there are too many
   *     streams, or while the port stops
   */
  Flux<ServerSentEvent<String>> open(
      ClientNetwork client, @Nullable PoolId pool, @Nullable String lastSeen) {
    return slots.open(
        client, () -> Flux.using(() -> feed(pool, lastSeen), this::stream, EventFeed::close));
  }

  private EventFeed feed(@Nullable PoolId pool, @Nullable String lastSeen) {
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
        .take(limits.lifetime());
  }

  private ServerSentEvent<String> event(StoredEvent event) {
    return ServerSentEvent.<String>builder()
        .id(new EventId(history.name(), event.id()).toString())
        .event(event.type())
        .data(event.json())
        .build();
  }
}
