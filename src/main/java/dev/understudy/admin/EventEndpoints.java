package dev.understudy.admin;

import dev.understudy.history.History;
import dev.understudy.history.ServingPeriod;
import dev.understudy.history.StoredEvent;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.UnitParser;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.text.Printable;
import dev.understudy.text.UtcTime;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** Handles requests for events and timelines, of earlier runs too. */
final class EventEndpoints implements Endpoints {
  /** The maximum number of events in one response. */
  static final int MAX_LIMIT = 1_000;

  private static final int DEFAULT_LIMIT = 100;
  private static final int DEFAULT_MINUTES = 60;
  private static final int MAX_MINUTES = 1_440;
  static final MediaType TEXT = new MediaType("text", "plain", StandardCharsets.UTF_8);

  /** A time back, such as {@code 15m}; the range of numbers cannot overflow. */
  private static final Pattern BACK = Pattern.compile("[0-9]{1,6}[smhd]");

  /**
   * The response with events.
   *
   * @param history the name of the history that all ids in it belong to
   * @param events oldest first, made one after the other while they are written
   */
  private record Events(String history, Iterable<JsonNode> events) {}

  /**
   * The response with the timeline of one pool.
   *
   * @param from the beginning of the time asked for; the first segment may begin later
   * @param to the time of the document, at which the last segment goes on
   * @param segments oldest first, without a gap; {@code known} is false while this replica did not
   *     run, {@code serving} is null then, or if nobody served
   */
  private record Timeline(String pool, Instant from, Instant to, List<ServingPeriod> segments) {}

  private final History history;
  private final SnapshotSource snapshots;
  private final DocumentThreads threads;

  EventEndpoints(History history, SnapshotSource snapshots, DocumentThreads threads) {
    this.history = history;
    this.snapshots = snapshots;
    this.threads = threads;
  }

  @Override
  public void addTo(Paths paths) {
    paths.read("/api/events", request -> threads.make(request, () -> events(request)));
    paths.read(
        "/api/pools/{pool}/timeline", request -> threads.make(request, () -> timeline(request)));
    paths.read("/api/timelines", request -> threads.make(request, () -> timelines(request)));
  }

  /**
   * Responds with events, oldest first. The query selects them: {@code pool}, which may be a
   * removed one; {@code limit}, 100 by default; {@code since}, a time or a time back; {@code
   * shares}, {@code true} for those of each kind in equal shares instead of the newest. Its {@code
   * format} is {@code json} by default, or {@code text}: one line for each event.
   */
  private Mono<ServerResponse> events(ServerRequest request) {
    PoolId pool = StateEndpoints.poolParameter(request);
    int limit = number(request, "limit", DEFAULT_LIMIT, MAX_LIMIT);
    Instant since = since(request);
    boolean text = is(request, "format", "json", "text");
    List<StoredEvent> events =
        is(request, "shares", "false", "true")
            ? history.shares(pool, limit, since)
            : history.newest(pool, limit, since, 0);
    if (pool != null && events.isEmpty() && isUnknown(pool)) {
      throw StateEndpoints.unknownPool(pool.value(), snapshots.current());
    }
    return text
        ? Json.bytes(ServerResponse.ok(), TEXT, lines(events))
        : Json.ok(
            new Events(
                history.name(), () -> events.stream().map(StoredEvent::document).iterator()));
  }

  private boolean isUnknown(PoolId pool) {
    return snapshots.current().pool(pool) == null && history.newest(pool, 1, null, 0).isEmpty();
  }

  private static byte[] lines(List<StoredEvent> events) {
    return events.stream()
        .map(EventEndpoints::line)
        .collect(Collectors.joining())
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * An event as a line of text: time in UTC, pool ({@code -} for the replica itself), type as in
   * JSON, and sentence, with two blanks between.
   */
  private static String line(StoredEvent event) {
    return String.join(
            "  ",
            UtcTime.millis(event.at()),
            event.pool() == null ? "-" : event.pool().value(),
            event.type(),
            Printable.escaped(event.document().path("message").asString("")))
        + "\n";
  }

  /** Responds with the timeline of one pool; {@code minutes} back, 60 by default. */
  private Mono<ServerResponse> timeline(ServerRequest request) {
    PoolId pool = StateEndpoints.poolOf(request);
    Duration back = minutes(request);
    StateEndpoints.requirePool(pool, snapshots.current());
    Instant now = snapshots.wall();
    Instant from = now.minus(back);
    return Json.ok(new Timeline(pool.value(), from, now, history.timeline(pool, from, now)));
  }

  /** Responds with the timelines of all pools in compact form. */
  private Mono<ServerResponse> timelines(ServerRequest request) {
    Instant now = snapshots.wall();
    Instant from = now.minus(minutes(request));
    Collection<PoolState> pools = snapshots.current().pools();
    return Json.compact(
        TimelinesDocument.of(from, now, pools, pool -> history.timeline(pool, from, now)));
  }

  private static Duration minutes(ServerRequest request) {
    return Duration.ofMinutes(number(request, "minutes", DEFAULT_MINUTES, MAX_MINUTES));
  }

  private @Nullable Instant since(ServerRequest request) {
    String text = request.queryParam("since").orElse(null);
    if (text == null) {
      return null;
    }
    if (BACK.matcher(text).matches()) {
      return snapshots.wall().minus(UnitParser.duration(text));
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw ProblemDocument.unexpected(
          "since", "a time such as 2026-11-21T18:00:00Z, or 15m, 24h, 7d", text);
    }
  }

  /** Whether a parameter has the second of its two values; the first is its default. */
  static boolean is(ServerRequest request, String name, String preset, String other) {
    String value = request.queryParam(name).orElse(preset);
    if (!value.equals(preset) && !value.equals(other)) {
      throw ProblemDocument.unexpected(name, preset + " or " + other, value);
    }
    return value.equals(other);
  }

  private static int number(ServerRequest request, String name, int preset, int max) {
    String text = request.queryParam(name).orElse(null);
    if (text == null) {
      return preset;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw ProblemDocument.unexpected(name, "a number from 1 to " + max, text);
  }
}
