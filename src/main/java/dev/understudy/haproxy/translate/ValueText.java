package dev.understudy.haproxy.translate;

import java.util.regex.Pattern;

/** A value as an argument of a term of our conditions. */
final class ValueText {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._~/*%@$+&=;!-]+");

  private ValueText() {}

  static String of(String text) {
    return PLAIN.matcher(text).matches()
        ? text
        : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
