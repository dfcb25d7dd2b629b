package dev.understudy.bench.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A Markdown table that is readable as plain text: the first column to the left, others right. */
public final class Table {
  private final List<List<String>> rows = new ArrayList<>();
  private final int columns;

  /** Starts the table with its head line. */
  public Table(String... head) {
    columns = head.length;
    add(head);
  }

  public void add(String... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException(columns + " cells, not " + Arrays.toString(cells));
    }
    rows.add(List.of(cells));
  }

  @Override
  public String toString() {
    int[] widths =
        IntStream.range(0, columns)
            .map(column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toArray();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      line(text, rows.get(i), widths);
      if (i == 0) {
        rule(text, widths);
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, List<String> row, int[] widths) {
    for (int column = 0; column < widths.length; column++) {
      String cell = row.get(column);
      String space = " ".repeat(widths[column] - cell.length());
      text.append("| ").append(column == 0 ? cell + space : space + cell).append(' ');
    }
    text.append("|\n");
  }

  private static void rule(StringBuilder text, int[] widths) {
    for (int column = 0; column < widths.length; column++) {
      String dashes = "-".repeat(widths[column]);
      text.append('|').append(column == 0 ? "-" + dashes + "-" : "-" + dashes + ":");
    }
    text.append("|\n");
  }
}
