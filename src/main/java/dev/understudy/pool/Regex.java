package dev.understudy.pool;

import java.util.regex.Pattern;

/** A regular expression that compares by its text, so that settings compare by value. */
public final class Regex {
  private final Pattern pattern;

  private Regex(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * Compiles it.
   *
   * @throws java.util.regex.PatternSyntaxException if it is none
   */
  public static Regex of(String text) {
    return new Regex(Pattern.compile(text));
  }

  /** Whether it is found anywhere in {@code text}. */
  public boolean find(CharSequence text) {
    return pattern.matcher(text).find();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Regex that && that.toString().equals(toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  @Override
  public String toString() {
    return pattern.pattern();
  }
}
