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
      String unknown = "'" + keyword + "' is not a keyword that this import knows in " + place;
      return new PartialVerdict(Verdict.UNSUPPORTED, false, false, unknown);
    }
    String text = detail.isEmpty() ? row.text() : row.text() + " (" + detail + ")";
    return new PartialVerdict(row.verdict(), row.guard(), false, text);
  }
}
