package dev.understudy.condition;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a value of the request is written into a text, so that no client can end a header field, a
 * path or an element with it.
 */
public enum Escape {
  /** For header fields and locations: all but visible ASCII and the blank is percent-encoded. */
  HEADER(""),
  /** For a path: also blanks, {@code ?} and {@code #}. */
  PATH(" ?#\"<>\\^`{|}"),
  /** For a query: also blanks and {@code #}. */
  QUERY(" #\"<>"),
  /** For one segment of a path: also what would begin another, or lead out of it. */
  SEGMENT(" ?#\"<>\\^`{|}/;"),
  /** For one value of a query: also what would begin another. */
  PARAMETER(" #\"<>&=+;"),
  /** For plain text. */
  TEXT(null),
  /** For HTML and XML: markup becomes references. */
  MARKUP(null),
  /** For strings within JSON (RFC 8259 §7). */
  JSON(null);

  /** Visible characters that are percent-encoded too; null if nothing is. */
  private final @Nullable String encoded;

  Escape(@Nullable String encoded) {
    this.encoded = encoded;
  }

  private static final String HEX = "0123456789ABCDEF";

  /** Appends a value. */
  void append(String value, StringBuilder to) {
    if (this == SEGMENT && (value.equals(".") || value.equals(".."))) {
      to.append(value.replace(".", "%2E"));
    } else if (encoded != null) {
      percent(value, encoded, to);
    } else {
      switch (this) {
        case MARKUP -> markup(value, to);
        case JSON -> json(value, to);
        default -> to.append(value);
      }
    }
  }

  /** The escape for what a client calls by a name: a header field, a cookie or a parameter. */
  Escape ofNamed() {
    return switch (this) {
      case PATH -> SEGMENT;
      case QUERY -> PARAMETER;
      case Escape other -> other;
    };
  }

  /** The escape for the values in a body of that type. */
  public static Escape forType(String contentType) {
    String type = contentType.toLowerCase(Locale.ROOT);
    return type.contains("json")
        ? JSON
        : type.contains("html") || type.contains("xml") ? MARKUP : TEXT;
  }

  private static void markup(String value, StringBuilder to) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ("<>&\"'".indexOf(c) >= 0) {
        to.append("&#").append((int) c).append(';');
      } else {
        to.append(c);
      }
    }
  }

  private static void json(String value, StringBuilder to) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c == '"' || c == '\\' || c == '<') {
        to.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
      } else {
        to.append(c);
      }
    }
  }

  private static void percent(String value, String more, StringBuilder to) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c >= ' ' && c <= '~' && more.indexOf(c) < 0) {
        to.append(c);
        continue;
      }
      boolean pair = Character.isHighSurrogate(c) && i + 1 < value.length();
      String one = value.substring(i, pair ? i + 2 : i + 1);
      i += pair ? 1 : 0;
      for (byte each : one.getBytes(StandardCharsets.UTF_8)) {
        to.append('%').append(HEX.charAt((each >> 4) & 0xf)).append(HEX.charAt(each & 0xf));
      }
    }
  }
}
