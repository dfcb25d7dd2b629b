package dev.understudy.haproxy.report;

import dev.understudy.haproxy.syntax.ResourceRows;
import java.util.ArrayList;
import java.util.HashMap;
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
public final class Directives {
  private static final Directives ALL = read();

  private final List<Directive> rows = new ArrayList<>();
  private final Map<String, Directive> byKey = new HashMap<>();
  private final List<Directive> prefixes = new ArrayList<>();

  private Directives() {}

  /** The table. */
  public static Directives all() {
    return ALL;
  }

  /** Every row, in the order of the table. */
  public List<Directive> rows() {
    return List.copyOf(rows);
  }

  /** The row of a directive; null if the table has none. */
  public @Nullable Directive find(String place, String keyword) {
    Directive exact = byKey.get(place + ' ' + keyword);
    if (exact != null) {
      return exact;
    }
    for (Directive prefix : prefixes) {
      String begin = prefix.keyword().substring(0, prefix.keyword().length() - 1);
      if (prefix.place().equals(place) && keyword.startsWith(begin)) {
        return prefix;
      }
    }
    return null;
  }

  /** Whether a place has rows. */
  public boolean hasPlace(String place) {
    return rows.stream().anyMatch(row -> row.place().equals(place));
  }

  private static Directives read() {
    Directives table = new Directives();
    ResourceRows.of(Directives.class, "directives.txt", 4).forEach(table::add);
    return table;
  }

  private void add(List<String> cells) {
    String verdict = cells.get(2);
    for (String keyword : List.of(cells.get(1).split(",", -1))) {
      add(
          new Directive(
              cells.get(0),
              keyword.strip(),
              verdict(verdict),
              verdict.endsWith("!"),
              cells.get(3)));
    }
  }

  private void add(Directive row) {
    rows.add(row);
    if (row.keyword().endsWith("*")) {
      prefixes.add(row);
    } else if (byKey.put(row.place() + ' ' + row.keyword(), row) != null) {
      throw new IllegalStateException("a second row for " + row.place() + ' ' + row.keyword());
    }
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
