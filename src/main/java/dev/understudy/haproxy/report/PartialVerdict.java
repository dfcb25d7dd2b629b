package dev.understudy.haproxy.report;

import dev.understudy.haproxy.report.DirectiveTable.Directive;

/**
 * A verdict on a line, or on a part of it.
 *
 * @param guard whether the line denies, limits or authenticates, and differs or is left out
 * @param problem whether HAProxy refuses the line, too
 * @param text how it is translated, or why not, and what to do instead
 */
public record PartialVerdict(Verdict verdict, boolean guard, boolean problem, String text) {
  /**
   * The verdict of the table's row for a keyword.
   *
   * @param detail comes after the row's words; empty: nothing
   */
  public static PartialVerdict row(String place, String keyword, String detail) {
    Directive row = DirectiveTable.find(place, keyword);
    if (row == null) {
      return unsupported("'" + keyword + "' is no keyword that this import knows in " + place);
    }
    String text = detail.isEmpty() ? row.text() : row.text() + " (" + detail + ")";
    return new PartialVerdict(row.verdict(), row.guard(), false, text);
  }

  /** Translated exactly. */
  public static PartialVerdict exact(String how) {
    return new PartialVerdict(Verdict.EXACT, false, false, how);
  }

  /** Translated with a difference. */
  public static PartialVerdict approximated(String how) {
    return new PartialVerdict(Verdict.APPROXIMATED, false, false, how);
  }

  /** A guard that is translated with a difference. */
  public static PartialVerdict guardApproximated(String how) {
    return new PartialVerdict(Verdict.APPROXIMATED, true, false, how);
  }

  /** Needs no translation. */
  public static PartialVerdict notNeeded(String why) {
    return new PartialVerdict(Verdict.NOT_NEEDED, false, false, why);
  }

  /** Left out. */
  public static PartialVerdict unsupported(String why) {
    return new PartialVerdict(Verdict.UNSUPPORTED, false, false, why);
  }

  /** A guard that is left out. */
  public static PartialVerdict guardUnsupported(String why) {
    return new PartialVerdict(Verdict.UNSUPPORTED, true, false, why);
  }

  /** Refused by HAProxy, too. */
  public static PartialVerdict problem(String expected) {
    return new PartialVerdict(Verdict.UNSUPPORTED, false, true, expected);
  }
}
