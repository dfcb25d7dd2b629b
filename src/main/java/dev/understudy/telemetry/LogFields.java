package dev.understudy.telemetry;

import dev.understudy.text.Words;
import dev.understudy.traffic.ClientSide;
import dev.understudy.traffic.RequestOutcome;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Further fields of the access log, as in {@code understudy.access-log-fields}: header fields and
 * cookies of the request, header fields of the response (HAProxy {@code capture}), and facts of the
 * client's connection (HAProxy {@code log-format}).
 */
public final class LogFields {
  /** No further fields. */
  public static final LogFields NONE = new LogFields(List.of());

  private static final int MOST = 20;

  /** In characters; a longer value ends in three dots. */
  private static final int LONGEST = 256;

  private static final Pattern FORM =
      Pattern.compile(
          "\\{(?<key>(?<kind>header|cookie|response\\.header)"
              + "\\.(?<name>[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}))\\}");

  /** Fields of the client's connection. */
  private static final List<String> OF_CONNECTION =
      List.of(
          "client.port",
          "listener",
          "listener.port",
          "tls.version",
          "tls.cipher",
          "tls.server-name",
          "tls.subject");

  private static final @Nullable String[] EMPTY = new String[0];

  private record Field(String key, String kind, String name) {}

  private final List<Field> fields;

  private LogFields(List<Field> fields) {
    this.fields = fields;
  }

  /**
   * Reads the setting.
   *
   * @throws IllegalArgumentException if a text is no field; the message says what was expected
   */
  public static LogFields of(List<String> texts) {
    if (texts.size() > MOST) {
      throw new IllegalArgumentException(
          "expected at most " + MOST + " fields, found " + texts.size());
    }
    return texts.isEmpty() ? NONE : new LogFields(texts.stream().map(LogFields::field).toList());
  }

  private static Field field(String text) {
    Matcher form = FORM.matcher(text.trim());
    for (String key : OF_CONNECTION) {
      if (text.trim().equals("{" + key + "}")) {
        return new Field(key, key, "");
      }
    }
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "expected {header.NAME}, {cookie.NAME}, {response.header.NAME}, {"
              + String.join("}, {", OF_CONNECTION)
              + "}, found '"
              + text
              + "'");
    }
    return new Field(form.group("key"), form.group("kind"), form.group("name"));
  }

  /** Whether a field is of that kind: {@code header}, {@code cookie}, {@code response.header}. */
  boolean isOf(int index, String kind) {
    return fields.get(index).kind().equals(kind);
  }

  /** The name of a field in the log, without braces. */
  String key(int index) {
    return fields.get(index).key();
  }

  /**
   * Reads the values, each null if it is absent; of several lines of a header the last one.
   *
   * @param response null if there was none
   */
  @Nullable String[] read(
      RequestOutcome outcome, HttpHeaders request, @Nullable HttpHeaders response) {
    if (fields.isEmpty()) {
      return EMPTY;
    }
    @Nullable String[] values = new String[fields.size()];
    for (int i = 0; i < values.length; i++) {
      String value = value(fields.get(i), outcome, request, response);
      values[i] = value == null ? null : Words.cut(value, LONGEST, "...");
    }
    return values;
  }

  private static @Nullable String value(
      Field field, RequestOutcome outcome, HttpHeaders request, @Nullable HttpHeaders response) {
    return switch (field.kind()) {
      case "header" -> last(request, field.name());
      case "cookie" -> cookie(request, field.name());
      case "response.header" -> response == null ? null : last(response, field.name());
      case "client.port" -> Integer.toString(outcome.client().getPort());
      default -> ofConnection(field.kind(), outcome.side());
    };
  }

  private static @Nullable String ofConnection(String kind, @Nullable ClientSide side) {
    if (side == null) {
      return null;
    }
    return switch (kind) {
      case "listener" -> side.listener();
      case "listener.port" -> Integer.toString(side.localPort());
      case "tls.version" -> side.tlsVersion();
      case "tls.cipher" -> side.tlsCipher();
      case "tls.server-name" -> side.tlsServerName();
      default -> side.tlsSubject();
    };
  }

  private static @Nullable String last(HttpHeaders headers, String name) {
    List<String> values = headers.getAll(name);
    return values.isEmpty() ? null : values.get(values.size() - 1);
  }

  private static @Nullable String cookie(HttpHeaders headers, String name) {
    for (String line : headers.getAll(HttpHeaderNames.COOKIE)) {
      for (Cookie cookie : ServerCookieDecoder.LAX.decodeAll(line)) {
        if (cookie.name().equals(name)) {
          return cookie.value();
        }
      }
    }
    return null;
  }
}
