package dev.understudy.config;

import org.yaml.snakeyaml.error.Mark;

/** A text in which parts are overwritten with blanks, so that every line stays where it is. */
final class Blanks {
  private final String original;
  private final StringBuilder text;

  Blanks(String original) {
    this.original = original;
    this.text = new StringBuilder(original);
  }

  /** Marks count code points. */
  void blank(Mark from, Mark to) {
    int end = original.offsetByCodePoints(0, Math.min(to.getIndex(), codePoints()));
    for (int i = original.offsetByCodePoints(0, from.getIndex()); i < end; i++) {
      if (text.charAt(i) != '\n' && text.charAt(i) != '\r') {
        text.setCharAt(i, ' ');
      }
    }
  }

  private int codePoints() {
    return original.codePointCount(0, original.length());
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
