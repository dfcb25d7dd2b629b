package dev.understudy.admin;

import com.fasterxml.jackson.annotation.JsonIncludeProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.understudy.admin.access.ReadPolicy;
import dev.understudy.admin.access.Role;
import dev.understudy.event.Alarm;
import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.ServerState;
import dev.understudy.statistics.ServiceCondition;
import dev.understudy.text.Words;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

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
          .addModule(serializers())
          .addMixIn(ServerState.LastProbe.class, ProbeForm.class)
          .addMixIn(ChoiceExplanation.TwoPrimaries.class, TwoPrimariesForm.class)
          .build();

  private static final JsonMapper INDENTED =
      COMPACT.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}

  static Mono<ServerResponse> ok(Object document) {
    return send(ServerResponse.ok(), MediaType.APPLICATION_JSON, document);
  }

  /** A document about something that has begun: 202. */
  static Mono<ServerResponse> accepted(Object document) {
    return send(ServerResponse.accepted(), MediaType.APPLICATION_JSON, document);
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

  /** Writes values of records of other packages. */
  private static JacksonModule serializers() {
    SimpleModule serializers = new SimpleModule();
    Stream.of(PoolId.class, ServerId.class, ServerAddress.class)
        .forEach(type -> serializers.addSerializer(type, ToStringSerializer.instance));
    Stream.of(
            PoolMode.class,
            Rank.class,
            OperatorState.class,
            FailbackSettings.Policy.class,
            ServiceCondition.class,
            Alarm.Kind.class,
            Role.class,
            ReadPolicy.class)
        .forEach(type -> serializers.addSerializer(type, new Word()));
    return serializers.addSerializer(Duration.class, new Millis());
  }

  /** A constant as the configuration file has it. */
  private static final class Word extends ValueSerializer<Enum<?>> {
    @Override
    public void serialize(Enum<?> value, JsonGenerator to, SerializationContext context) {
      to.writeString(Words.kebab(value.name()));
    }
  }

  /** Milliseconds, with up to three decimals. */
  private static final class Millis extends ValueSerializer<Duration> {
    @Override
    public void serialize(Duration value, JsonGenerator to, SerializationContext context) {
      to.writeNumber(Math.round(value.toNanos() / 1e3) / 1e3);
    }
  }

  private interface ProbeForm {
    @JsonProperty("tookMillis")
    Duration took();
  }

  @JsonIncludeProperties({"server", "since", "why"})
  private interface TwoPrimariesForm {
    @JsonProperty("server")
    ServerId claimant();
  }
}
