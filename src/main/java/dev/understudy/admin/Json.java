package dev.understudy.admin;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How our documents look: indented, in the order of the records' components, times as ISO 8601 in
 * UTC, absent values as {@code null}.
 *
 * <p>Words are written as elsewhere: those of the configuration file as there ({@code failover},
 * {@code drain}), those of events and metrics in capitals ({@code UP}, {@code FAILBACK}).
 */
final class Json {
  /** For the event stream, where a document must be one line. */
  static final JsonMapper COMPACT =
      JsonMapper.builder()
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final JsonMapper INDENTED =
      COMPACT.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}

  static Mono<ServerResponse> ok(Object document) {
    return send(ServerResponse.ok(), MediaType.APPLICATION_JSON, document);
  }

  static Mono<ServerResponse> send(
      ServerResponse.BodyBuilder response, MediaType type, Object document) {
    return response.contentType(type).bodyValue(INDENTED.writeValueAsString(document) + "\n");
  }

  /** As in the configuration file. */
  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** As in events and metrics. */
  static @Nullable String name(@Nullable Enum<?> value) {
    return value == null ? null : value.name();
  }

  static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  /** With three digits after the point. */
  static @Nullable Double millis(@Nullable Duration duration) {
    return duration == null ? null : Math.round(duration.toNanos() / 1e3) / 1e3;
  }
}
