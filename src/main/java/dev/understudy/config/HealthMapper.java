package dev.understudy.config;

import static dev.understudy.config.RawHealth.Type.EXTENSION;
import static dev.understudy.config.RawHealth.Type.GRPC;
import static dev.understudy.config.RawHealth.Type.HTTP;
import static dev.understudy.config.RawHealth.Type.MYSQL;
import static dev.understudy.config.RawHealth.Type.POSTGRESQL;
import static dev.understudy.config.RawHealth.Type.REDIS;
import static dev.understudy.config.RawHealth.Type.TCP;

import dev.understudy.pool.Check;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.ExtensionCheck;
import dev.understudy.pool.GrpcCheck;
import dev.understudy.pool.Header;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.MysqlCheck;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.SettingNames;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.TextFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Maps a pool's {@code health} section and fills in defaults.
 *
 * @param tcp whether the pool's servers speak TCP, so that a connection is enough by default
 */
record HealthMapper(RecordReader reader, RouteChecker checker, boolean tcp, SectionReader section) {
  /** The types to which a key belongs; those that are not here belong to all. */
  private static final Map<String, Set<RawHealth.Type>> TYPES =
      Map.ofEntries(
          Map.entry("path", EnumSet.of(HTTP)),
          Map.entry("method", EnumSet.of(HTTP)),
          Map.entry("headers", EnumSet.of(HTTP)),
          Map.entry("content", EnumSet.of(HTTP)),
          Map.entry("host", EnumSet.of(HTTP, GRPC)),
          Map.entry("service", EnumSet.of(GRPC)),
          Map.entry("name", EnumSet.of(EXTENSION)),
          Map.entry("arguments", EnumSet.of(EXTENSION)),
          Map.entry("proxy-protocol", EnumSet.complementOf(EnumSet.of(EXTENSION))),
          Map.entry("expect", EnumSet.of(HTTP, TCP)),
          Map.entry("send", EnumSet.of(TCP)),
          Map.entry("steps", EnumSet.of(TCP)),
          Map.entry("user", EnumSet.of(POSTGRESQL, REDIS, MYSQL)),
          Map.entry("role", EnumSet.of(POSTGRESQL, REDIS, MYSQL)),
          Map.entry("database", EnumSet.of(POSTGRESQL)),
          Map.entry("password", EnumSet.of(POSTGRESQL, REDIS, MYSQL)));

  /** Header fields that a probe sets itself (RFC 9112 §3.2, §6, §9.6). */
  private static final Set<String> OWN_HEADERS =
      Set.of("host", "connection", "content-length", "transfer-encoding", "upgrade", "te");

  HealthSettings map(RawHealth raw) {
    return new HealthSettings(
        check(raw),
        raw.interval(),
        fastInterval(raw),
        raw.downInterval(),
        raw.timeout(),
        raw.fall(),
        raw.rise(),
        raw.agent());
  }

  /** The fast interval, never longer than the interval: the default follows a shorter interval. */
  private Duration fastInterval(RawHealth raw) {
    if (raw.fastInterval().compareTo(raw.interval()) <= 0) {
      return raw.fastInterval();
    }
    if (section.has("fast-interval") && section.isGood("interval")) {
      section.wrong("fast-interval", "at most the interval");
    }
    return raw.interval();
  }

  private Check check(RawHealth raw) {
    RawHealth.Type type = Objects.requireNonNullElse(raw.type(), tcp ? TCP : HTTP);
    boolean typeKnown = section.isClean();
    if (typeKnown) {
      TYPES.forEach((key, types) -> belongs(key, type, types));
    }
    if (typeKnown && raw.role().isOfGalera() && (type == POSTGRESQL || type == REDIS)) {
      section.wrong("role", "any or primary: states of Galera are for type: mysql");
    }
    return switch (type) {
      case HTTP -> http(raw, typeKnown);
      case TCP -> new TcpCheck(new TcpStepsMapper(reader, section).map(raw), raw.connection());
      case POSTGRESQL -> postgresql(raw);
      case REDIS -> redis(raw);
      case MYSQL -> mysql(raw);
      case GRPC -> new GrpcCheck(raw.service(), raw.host(), raw.connection());
      case EXTENSION -> extension(raw);
    };
  }

  private void belongs(String key, RawHealth.Type type, Set<RawHealth.Type> types) {
    if (!types.contains(type)) {
      section.onlyWith(key, "type: " + SettingNames.choices(types));
    }
  }

  private HttpCheck http(RawHealth raw, boolean typeKnown) {
    return new HttpCheck(
        raw.method(),
        raw.path(),
        raw.host(),
        headers(raw.headers()),
        new ExpectationMapper(reader, section, typeKnown).map(raw.expect()),
        raw.content(),
        raw.connection());
  }

  private PostgresqlCheck postgresql(RawHealth raw) {
    if (raw.user() == null && !section.has("user")) {
      missing("user", "a user to begin the session with");
    }
    return new PostgresqlCheck(
        Objects.requireNonNullElse(raw.user(), ""),
        raw.password(),
        raw.database(),
        raw.role(),
        raw.connection());
  }

  private RedisCheck redis(RawHealth raw) {
    if (raw.user() != null && !section.has("password")) {
      missing("password", "a password, as there is a user");
    }
    return new RedisCheck(raw.user(), raw.password(), raw.role(), raw.connection());
  }

  private MysqlCheck mysql(RawHealth raw) {
    if (!section.has("user")) {
      if (raw.role() != DatabaseRole.ANY) {
        missing("user", "a user to ask for the role with");
      } else if (raw.password() != null) {
        missing("user", "a user, as there is a password");
      } else if (Boolean.TRUE.equals(raw.connection().tls())) {
        missing("user", "a user to log in over TLS with");
      }
    }
    return new MysqlCheck(raw.user(), raw.password(), raw.role(), raw.connection());
  }

  private ExtensionCheck extension(RawHealth raw) {
    if (raw.name() == null && !section.has("name")) {
      missing("name", "the name of a check of the extensions");
    } else if (raw.name() != null) {
      section.wrong("name", checker.healthCheckProblem(raw.name()));
    }
    return new ExtensionCheck(
        Objects.requireNonNullElse(raw.name(), ""),
        Objects.requireNonNullElse(raw.arguments(), Map.of()),
        raw.connection());
  }

  private void missing(String key, String expected) {
    if (section.isClean()) {
      section.missing(key, expected);
    }
  }

  private List<Header> headers(@Nullable Map<String, String> raw) {
    List<Header> headers = new ArrayList<>();
    if (raw == null || !(section.node("headers") instanceof MapNode map)) {
      return headers;
    }
    Set<String> seen = new HashSet<>();
    SectionReader lines = section.child("headers");
    for (String name : map.entries().keySet()) {
      String value = raw.get(name);
      String lower = name.toLowerCase(Locale.ROOT);
      if (OWN_HEADERS.contains(lower)) {
        section
            .problems()
            .key(
                map,
                name,
                null,
                lower.equals("host")
                    ? "expected as health.host, not among the headers"
                    : "expected no header that the probe sets itself");
      } else if (!seen.add(lower)) {
        section.problems().key(map, name, null, "duplicate header");
      } else if (value != null && !TextFormat.FIELD_VALUE.fits(value)) {
        lines.wrong(name, TextFormat.FIELD_VALUE.expected());
      } else if (value != null) {
        headers.add(new Header(name, value));
      }
    }
    return headers;
  }
}
