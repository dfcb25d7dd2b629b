package dev.understudy.condition;

import java.util.List;
import java.util.function.Predicate;

/**
 * The values of cookies in {@code Cookie} fields (RFC 6265 §4.2.1). Commas are tried as separators
 * too, since old servers take them as such (RFC 2965 §3.3.4), and HAProxy does.
 */
final class Cookies {
  private Cookies() {}

  /** Whether a cookie of that name has a value that passes the test; an empty one is none. */
  static boolean any(List<String> lines, String name, Predicate<String> match) {
    for (int i = 0; i < lines.size(); i++) {
      if (any(lines.get(i), name, match)) {
        return true;
      }
    }
    return false;
  }

  private static boolean any(String line, String name, Predicate<String> match) {
    for (int start = 0; start < line.length(); ) {
      int end = end(line, ';', start, line.length());
      if (isPair(line, start, end, name, match)
          || (line.indexOf(',', start, end) >= 0 && anyOfList(line, start, end, name, match))) {
        return true;
      }
      start = end + 1;
    }
    return false;
  }

  private static boolean anyOfList(
      String line, int from, int to, String name, Predicate<String> match) {
    for (int start = from; start < to; ) {
      int end = end(line, ',', start, to);
      if (isPair(line, start, end, name, match)) {
        return true;
      }
      start = end + 1;
    }
    return false;
  }

  private static int end(String line, char separator, int from, int to) {
    int at = line.indexOf(separator, from, to);
    return at < 0 ? to : at;
  }

  private static boolean isPair(
      String line, int start, int end, String name, Predicate<String> match) {
    int equals = line.indexOf('=', start, end);
    return equals >= 0
        && line.substring(start, equals).strip().equals(name)
        && isValue(line.substring(equals + 1, end).strip(), match);
  }

  private static boolean isValue(String value, Predicate<String> match) {
    return !value.isEmpty() && match.test(value);
  }
}
