package dev.understudy.pool;

import java.util.regex.Pattern;

/** A regular expression with equality by its text, so that settings can be compared. */
public final class Regex {
  private final Pattern pattern;

  private Regex(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * Compiles an expression.
   *
   * @throws java.util.regex.PatternSyntaxException if it is malformed
   */
  public static Regex of(String text) {
    return new Regex(Pattern.compile(text));
  }

  /** Whether the expression is found anywhere in {@code text}. */
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
