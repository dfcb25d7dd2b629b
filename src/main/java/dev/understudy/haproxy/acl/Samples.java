package dev.understudy.haproxy.acl;

import dev.understudy.haproxy.syntax.ResourceRows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The table of HAProxy's samples; the resource {@code samples.txt} says what its columns are. */
final class Samples {
  /**
   * A row.
   *
   * @param name today's, of several
   * @param how conditions say it; empty: a method of {@link Terms} does, if any
   * @param term of our language, or why there is none
   * @param value in braces; empty: none without arguments
   * @param isSingle whether it has one value at most, so that all comparisons mean the same
   */
  record Row(String name, String how, String term, String value, boolean isSingle) {}

  private static final Map<String, Row> ROWS = new HashMap<>();

  static {
    ResourceRows.of(Samples.class, "samples.txt", 4).forEach(Samples::add);
  }

  private Samples() {}

  /** Whether it is a row's name. */
  static boolean has(String name) {
    return ROWS.containsKey(name);
  }

  /** The row of a name; for an unknown one a row that says nothing. */
  static Row of(String name) {
    Row row = ROWS.get(name);
    return row == null ? new Row(name, "", "", "", false) : row;
  }

  private static void add(List<String> cells) {
    List<String> names = List.of(cells.get(0).split(", *", -1));
    String[] how = cells.get(1).split(" ", 2);
    Row row =
        new Row(
            names.getFirst(),
            how[0],
            how.length > 1 ? how[1] : "",
            cells.get(2),
            cells.get(3).equals("single"));
    for (String name : names) {
      if (ROWS.put(name, row) != null) {
        throw new IllegalStateException("a second row for " + name);
      }
    }
  }
}
