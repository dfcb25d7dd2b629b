package dev.understudy.command.client;

import dev.understudy.status.PoolCondition;

/** A line of a frame with its emphasis. */
record TopLine(String text, Style style) {
  /** Emphases with their ANSI sequences (ECMA-48 SGR). */
  enum Style {
    PLAIN(""),
    HEADING("\u001b[1m"),
    NOBODY("\u001b[1;31m"),
    DEGRADED("\u001b[33m"),
    STALE("\u001b[1;37;41m");

    private final String sequence;

    Style(String sequence) {
      this.sequence = sequence;
    }
  }

  private static final String REVERSE = "\u001b[7m";
  private static final String END = "\u001b[0m";

  static TopLine plain(String text) {
    return new TopLine(text, Style.PLAIN);
  }

  static Style style(PoolCondition condition) {
    return switch (condition) {
      case WELL -> Style.PLAIN;
      case MAINTENANCE, DEGRADED, UNKNOWN -> Style.DEGRADED;
      case NOBODY -> Style.NOBODY;
    };
  }

  /** Cuts the text to a width. */
  TopLine cut(int width) {
    return text.length() <= width ? this : new TopLine(text.substring(0, width), style);
  }

  /** The text with its ANSI sequences. */
  String painted(boolean selected) {
    String begin = style.sequence + (selected ? REVERSE : "");
    return begin.isEmpty() ? text : begin + text + END;
  }
}
