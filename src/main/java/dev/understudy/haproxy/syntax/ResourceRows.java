package dev.understudy.haproxy.syntax;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Tables of the import, as resources: a row on each line, its cells parted by {@code |}. */
public final class ResourceRows {
  private ResourceRows() {}

  /**
   * Reads a table; empty lines and those that begin with {@code #} are no rows.
   *
   * @param beside the class in whose package it is
   * @param columns as many cells each row has, the last of them empty if they are not there
   */
  public static List<List<String>> of(Class<?> beside, String name, int columns) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> cells(line, columns))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a table whose rows begin with a place and with keywords, parted by commas; each keyword
   * of a place has one row.
   *
   * @param row makes the row of a keyword, which is its second argument, of the cells
   * @return by place and keyword with a blank between, in the table's order
   */
  public static <T> Map<String, T> byKeyword(
      Class<?> beside, String name, int columns, BiFunction<List<String>, String, T> row) {
    Map<String, T> rows = new LinkedHashMap<>();
    for (List<String> cells : of(beside, name, columns)) {
      for (String each : List.of(cells.get(1).split(",", -1))) {
        String keyword = each.strip();
        String key = cells.get(0) + ' ' + keyword;
        if (rows.put(key, row.apply(cells, keyword)) != null) {
          throw new IllegalStateException("a second row for " + key);
        }
      }
    }
    return Collections.unmodifiableMap(rows);
  }

  private static List<String> cells(String line, int columns) {
    List<String> cells = new ArrayList<>();
    for (String cell : line.split("\\|", columns)) {
      cells.add(cell.strip());
    }
    while (cells.size() < columns) {
      cells.add("");
    }
    return cells;
  }
}
