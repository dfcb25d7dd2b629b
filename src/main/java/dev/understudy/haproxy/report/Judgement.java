package dev.understudy.haproxy.report;

import dev.understudy.haproxy.report.Directives.Directive;

/**
 * A verdict on a line, or on a part of it.
 *
 * @param guard whether the line denies, limits or authenticates, and differs or is left out
 * @param problem whether HAProxy refuses the line, too
 * @param text how it is translated, or why not, and what to do instead
 */
public record Judgement(Verdict verdict, boolean guard, boolean problem, String text) {
  /**
   * The verdict of the table's row for a keyword.
   *
   * @param detail comes after the row's words; empty: nothing
   */
  public static Judgement row(String place, String keyword, String detail) {
    Directive row = Directives.find(place, keyword);
    if (row == null) {
      return unsupported("'" + keyword + "' is no keyword that this import knows in " + place);
    }
    String text = detail.isEmpty() ? row.text() : row.text() + " (" + detail + ")";
    return new Judgement(row.verdict(), row.guard(), false, text);
  }

  /** Translated exactly. */
  public static Judgement exact(String how) {
    return new Judgement(Verdict.EXACT, false, false, how);
  }

  /** Translated with a difference. */
  public static Judgement approximated(String how) {
    return new Judgement(Verdict.APPROXIMATED, false, false, how);
  }

  /** A guard that is translated with a difference. */
  public static Judgement guardApproximated(String how) {
    return new Judgement(Verdict.APPROXIMATED, true, false, how);
  }

  /** Needs no translation. */
  public static Judgement notNeeded(String why) {
    return new Judgement(Verdict.NOT_NEEDED, false, false, why);
  }

  /** Left out. */
  public static Judgement unsupported(String why) {
    return new Judgement(Verdict.UNSUPPORTED, false, false, why);
  }

  /** A guard that is left out. */
  public static Judgement guardUnsupported(String why) {
    return new Judgement(Verdict.UNSUPPORTED, true, false, why);
  }

  /** Refused by HAProxy, too. */
  public static Judgement problem(String expected) {
    return new Judgement(Verdict.UNSUPPORTED, false, true, expected);
  }
}
