package dev.understudy.condition;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The size of a regular expression once its counted repetitions are written out, as RE2 compiles
 * it: {@code (a{10}){10}} has 100 parts. An estimate from above that needs no compiler, as that
 * would need the memory.
 */
final class ExpandedSize {
  /** More than any limit; sums and products stay below the range of {@code long}. */
  private static final long HUGE = 1L << 30;

  private final String text;
  private final Deque<Long> groups = new ArrayDeque<>();
  private int at;

  /** Of the group so far, without its last part, which a repetition may still multiply. */
  private long before;

  private long last;

  private ExpandedSize(String text) {
    this.text = text;
  }

  static long of(String text) {
    return new ExpandedSize(text).read();
  }

  private long read() {
    while (at < text.length()) {
      switch (text.charAt(at)) {
        case '\\' -> escape();
        case '[' -> characters();
        case '(' -> {
          groups.push(sum(before, last));
          before = 0;
          last = 1;
          at++;
        }
        case ')' -> {
          long group = sum(before, last);
          before = groups.isEmpty() ? 0 : groups.pop();
          last = group;
          at++;
        }
        case '{' -> repetition();
        default -> part(1);
      }
    }
    long all = sum(before, last);
    for (long group : groups) {
      all = sum(all, group);
    }
    return all;
  }

  private void part(int length) {
    before = sum(before, last);
    last = 1;
    at += length;
  }

  /** {@code \Q} begins literal text, which {@code \E} ends. */
  private void escape() {
    if (!text.startsWith("\\Q", at)) {
      part(2);
      return;
    }
    int end = text.indexOf("\\E", at);
    int next = end < 0 ? text.length() : end;
    before = sum(sum(before, last), next - at);
    last = 1;
    at = next + (end < 0 ? 0 : 2);
  }

  /** A class of characters, in which braces and parentheses mean themselves. */
  private void characters() {
    int end = at + 1;
    if (text.startsWith("^", end)) {
      end++;
    }
    if (text.startsWith("]", end)) {
      end++;
    }
    while (end < text.length() && text.charAt(end) != ']') {
      end += text.charAt(end) == '\\' ? 2 : text.startsWith("[:", end) ? classEnd(end) - end : 1;
    }
    part(Math.min(end + 1, text.length()) - at);
  }

  private int classEnd(int from) {
    int end = text.indexOf(":]", from);
    return end < 0 ? from + 1 : end + 2;
  }

  private void repetition() {
    int end = text.indexOf('}', at);
    String[] bounds = end < 0 ? new String[0] : text.substring(at + 1, end).split(",", -1);
    long most = 0;
    for (String each : bounds) {
      most = Math.max(most, number(each));
    }
    if (most == 0) {
      part(1);
      return;
    }
    last = Math.min(HUGE, last * (most + 1));
    at = end + 1;
  }

  private static long number(String digits) {
    boolean number =
        !digits.isEmpty()
            && digits.length() <= 5
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return number ? Long.parseLong(digits) : 0;
  }

  private static long sum(long a, long b) {
    return Math.min(HUGE, a + b);
  }
}
