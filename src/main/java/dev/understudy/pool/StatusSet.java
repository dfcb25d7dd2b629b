package dev.understudy.pool;

import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A set of HTTP status codes, written as {@code 200-399} or {@code 200,204,301-308}. */
public final class StatusSet {
  /** A code or a range of codes. */
  private static final Pattern PART =
      Pattern.compile("\\s*([1-5][0-9]{2})\\s*(?:-\\s*([1-5][0-9]{2})\\s*)?");

  private final String text;
  private final BitSet codes;

  private StatusSet(String text, BitSet codes) {
    this.text = text;
    this.codes = codes;
  }

  /**
   * Parses a comma-separated list of codes and ranges.
   *
   * @throws IllegalArgumentException if it is malformed, with the expected form
   */
  public static StatusSet parse(String text) {
    BitSet codes = new BitSet();
    for (String each : text.split(",", -1)) {
      Matcher part = PART.matcher(each);
      int from = part.matches() ? Integer.parseInt(part.group(1)) : 0;
      int to = from == 0 || part.group(2) == null ? from : Integer.parseInt(part.group(2));
      if (from == 0 || to < from) {
        throw new IllegalArgumentException(
            "expected status codes from 100 to 599, such as 200-399 or 200,204; found '"
                + text
                + "'");
      }
      codes.set(from, to + 1);
    }
    return new StatusSet(text, codes);
  }

  public boolean contains(int code) {
    return codes.get(code);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StatusSet that && that.codes.equals(codes);
  }

  @Override
  public int hashCode() {
    return codes.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
