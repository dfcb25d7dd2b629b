package dev.understudy.history;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.EventParts;
import dev.understudy.event.ServerEvent;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.text.Words;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON form of an event: {@code id}, {@code at}, {@code type}, {@code pool}, {@code kind},
 * {@code level} and {@code message} always, and the parts of its type. Made of {@link EventParts}
 * alone, so that a new kind of event or a new part needs nothing here.
 *
 * <p>Bounded: a document has at most {@value #MAX_CHARS} characters. Its texts are cut at {@value
 * #MAX_TEXT} characters and its lists at {@value #MAX_ITEMS} items, and shorter if that is too
 * much.
 */
final class EventDocument {
  static final int MAX_CHARS = 64 * 1024;
  static final int MAX_TEXT = 4_000;
  static final int MAX_ITEMS = 101;

  /** Bounds that keep any document within {@link #MAX_CHARS}, all characters escaped. */
  private static final Bounds SHORT = new Bounds(300, 20);

  private static final Bounds LONG = new Bounds(MAX_TEXT, MAX_ITEMS);

  static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** The fields that every document begins with; the kind came later than the others. */
  private static final Pattern HEAD =
      Pattern.compile(
          "\\{\"id\":(?<id>[0-9]{1,18}),\"at\":\"(?<at>[^\"]+)\",\"type\":\"(?<type>[a-z0-9-]+)\","
              + "\"pool\":(?:null|\"(?<pool>[^\"]+)\"),"
              + "(?:\"kind\":\"(?<kind>operation|switch|health)\",)?");

  private EventDocument() {}

  /** The type's name: {@code health-changed} for {@link ServerEvent.HealthChanged}. */
  static String type(Event event) {
    return Words.kebab(event.getClass().getSimpleName());
  }

  static String of(EventLog.Entry entry) {
    String document = LONG.document(entry);
    return document.length() <= MAX_CHARS ? document : SHORT.document(entry);
  }

  /** The bounds of texts, in characters, and of lists, in items. */
  private record Bounds(int text, int items) {
    String document(EventLog.Entry entry) {
      Event event = entry.event();
      PoolId pool = event.pool();
      Map<String, @Nullable Object> document = new LinkedHashMap<>();
      document.put("id", entry.id());
      document.put("at", entry.at());
      document.put("type", type(event));
      document.put("pool", pool == null ? null : pool.value());
      document.put("kind", Words.lower(event.kind()));
      document.put("level", Words.lower(event.level()));
      EventParts.of(event).forEach((name, part) -> document.put(name, json(part)));
      document.put("message", cut(event.message()));
      return JSON.writeValueAsString(document);
    }

    private @Nullable Object json(@Nullable Object part) {
      return switch (part) {
        case null -> null;
        case Number number -> number;
        case Boolean flag -> flag;
        case Instant instant -> instant;
        case OperatorState state -> Words.lower(state);
        case Enum<?> constant -> constant.name();
        case Duration duration -> Math.round(duration.toNanos() / 1e3) / 1e3;
        case List<?> list -> texts(list);
        default -> cut(part.toString());
      };
    }

    private List<String> texts(List<?> list) {
      List<String> texts = list.stream().map(item -> cut(String.valueOf(item))).toList();
      return Words.bounded(texts, texts.size() <= items ? items : items - 1);
    }

    private String cut(String value) {
      return Words.cut(value, text);
    }
  }

  /**
   * The event of a document that was stored; null if it does not begin as one. The rest is not
   * parsed, which would slow down the start: a checksum vouches for it.
   */
  static @Nullable StoredEvent parse(String json) {
    Matcher head = HEAD.matcher(json);
    if (!head.lookingAt() || !json.endsWith("}")) {
      return null;
    }
    String pool = head.group("pool");
    String kind = head.group("kind");
    try {
      return new StoredEvent(
          Long.parseLong(head.group("id")),
          Instant.parse(head.group("at")),
          head.group("type"),
          pool == null ? null : new PoolId(pool),
          kind == null ? Event.Kind.SWITCH : Event.Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
          json);
    } catch (DateTimeException | IllegalArgumentException e) {
      return null;
    }
  }
}
