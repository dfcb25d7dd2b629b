package dev.understudy.config;

import java.util.regex.Pattern;

/** Property paths as shown to people: {@code pools.sense.servers.sen2}, {@code routes[3].id}. */
final class PropertyPaths {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-]+");

  private PropertyPaths() {}

  /**
   * The path of a key, which is quoted if it has other characters than letters, digits, {@code _}
   * and {@code -}, so that its dots do not separate.
   */
  static String child(String parent, String key) {
    String name = PLAIN.matcher(key).matches() ? key : ProblemValue.quote(key);
    return parent.isEmpty() ? name : parent + "." + name;
  }

  static String item(String parent, int index) {
    return parent + "[" + index + "]";
  }

  /** Whether {@code path} is below {@code holder}, at any depth. */
  static boolean isIn(String path, String holder) {
    return path.length() > holder.length()
        && path.startsWith(holder)
        && (path.charAt(holder.length()) == '.' || path.charAt(holder.length()) == '[');
  }

  /** The path of the enclosing property; empty at the top. */
  static String parent(String path) {
    int end = path.length() - 1;
    if (path.endsWith("\"")) {
      end = openingQuote(path);
      return end <= 0 ? "" : path.substring(0, end - 1);
    }
    while (end > 0 && path.charAt(end) != '.' && path.charAt(end) != '[') {
      end--;
    }
    return path.substring(0, Math.max(end, 0));
  }

  private static int openingQuote(String path) {
    int at = path.length() - 2;
    while (at > 0 && !(path.charAt(at) == '"' && (at == 0 || path.charAt(at - 1) == '.'))) {
      at--;
    }
    return at;
  }
}
