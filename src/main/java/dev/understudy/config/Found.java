package dev.understudy.config;

import org.jspecify.annotations.Nullable;

/** How a problem shows what it found: short, on one line, and no secret. */
final class Found {
  private static final int LONGEST = 60;

  private Found() {}

  static String show(Node node) {
    return switch (node) {
      case MapNode map -> "a map";
      case ListNode list -> "a list";
      case ScalarNode scalar -> show(scalar);
    };
  }

  private static String show(ScalarNode scalar) {
    if (scalar.isNull()) {
      return "nothing";
    }
    if (Secrets.isSecret(scalar.path()) || Secrets.isSecret(scalar.text())) {
      return Secrets.MASK;
    }
    return scalar.isText() ? quote(scalar.text()) : cut(scalar.text());
  }

  /** In quotes, on one line, cut where it is long. */
  static String quote(@Nullable String text) {
    StringBuilder out = new StringBuilder("\"");
    cut(String.valueOf(text)).chars().forEach(c -> append(out, (char) c));
    return out.append('"').toString();
  }

  private static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }

  private static void append(StringBuilder out, char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (Character.isISOControl(c)) {
          out.append(String.format("\\u%04x", (int) c));
        } else {
          out.append(c);
        }
      }
    }
  }
}
