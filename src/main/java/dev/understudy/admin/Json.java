package dev.understudy.admin;

import java.time.Duration;
import java.util.Arrays;
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
 * The form of our JSON documents: indented, fields in the order of the record's components, times
 * as ISO 8601 in UTC, absent values as {@code null}.
 *
 * <p>Words have the same case as elsewhere: lower case for words of the configuration file ({@code
 * failover}, {@code drain}), upper case for those of events and metrics ({@code UP}, {@code
 * FAILBACK}).
 */
public final class Json {
  /** For the event stream, where a document must be one line, and for parsing requests. */
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

  /** The document on one line, for large ones that programs read. */
  static Mono<ServerResponse> compact(Object document) {
    return bytes(ServerResponse.ok(), MediaType.APPLICATION_JSON, line(COMPACT, document));
  }

  static Mono<ServerResponse> send(
      ServerResponse.BodyBuilder response, MediaType type, Object document) {
    return bytes(response, type, line(INDENTED, document));
  }

  /** The document by itself, with a line feed behind it. */
  public static String document(Object document) {
    return INDENTED.writeValueAsString(document) + "\n";
  }

  private static byte[] line(JsonMapper mapper, Object document) {
    byte[] json = mapper.writeValueAsBytes(document);
    byte[] line = Arrays.copyOf(json, json.length + 1);
    line[json.length] = '\n';
    return line;
  }

  /** As bytes: of a text, Spring would make a buffer three times as large. */
  static Mono<ServerResponse> bytes(
      ServerResponse.BodyBuilder response, MediaType type, byte[] body) {
    return response.contentType(type).bodyValue(body);
  }

  /** The constant in upper case, as in events and metrics. */
  static @Nullable String name(@Nullable Enum<?> value) {
    return value == null ? null : value.name();
  }

  static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  /** The duration in milliseconds, with up to three decimals; null if it is. */
  static @Nullable Double millis(@Nullable Duration duration) {
    return duration == null ? null : Math.round(duration.toNanos() / 1e3) / 1e3;
  }
}
