package dev.understudy.pool;

import java.util.BitSet;

/** A set of HTTP status codes, written as {@code 200-399} or {@code 200,204,301-308}. */
public final class StatusSet {
  private static final int MIN = 100;
  private static final int MAX = 599;

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
    BitSet codes = new BitSet(MAX + 1);
    for (String part : text.split(",", -1)) {
      String[] ends = part.trim().split("-", -1);
      if (ends.length > 2) {
        throw malformed(text);
      }
      int from = code(ends[0], text);
      int to = ends.length == 2 ? code(ends[1], text) : from;
      if (to < from) {
        throw malformed(text);
      }
      codes.set(from, to + 1);
    }
    return new StatusSet(text, codes);
  }

  private static int code(String text, String whole) {
    String trimmed = text.trim();
    if (trimmed.length() != 3 || !trimmed.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw malformed(whole);
    }
    int code = Integer.parseInt(trimmed);
    if (code < MIN || code > MAX) {
      throw malformed(whole);
    }
    return code;
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "expected status codes from 100 to 599, such as 200-399 or 200,204; found '" + text + "'");
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
