package dev.understudy.config;

import dev.understudy.pool.Disclosure;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Formats a value for a problem: short, on one line, with secrets masked. */
public final class ProblemValue {
  private static final int LONGEST = 60;

  private ProblemValue() {}

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
    String shown = ScalarDisclosure.shown(scalar.path(), scalar.text());
    if (shown.equals(Disclosure.MASK)) {
      return shown + invisible(scalar.text());
    }
    return scalar.isText() ? quote(shown) + invisible(scalar.text()) : cut(shown);
  }

  /** Quotes as {@link #quote} and appends the name of the first invisible character. */
  static String quoteAndName(String text) {
    return quote(text) + invisible(text);
  }

  /** The name of the first invisible character, in brackets; empty if there is none. */
  static String invisible(String text) {
    return text.codePoints()
        .filter(ProblemValue::isInvisible)
        .mapToObj(c -> " (has U+%04X %s)".formatted(c, name(c)))
        .findFirst()
        .orElse("");
  }

  private static String name(int c) {
    String name = Character.getName(c);
    return name == null ? "unassigned" : name.toLowerCase(Locale.ROOT);
  }

  /**
   * Whether a character is invisible: separators other than the space, format characters, control
   * characters other than tab and line break, and characters without a glyph.
   */
  private static boolean isInvisible(int c) {
    return switch (Character.getType(c)) {
      case Character.SPACE_SEPARATOR -> c != ' ';
      case Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.FORMAT,
          Character.UNASSIGNED,
          Character.PRIVATE_USE,
          Character.SURROGATE ->
          true;
      case Character.CONTROL -> c != '\n' && c != '\r' && c != '\t';
      default ->
          c == 0x034F
              || c == 0x115F
              || c == 0x1160
              || c == 0x2800
              || c == 0x3164
              || c == 0xFFA0
              || (c >= 0xFE00 && c <= 0xFE0F);
    };
  }

  /** Quotes text on one line, cut after 60 characters. */
  public static String quote(@Nullable String text) {
    StringBuilder out = new StringBuilder("\"");
    cut(String.valueOf(text)).codePoints().forEach(c -> append(out, c));
    return out.append('"').toString();
  }

  private static String cut(String text) {
    if (text.length() <= LONGEST) {
      return text;
    }
    boolean pair = Character.isHighSurrogate(text.charAt(LONGEST - 1));
    return text.substring(0, pair ? LONGEST - 1 : LONGEST) + "…";
  }

  private static void append(StringBuilder out, int c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (isInvisible(c)) {
          out.append(String.format("\\u%04x", c));
        } else {
          out.appendCodePoint(c);
        }
      }
    }
  }
}
