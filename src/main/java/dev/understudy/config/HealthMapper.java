package dev.understudy.config;

import static dev.understudy.config.PoolMapper.orElse;

import dev.understudy.pool.Check;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.ExpectedHeader;
import dev.understudy.pool.Header;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Regex;
import dev.understudy.pool.StatusSet;
import dev.understudy.pool.TcpCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Maps a pool's {@code health} section and fills in defaults. */
final class HealthMapper {
  private static final List<String> HTTP_ONLY =
      List.of("path", "method", "host", "headers", "expect");

  /** Header fields that a probe sets itself (RFC 9112 §3.2, §6, §9.6). */
  private static final Set<String> OWN_HEADERS =
      Set.of("host", "connection", "content-length", "transfer-encoding", "upgrade", "te");

  private HealthMapper() {}

  /**
   * Maps the section.
   *
   * @param tcp whether the pool's servers speak TCP, so that a connection is enough by default
   */
  static HealthSettings map(@Nullable RawHealth raw, boolean tcp, Section section) {
    HealthSettings defaults = tcp ? HealthSettings.OF_TCP : HealthSettings.DEFAULT;
    if (raw == null) {
      return defaults;
    }
    Duration interval = orElse(raw.interval(), defaults.interval());
    return new HealthSettings(
        check(raw, tcp, section),
        interval,
        fastInterval(raw, interval, section),
        orElse(raw.downInterval(), defaults.downInterval()),
        orElse(raw.timeout(), defaults.timeout()),
        orElse(raw.fall(), defaults.fall()),
        orElse(raw.rise(), defaults.rise()));
  }

  /** The fast interval, never longer than the interval: the default follows a shorter interval. */
  private static Duration fastInterval(RawHealth raw, Duration interval, Section section) {
    if (raw.fastInterval() == null) {
      Duration fallback = HealthSettings.DEFAULT.fastInterval();
      return fallback.compareTo(interval) > 0 ? interval : fallback;
    }
    if (raw.fastInterval().compareTo(interval) > 0 && section.isGood("interval")) {
      section.wrong("fast-interval", "at most the interval");
    }
    return raw.fastInterval();
  }

  private static Check check(RawHealth raw, boolean tcp, Section section) {
    OptionalInt port = raw.port() == null ? OptionalInt.empty() : OptionalInt.of(raw.port());
    RawHealth.Type type = orElse(raw.type(), tcp ? RawHealth.Type.TCP : RawHealth.Type.HTTP);
    if (type == RawHealth.Type.TCP) {
      for (String key : HTTP_ONLY) {
        if (section.hasOwn(key)) {
          section
              .problems()
              .add(Objects.requireNonNull(section.node(key)), "expected only with type: http");
        }
      }
      return new TcpCheck(port);
    }
    HttpCheck defaults = HttpCheck.DEFAULT;
    return new HttpCheck(
        orElse(raw.method(), defaults.method()),
        orElse(raw.path(), defaults.path()),
        raw.host(),
        headers(raw.headers(), section),
        port,
        expectation(raw.expect(), section.child("expect")));
  }

  private static List<Header> headers(@Nullable Map<String, String> raw, Section section) {
    List<Header> headers = new ArrayList<>();
    if (raw == null || !(section.node("headers") instanceof MapNode map)) {
      return headers;
    }
    Set<String> seen = new HashSet<>();
    Section lines = section.child("headers");
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
      } else if (value != null && !TextForm.FIELD_VALUE.fits(value)) {
        lines.wrong(name, TextForm.FIELD_VALUE.expected());
      } else if (value != null) {
        headers.add(new Header(name, value));
      }
    }
    return headers;
  }

  private static Expectation expectation(RawHealth.@Nullable Expect raw, Section section) {
    Expectation defaults = Expectation.DEFAULT;
    if (raw == null) {
      return defaults;
    }
    RawHealth.ExpectHeader header = raw.header();
    return new Expectation(
        raw.status() == null ? defaults.status() : status(raw.status(), section),
        raw.body(),
        raw.bodyRegex() == null ? null : regex(raw.bodyRegex(), section),
        header == null || header.name() == null
            ? null
            : new ExpectedHeader(header.name(), header.contains()));
  }

  private static StatusSet status(String text, Section section) {
    try {
      return StatusSet.parse(text);
    } catch (IllegalArgumentException e) {
      section.wrong("status", "status codes from 100 to 599, such as 200-399 or 200,204");
      return Expectation.DEFAULT.status();
    }
  }

  private static @Nullable Regex regex(String text, Section section) {
    try {
      return Regex.of(text);
    } catch (PatternSyntaxException e) {
      section.wrong("body-regex", "a regular expression (" + e.getDescription() + ")");
      return null;
    }
  }
}
