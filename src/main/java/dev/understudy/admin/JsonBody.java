package dev.understudy.admin;

import dev.understudy.network.Networks;
import dev.understudy.pool.Operator;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.UnitParser;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A small JSON object from a client, parsed strictly: each error names the expected form. */
final class JsonBody {
  /** The maximum size of a body, far above the size of any valid request. */
  static final int MAX_BYTES = 4096;

  /** The field of every write with the operator's own words. */
  static final String REASON = "reason";

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final JsonNode fields;

  private JsonBody(JsonNode fields) {
    this.fields = fields;
  }

  /**
   * Reads the body within 10 s; fails with a {@link ProblemDocument}: 400, 408, 413 or 415.
   *
   * @param known the names of the permitted fields
   */
  static Mono<JsonBody> read(ServerRequest request, List<String> known) {
    requireJson(request);
    if (request.headers().contentLength().orElse(0) > MAX_BYTES) {
      return Mono.error(tooLarge());
    }
    return DataBufferUtils.join(request.body(BodyExtractors.toDataBuffers()), MAX_BYTES)
        .map(JsonBody::bytes)
        .timeout(TIMEOUT)
        .defaultIfEmpty(new byte[0])
        .onErrorMap(JsonBody::unreadable)
        .map(bytes -> parse(bytes, known));
  }

  private static void requireJson(ServerRequest request) {
    MediaType type;
    try {
      type = request.headers().contentType().orElse(null);
    } catch (InvalidMediaTypeException e) {
      type = null;
    }
    if (type == null || !type.equalsTypeAndSubtype(MediaType.APPLICATION_JSON)) {
      throw new ProblemDocument(
              HttpStatus.UNSUPPORTED_MEDIA_TYPE, "Expected Content-Type: application/json.")
          .with(HttpHeaders.ACCEPT, MediaType.APPLICATION_JSON_VALUE);
    }
  }

  private static byte[] bytes(DataBuffer buffer) {
    byte[] bytes = new byte[buffer.readableByteCount()];
    buffer.read(bytes);
    DataBufferUtils.release(buffer);
    return bytes;
  }

  private static JsonBody parse(byte[] bytes, List<String> known) {
    JsonNode fields;
    try {
      fields = Json.COMPACT.readTree(bytes);
    } catch (JacksonException e) {
      throw bad("The body is not JSON (" + e.getOriginalMessage() + ").", known);
    }
    if (!fields.isObject()) {
      throw bad("The body is not a JSON object.", known);
    }
    for (String name : fields.propertyNames()) {
      if (!known.contains(name)) {
        throw bad("Unknown field '" + StateEndpoints.shortened(name) + "'.", known);
      }
    }
    return new JsonBody(fields);
  }

  /** Returns a mandatory string field. */
  String text(String name, String expectation) {
    JsonNode value = fields.path(name);
    if (!value.isString()) {
      throw unexpected(name, expectation);
    }
    return value.stringValue();
  }

  /** Returns a boolean field; false if it is absent. */
  boolean flag(String name) {
    JsonNode value = fields.path(name);
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw unexpected(name, "true or false");
    }
    return value.asBoolean(false);
  }

  private boolean has(String name) {
    return !fields.path(name).isMissingNode();
  }

  /** Refuses fields that mean something only where {@code condition} holds. */
  void requireAbsent(List<String> names, String condition) {
    for (String name : names) {
      if (has(name)) {
        throw unexpected(name, "nothing unless " + condition);
      }
    }
  }

  /** Returns a duration such as {@code "10s"}; {@code otherwise} if it is absent. */
  Duration duration(String name, Duration otherwise, Duration least, Duration most) {
    if (!has(name)) {
      return otherwise;
    }
    String expected = "a duration from " + UnitParser.text(least) + " to " + UnitParser.text(most);
    try {
      Duration value = UnitParser.duration(text(name, expected));
      if (value.compareTo(least) >= 0 && value.compareTo(most) <= 0) {
        return value;
      }
    } catch (IllegalArgumentException e) {
      // Reported below.
    }
    throw unexpected(name, expected);
  }

  /** Returns a time to come; null if it is absent. */
  @Nullable Instant time(String name, Instant now, Duration most) {
    if (!has(name)) {
      return null;
    }
    String expected = "a time within " + most.toDays() + " days, such as \"2027-01-31T22:00:00Z\"";
    try {
      Instant value = OffsetDateTime.parse(text(name, expected)).toInstant();
      if (!value.isBefore(now) && value.isBefore(now.plus(most))) {
        return value;
      }
    } catch (DateTimeParseException e) {
      // Reported below.
    }
    throw unexpected(name, expected);
  }

  /** Returns a list of networks; none if it is absent. */
  Networks networks(String name) {
    String expected =
        "a list of at most "
            + PoolMaintenance.MOST_NETWORKS
            + " addresses or networks, such as [\"10.0.0.0/8\", \"fd00::/8\"]";
    JsonNode value = fields.path(name);
    if (value.isMissingNode()) {
      return Networks.NONE;
    }
    if (!value.isArray()
        || value.size() > PoolMaintenance.MOST_NETWORKS
        || !value.valueStream().allMatch(JsonNode::isString)) {
      throw unexpected(name, expected);
    }
    try {
      return Networks.of(value.valueStream().map(JsonNode::stringValue).toList());
    } catch (IllegalArgumentException e) {
      throw unexpected(name, expected);
    }
  }

  /** Returns a mandatory string field; null if the client says {@code null}. */
  @Nullable String textOrNull(String name, String expectation) {
    return fields.path(name).isNull() ? null : text(name, expectation);
  }

  /**
   * Returns who asks for the change, and why.
   *
   * @param token the name of the token that the client presented
   */
  Operator operator(String token) {
    if (!has(REASON)) {
      return new Operator(token, null);
    }
    String reason = textOrNull(REASON, Operator.EXPECTED_REASON);
    if (reason != null && !Operator.isReason(reason)) {
      throw unexpected(REASON, Operator.EXPECTED_REASON);
    }
    return new Operator(token, reason);
  }

  ProblemDocument unexpected(String name, String expectation) {
    JsonNode value = fields.path(name);
    String found = value.isMissingNode() ? "nothing" : StateEndpoints.shortened(value.toString());
    return new ProblemDocument(
        HttpStatus.BAD_REQUEST, name + ": expected " + expectation + ", found " + found + ".");
  }

  private static ProblemDocument unreadable(Throwable error) {
    if (error instanceof DataBufferLimitException) {
      return tooLarge();
    }
    return error instanceof TimeoutException
        ? new ProblemDocument(
                HttpStatus.REQUEST_TIMEOUT,
                "The body did not arrive within " + TIMEOUT.toSeconds() + " s.")
            .with(HttpHeaders.CONNECTION, "close")
        : new ProblemDocument(HttpStatus.BAD_REQUEST, "The body is incomplete.");
  }

  private static ProblemDocument bad(String what, List<String> known) {
    return new ProblemDocument(
        HttpStatus.BAD_REQUEST,
        what + " Expected a JSON object with " + String.join(" and ", known) + ".");
  }

  private static ProblemDocument tooLarge() {
    return new ProblemDocument(
        HttpStatus.CONTENT_TOO_LARGE, "Expected a body of at most " + MAX_BYTES + " bytes.");
  }
}
