package dev.understudy.haproxy.translate;

import java.util.BitSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The statuses that a check expects, as the set that {@code health.expect} has. */
final class ExpectedStatuses {
  private ExpectedStatuses() {}

  /** Codes and ranges that are expected; empty if there are none. */
  static String of(Expected expected) {
    BitSet set = new BitSet(600);
    if (expected.kind().equals("status")) {
      listed(expected.value().text(), set);
    } else {
      matching(expected.value().text(), set);
    }
    if (expected.not()) {
      set.flip(100, 600);
    }
    return text(set);
  }

  private static void listed(String text, BitSet set) {
    for (String part : List.of(text.split(",", -1))) {
      if (part.matches("[1-5][0-9]{2}(-[1-5][0-9]{2})?")) {
        int first = Integer.parseInt(part.substring(0, 3));
        int last = Integer.parseInt(part.substring(part.length() - 3));
        set.set(first, Math.max(first, last) + 1);
      }
    }
  }

  private static void matching(String regex, BitSet set) {
    if (regex.length() > 200) {
      return;
    }
    try {
      Pattern pattern = Pattern.compile(regex);
      for (int status = 100; status < 600; status++) {
        set.set(status, pattern.matcher(Integer.toString(status)).find());
      }
    } catch (PatternSyntaxException e) {
      set.clear();
    }
  }

  private static String text(BitSet set) {
    StringBuilder out = new StringBuilder();
    for (int from = set.nextSetBit(0); from >= 0; ) {
      int to = set.nextClearBit(from) - 1;
      out.append(out.isEmpty() ? "" : ",").append(from);
      if (to > from) {
        out.append('-').append(to);
      }
      from = set.nextSetBit(to + 1);
    }
    return out.toString();
  }
}
