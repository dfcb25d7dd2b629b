package dev.understudy.haproxy.acl;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A difference between HAProxy's term or value and Understudy's.
 *
 * @param setting the static setting that it asks for; empty: none
 */
public record TermDifference(Effect effect, String text, String setting) {
  /** The consequence of a difference, from the least. */
  public enum Effect {
    /** The term holds for a few more requests, which matters only where they pass a guard by it. */
    WIDER,
    /** The term holds for more requests. */
    DIFFERENT,
    /** The term may hold for fewer requests, or for more. */
    EITHER,
    /** A rule that denies may deny less than HAProxy's. */
    WEAKER
  }

  /** A difference that is named only where the term lets requests pass a guard. */
  public static TermDifference wider(String how) {
    return new TermDifference(Effect.WIDER, how, "");
  }

  /** A small difference, by which the term holds for more requests. */
  public static TermDifference differs(String how) {
    return new TermDifference(Effect.DIFFERENT, how, "");
  }

  /** A difference by which the term may hold for fewer requests, or for more. */
  public static TermDifference either(String how) {
    return new TermDifference(Effect.EITHER, how, "");
  }

  /** A difference by which a rule that denies may deny less than HAProxy's. */
  public static TermDifference weaker(String how) {
    return new TermDifference(Effect.WEAKER, how, "");
  }

  /** A header field is read that clients can only send through a trusted proxy. */
  public static TermDifference forwarded(String field) {
    String setting = "understudy.trusted-proxies";
    return new TermDifference(
        Effect.WEAKER,
        "'%s' is removed from all requests except those of %s: name the proxies in front there"
            .formatted(field, setting),
        setting);
  }

  /**
   * The same for a term of a guard, which is weaker if the term permits more or refuses less.
   *
   * @param permits whether requests pass where the term holds
   */
  TermDifference ofGuard(boolean permits) {
    return permits || effect == Effect.EITHER
        ? new TermDifference(Effect.WEAKER, text, setting)
        : this;
  }

  /** The same of a term that reads what a rule gives on a condition with this difference. */
  TermDifference ofGiven() {
    return effect == Effect.WEAKER ? this : new TermDifference(Effect.EITHER, text, setting);
  }

  /** Whether one of them makes a guard weaker. */
  public static boolean areWeaker(List<TermDifference> notes) {
    return notes.stream().anyMatch(each -> each.effect == Effect.WEAKER);
  }

  /** All that are named, in one text; empty: none. */
  public static String text(List<TermDifference> notes) {
    return notes.stream()
        .filter(each -> each.effect != Effect.WIDER)
        .map(TermDifference::text)
        .distinct()
        .collect(Collectors.joining("; "));
  }
}
