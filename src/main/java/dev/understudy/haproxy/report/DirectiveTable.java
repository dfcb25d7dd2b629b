package dev.understudy.haproxy.report;

import dev.understudy.haproxy.syntax.ResourceRows;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The table of HAProxy's directives: the texts of reports and of the page {@code
 * config/from-haproxy.md}.
 *
 * <p>The resource {@code directives.txt} has a row on each line: place, keyword, verdict and text,
 * parted by {@code |}. Verdicts are {@code =} (exact), {@code ~} (approximated), {@code -} (not
 * needed) and {@code x} (unsupported); a second character {@code !} marks a guard. A row may be for
 * several keywords, parted by commas; a keyword may end with {@code *}: all that begin so.
 */
public final class DirectiveTable {
  /**
   * A row of the table of directives.
   *
   * @param place where it stands, such as {@code global}, {@code bind} or {@code http-request}
   * @param keyword the directive, without arguments
   * @param guard whether it denies, limits or authenticates
   * @param text what it becomes, or why it becomes nothing and what to do instead; Markdown
   */
  public record Directive(
      String place, String keyword, Verdict verdict, boolean guard, String text) {}

  private static final Map<String, Directive> ROWS =
      ResourceRows.byKeyword(DirectiveTable.class, "directives.txt", 4, DirectiveTable::directive);

  private static final List<Directive> PREFIXES =
      ROWS.values().stream().filter(row -> row.keyword().endsWith("*")).toList();

  private DirectiveTable() {}

  /** Every row, in the order of the table. */
  public static List<Directive> rows() {
    return List.copyOf(ROWS.values());
  }

  /** The row of a directive; null if the table has none. */
  public static @Nullable Directive find(String place, String keyword) {
    Directive exact = ROWS.get(place + ' ' + keyword);
    if (exact != null) {
      return exact;
    }
    for (Directive prefix : PREFIXES) {
      String begin = prefix.keyword().substring(0, prefix.keyword().length() - 1);
      if (prefix.place().equals(place) && keyword.startsWith(begin)) {
        return prefix;
      }
    }
    return null;
  }

  /** Whether a place has rows. */
  public static boolean hasPlace(String place) {
    return ROWS.values().stream().anyMatch(row -> row.place().equals(place));
  }

  private static Directive directive(List<String> cells, String keyword) {
    String verdict = cells.get(2);
    return new Directive(
        cells.get(0), keyword, verdict(verdict), verdict.endsWith("!"), cells.get(3));
  }

  private static Verdict verdict(String text) {
    return switch (text.charAt(0)) {
      case '=' -> Verdict.EXACT;
      case '~' -> Verdict.APPROXIMATED;
      case '-' -> Verdict.NOT_NEEDED;
      case 'x' -> Verdict.UNSUPPORTED;
      default -> throw new IllegalStateException("expected =, ~, - or x, found " + text);
    };
  }
}
