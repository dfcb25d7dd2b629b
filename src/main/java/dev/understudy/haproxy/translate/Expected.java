package dev.understudy.haproxy.translate;

import java.util.List;
import java.util.Set;

/**
 * What a check expects.
 *
 * @param kind such as {@code status} or {@code string}
 * @param name of a header field; empty if it is none
 * @param value to compare with
 */
record Expected(boolean not, String kind, Matched name, Matched value) {
  /** Options that a value follows. */
  private static final Set<String> VALUED =
      Set.of(
          "min-recv",
          "comment",
          "ok-status",
          "error-status",
          "tout-status",
          "on-success",
          "on-error",
          "status-code");

  private static final Matched NONE = new Matched("str", "");

  /** A text, and how it is compared: {@code str} for equal, or what {@code -m} says. */
  record Matched(String method, String text) {}

  /** The words after {@code expect}. */
  static Expected of(List<String> words) {
    boolean not = false;
    int i = 0;
    while (i < words.size() && (words.get(i).equals("!") || VALUED.contains(words.get(i)))) {
      if (words.get(i).equals("!")) {
        not = !not;
        i++;
      } else {
        i += 2;
      }
    }
    String kind = i < words.size() ? words.get(i) : "";
    if (kind.startsWith("!")) {
      not = true;
      kind = kind.substring(1);
    }
    List<String> rest = i + 1 < words.size() ? words.subList(i + 1, words.size()) : List.of();
    return kind.equals("hdr") || kind.equals("fhdr")
        ? new Expected(not, kind, after(rest, "name"), after(rest, "value"))
        : new Expected(not, kind, NONE, new Matched("str", rest.isEmpty() ? "" : rest.getFirst()));
  }

  private static Matched after(List<String> words, String keyword) {
    int at = words.indexOf(keyword) + 1;
    if (at == 0 || at >= words.size()) {
      return NONE;
    }
    return words.get(at).equals("-m") && at + 2 < words.size()
        ? new Matched(words.get(at + 1), words.get(at + 2))
        : new Matched("str", words.get(at));
  }
}
