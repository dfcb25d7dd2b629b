package dev.understudy.condition;

import java.util.List;
import java.util.function.Predicate;

/** The values of cookies in {@code Cookie} fields (RFC 6265 §4.2.1). */
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
      int semicolon = line.indexOf(';', start);
      int end = semicolon < 0 ? line.length() : semicolon;
      int equals = line.indexOf('=', start, end);
      if (equals >= 0
          && line.substring(start, equals).strip().equals(name)
          && isValue(line.substring(equals + 1, end).strip(), match)) {
        return true;
      }
      start = end + 1;
    }
    return false;
  }

  private static boolean isValue(String value, Predicate<String> match) {
    return !value.isEmpty() && match.test(value);
  }
}
