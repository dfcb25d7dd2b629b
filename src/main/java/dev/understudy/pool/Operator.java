package dev.understudy.pool;

import dev.understudy.text.Printable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The operator who caused a change, and the reason given for it.
 *
 * @param name the name of the token that the operator presented: 1 to 64 of {@code A-Z}, {@code
 *     a-z}, {@code 0-9}, {@code .}, {@code _}, {@code @} and {@code -}
 * @param reason the operator's own words, 1 to {@value #LONGEST_REASON} characters on one line;
 *     null if there are none
 */
public record Operator(String name, @Nullable String reason) {
  public static final int LONGEST_REASON = 200;

  /** The form of a name in words that follow "expected". */
  public static final String EXPECTED_NAME =
      "1 to 64 letters (A-Z, a-z), digits, '.', '_', '@' or '-'";

  /** The form of a reason in words that follow "expected". */
  public static final String EXPECTED_REASON =
      "1 to " + LONGEST_REASON + " characters without control characters";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@-]{1,64}");

  public Operator {
    if (!isName(name)) {
      throw new IllegalArgumentException("name: expected " + EXPECTED_NAME);
    }
    if (reason != null && !isReason(reason)) {
      throw new IllegalArgumentException("reason: expected " + EXPECTED_REASON);
    }
  }

  /**
   * Takes what a file or a register holds, which anybody may have edited: null if the name is not
   * valid; without a reason if that is not valid.
   */
  public static @Nullable Operator ofStored(@Nullable String name, @Nullable String reason) {
    return name == null || !isName(name)
        ? null
        : new Operator(name, reason == null || !isReason(reason) ? null : reason);
  }

  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  public static boolean isReason(String text) {
    return !text.isBlank()
        && text.length() <= 2 * LONGEST_REASON
        && text.codePointCount(0, text.length()) <= LONGEST_REASON
        && text.codePoints().noneMatch(Printable::isControl);
  }

  /** {@code ", by alice: disk swap"}, to end a sentence; empty if no operator is known. */
  public static String by(@Nullable Operator operator) {
    return operator == null ? "" : ", by " + operator;
  }

  /** {@code alice}, or {@code alice: disk swap}. */
  @Override
  public String toString() {
    return reason == null ? name : name + ": " + reason;
  }
}
