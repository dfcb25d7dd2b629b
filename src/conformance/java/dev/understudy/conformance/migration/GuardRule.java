package dev.understudy.conformance.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A rule of a {@link GuardSite}.
 *
 * @param number within the site
 * @param section empty: the frontend; else the last part of a backend's name
 * @param action with its keyword, as {@code http-request deny}; {@code #} stands for the number,
 *     {@code @} for the beginning of backends' names
 * @param refuses whether a request that it applies to reaches no server
 * @param unless whether the condition is negated as a whole
 * @param when alternatives of terms that must all hold; empty: always
 * @param or between alternatives
 */
record GuardRule(
    int number,
    String section,
    String action,
    boolean refuses,
    boolean unless,
    List<List<GuardTerm>> when,
    String or) {
  /** The header field of a response by which HAProxy tells the rule that it comes from. */
  static final String MARK = "X-Rule";

  /** As HAProxy gets it: responses of its own have the mark. */
  String marked() {
    boolean takesField =
        action.startsWith("http-request deny")
            || action.startsWith("http-request tarpit")
            || action.startsWith("http-request return");
    return action + (takesField ? " hdr " + MARK + " #" : "") + condition();
  }

  /** As the import gets it. */
  String text() {
    return action + condition();
  }

  private String condition() {
    if (when.isEmpty()) {
      return "";
    }
    return (unless ? " unless " : " if ")
        + when.stream()
            .map(all -> all.stream().map(GuardTerm::text).collect(Collectors.joining(" ")))
            .collect(Collectors.joining(" " + or + " "));
  }

  boolean reads(String acl) {
    return when.stream().flatMap(List::stream).anyMatch(term -> term.acl().equals(acl));
  }

  /** The rule without an alternative or a term, or with a plainer one. */
  List<GuardRule> simpler() {
    List<GuardRule> all = new ArrayList<>();
    if (when.size() == 1 && when.getFirst().size() == 1) {
      all.add(with(List.of()));
      GuardTerm only = when.getFirst().getFirst();
      if (unless) {
        GuardTerm turned = new GuardTerm(!only.negated(), only.acl(), only.test());
        all.add(
            new GuardRule(number, section, action, refuses, false, List.of(List.of(turned)), or));
      }
    }
    for (int i = 0; i < when.size(); i++) {
      if (when.size() > 1) {
        all.add(with(without(when, i)));
      }
      for (int j = 0; when.get(i).size() > 1 && j < when.get(i).size(); j++) {
        List<List<GuardTerm>> fewer = new ArrayList<>(when);
        fewer.set(i, without(when.get(i), j));
        all.add(with(fewer));
      }
    }
    return all;
  }

  GuardRule with(List<List<GuardTerm>> next) {
    return new GuardRule(number, section, action, refuses, unless, next, or);
  }

  static <T> List<T> without(List<T> list, int index) {
    List<T> fewer = new ArrayList<>(list);
    fewer.remove(index);
    return fewer;
  }
}
