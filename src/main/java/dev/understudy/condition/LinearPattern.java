package dev.understudy.condition;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression in RE2's syntax, which needs time in proportion to the text: no client can
 * make it slow. Without look-around and back-references. Equal by its text.
 */
public final class LinearPattern {
  /** In characters. */
  public static final int LONGEST = 1024;

  /** Of what is left once all counted repetitions are written out; RE2 writes them out. */
  static final int MOST_PARTS = 10_000;

  private final Pattern pattern;

  private LinearPattern(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * Compiles an expression.
   *
   * @throws ExpressionException if it is too long, repeats too much, is malformed, or uses what RE2
   *     lacks
   */
  public static LinearPattern of(String text, boolean ignoreCase) throws ExpressionException {
    if (text.length() > LONGEST) {
      throw new ExpressionException(
          "expected a regular expression of at most " + LONGEST + " characters");
    }
    if (ExpandedSize.of(text) > MOST_PARTS) {
      throw new ExpressionException(
          "expected a regular expression of at most "
              + MOST_PARTS
              + " parts once its repetitions, such as {100}, are written out");
    }
    try {
      return new LinearPattern(Pattern.compile(text, ignoreCase ? Pattern.CASE_INSENSITIVE : 0));
    } catch (PatternSyntaxException e) {
      throw new ExpressionException(
          "expected a regular expression of RE2, without look-around and back-references: "
              + e.getDescription()
              + " in '"
              + text
              + "'");
    }
  }

  /** Whether the expression is found anywhere in the text. */
  public boolean find(String text) {
    return pattern.matcher(text).find();
  }

  /**
   * Requires a replacement to name groups of this expression only.
   *
   * @return the replacement
   */
  public String require(String replacement) throws ExpressionException {
    for (int i = 0; i + 1 < replacement.length(); i++) {
      char next = replacement.charAt(i + 1);
      if (replacement.charAt(i) == '\\') {
        i++;
      } else if (replacement.charAt(i) == '$' && next >= '0' && next <= '9') {
        if (next - '0' > pattern.groupCount()) {
          throw new ExpressionException(
              "expected a replacement with groups up to "
                  + pattern.groupCount()
                  + ", found $"
                  + next);
        }
      } else if (replacement.charAt(i) == '$' && next == '{') {
        int end = replacement.indexOf('}', i);
        String name = end < 0 ? "" : replacement.substring(i + 2, end);
        if (!pattern.namedGroups().containsKey(name)) {
          throw new ExpressionException(
              "expected a replacement with groups "
                  + pattern.namedGroups().keySet()
                  + ", found ${"
                  + name);
        }
      }
    }
    return replacement;
  }

  /** Replaces each occurrence; {@code $1} and <code>${name}</code> stand for groups. */
  public String replaceAll(String text, String replacement) {
    return pattern.matcher(text).replaceAll(replacement);
  }

  /**
   * The replacement with the groups of the first occurrence; null if there is none.
   *
   * @param replacement {@code $1} and <code>${name}</code> stand for groups
   */
  public @Nullable String expand(String text, String replacement) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      return null;
    }
    StringBuilder result = new StringBuilder();
    matcher.appendReplacement(result, replacement);
    return result.substring(matcher.start());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LinearPattern that
        && that.pattern.pattern().equals(pattern.pattern())
        && that.pattern.flags() == pattern.flags();
  }

  @Override
  public int hashCode() {
    return pattern.pattern().hashCode();
  }

  @Override
  public String toString() {
    return pattern.pattern();
  }
}
