package dev.understudy.condition;

import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/**
 * The parameters of a target's query, as {@code name=value} pairs between ampersands, as nearly all
 * servers have them, and between ampersands or semicolons, as HAProxy's {@code url_param} has them;
 * a name alone is none.
 */
final class QueryParameters {
  private QueryParameters() {}

  /**
   * Whether a parameter of that name has a value that passes the test, as it came or decoded: an
   * encoded character must not lead around a rule.
   */
  static boolean any(String target, String name, Predicate<String> match) {
    String query = TermSubject.queryString(target);
    return anyBetween('&', query, name, match)
        || (query.indexOf(';') >= 0 && anyShort(target, name, match));
  }

  /** The same of values that end at a semicolon. */
  static boolean anyShort(String target, String name, Predicate<String> match) {
    return anyBetween(';', TermSubject.queryString(target).replace('&', ';'), name, match);
  }

  private static boolean anyBetween(
      char separator, String query, String name, Predicate<String> match) {
    for (int start = 0; start <= query.length(); ) {
      int next = query.indexOf(separator, start);
      int end = next < 0 ? query.length() : next;
      if (end > start && matches(query.substring(start, end), name, match)) {
        return true;
      }
      start = end + 1;
    }
    return false;
  }

  private static boolean matches(String pair, String name, Predicate<String> match) {
    int equals = pair.indexOf('=');
    if (equals < 0) {
      return false;
    }
    String key = pair.substring(0, equals);
    String value = pair.substring(equals + 1);
    if (!key.equals(name) && !decoded(key).equals(name)) {
      return false;
    }
    if (match.test(value)) {
      return true;
    }
    String decoded = decoded(value);
    return !decoded.equals(value) && match.test(decoded);
  }

  /** Decodes {@code +} and percent-encoded UTF-8; what is no escape stays. */
  static String decoded(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
      return text;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = 0;
    for (int i = 0; i < bytes.length; i++) {
      int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
      if (bytes[i] == '%' && high >= 0 && low >= 0) {
        bytes[length++] = (byte) (16 * high + low);
        i += 2;
      } else {
        bytes[length++] = bytes[i] == '+' ? (byte) ' ' : bytes[i];
      }
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
