package dev.understudy.config;

import static dev.understudy.config.PoolMapper.orElse;

import dev.understudy.pool.Check;
import dev.understudy.pool.DatabaseRole;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Maps a pool's {@code health} section and fills in defaults. */
final class HealthMapper {
  /** The types to which a key belongs; those that are not here belong to all. */
  private static final Map<String, Set<RawHealth.Type>> TYPES = types();

  /** Header fields that a probe sets itself (RFC 9112 §3.2, §6, §9.6). */
  private static final Set<String> OWN_HEADERS =
      Set.of("host", "connection", "content-length", "transfer-encoding", "upgrade", "te");

  private final RecordReader reader;
  private final boolean tcp;
  private final MapSection section;

  /**
   * @param tcp whether the pool's servers speak TCP, so that a connection is enough by default
   */
  HealthMapper(RecordReader reader, boolean tcp, MapSection section) {
    this.reader = reader;
    this.tcp = tcp;
    this.section = section;
  }

  private static Map<String, Set<RawHealth.Type>> types() {
    Map<String, Set<RawHealth.Type>> types = new LinkedHashMap<>();
    for (String key : List.of("path", "method", "headers", "content")) {
      types.put(key, EnumSet.of(RawHealth.Type.HTTP));
    }
    types.put("host", EnumSet.of(RawHealth.Type.HTTP, RawHealth.Type.GRPC));
    types.put("service", EnumSet.of(RawHealth.Type.GRPC));
    types.put("expect", EnumSet.of(RawHealth.Type.HTTP, RawHealth.Type.TCP));
    types.put("send", EnumSet.of(RawHealth.Type.TCP));
    types.put("steps", EnumSet.of(RawHealth.Type.TCP));
    types.put(
        "user", EnumSet.of(RawHealth.Type.POSTGRESQL, RawHealth.Type.REDIS, RawHealth.Type.MYSQL));
    types.put(
        "role", EnumSet.of(RawHealth.Type.POSTGRESQL, RawHealth.Type.REDIS, RawHealth.Type.MYSQL));
    types.put("database", EnumSet.of(RawHealth.Type.POSTGRESQL));
    types.put("password", EnumSet.of(RawHealth.Type.REDIS));
    return types;
  }

  HealthSettings map(RawHealth raw) {
    HealthSettings defaults = tcp ? HealthSettings.OF_TCP : HealthSettings.DEFAULT;
    if (!section.isPresent()) {
      return defaults;
    }
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
    RawHealth.Type type = orElse(raw.type(), tcp ? RawHealth.Type.TCP : RawHealth.Type.HTTP);
    boolean typeKnown = section.isClean();
    if (typeKnown) {
      TYPES.forEach((key, types) -> belongs(key, type, types));
    }
    OptionalInt port = raw.port() == null ? OptionalInt.empty() : OptionalInt.of(raw.port());
    boolean proxyProtocol = raw.proxyProtocol();
    DatabaseRole role = raw.role();
    return switch (type) {
      case HTTP -> http(raw, port, proxyProtocol, typeKnown);
      case TCP ->
          new TcpCheck(
              port, new TcpStepsMapper(reader, section).map(raw), raw.tls(), proxyProtocol);
      case POSTGRESQL ->
          new PostgresqlCheck(port, user(raw), raw.database(), role, raw.tls(), proxyProtocol);
      case REDIS -> redis(raw, port, role, proxyProtocol);
      case MYSQL -> mysql(raw, port, role, proxyProtocol);
      case GRPC -> new GrpcCheck(port, raw.service(), raw.host(), raw.tls(), proxyProtocol);
    };
  }

  private void belongs(String key, RawHealth.Type type, Set<RawHealth.Type> types) {
    Node node = section.node(key);
    if (node != null && section.hasOwn(key) && !types.contains(type)) {
      section.problems().add(node, "expected only with type: " + words(types));
    }
  }

  private static String words(Set<RawHealth.Type> types) {
    List<String> names = types.stream().map(SettingNames::of).toList();
    int last = names.size() - 1;
    return last == 0
        ? names.getFirst()
        : String.join(", ", names.subList(0, last)) + " or " + names.get(last);
  }

  private HttpCheck http(
      RawHealth raw, OptionalInt port, boolean proxyProtocol, boolean typeKnown) {
    return new HttpCheck(
        raw.method(),
        raw.path(),
        raw.host(),
        headers(raw.headers()),
        port,
        new ExpectationMapper(reader, section, typeKnown).map(raw.expect()),
        raw.content(),
        raw.tls(),
        proxyProtocol);
  }

  private String user(RawHealth raw) {
    if (raw.user() == null && !section.has("user")) {
      missing("user", "a user to begin the session with");
    }
    return orElse(raw.user(), "");
  }

  private RedisCheck redis(
      RawHealth raw, OptionalInt port, DatabaseRole role, boolean proxyProtocol) {
    if (raw.user() != null && !section.has("password")) {
      missing("password", "a password, as there is a user");
    }
    return new RedisCheck(port, raw.user(), raw.password(), role, raw.tls(), proxyProtocol);
  }

  private MysqlCheck mysql(
      RawHealth raw, OptionalInt port, DatabaseRole role, boolean proxyProtocol) {
    if (role == DatabaseRole.PRIMARY && !section.has("user")) {
      missing("user", "a user to ask for the role with");
    }
    if (Boolean.TRUE.equals(raw.tls())) {
      section.wrong("tls", "no TLS with type: mysql, whose greeting comes before any");
    }
    return new MysqlCheck(port, raw.user(), role, raw.tls(), proxyProtocol);
  }

  private void missing(String key, String expected) {
    MapNode map = section.map();
    if (map != null && section.isClean()) {
      section.problems().missing(map, key, expected);
    }
  }

  private List<Header> headers(@Nullable Map<String, String> raw) {
    List<Header> headers = new ArrayList<>();
    if (raw == null || !(section.node("headers") instanceof MapNode map)) {
      return headers;
    }
    Set<String> seen = new HashSet<>();
    MapSection lines = section.child("headers");
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
