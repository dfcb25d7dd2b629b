package dev.understudy.pages;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Rows of a page's tables, whose cells hold no pipes. */
public final class MarkdownTable {
  private static final Pattern CODE = Pattern.compile("`([^`]*)`");

  private MarkdownTable() {}

  /**
   * The cells of each row of the one table with that header.
   *
   * @param header its line, as it stands in the page
   */
  public static List<List<String>> rows(Path page, String header) {
    List<String> lines = lines(page);
    if (lines.stream().filter(header::equals).count() != 1) {
      throw new AssertionError(page + ": expected one table " + header);
    }
    return rows(lines.subList(lines.indexOf(header), lines.size()));
  }

  /**
   * The cells of each row of a table.
   *
   * @param lines from its header on
   */
  static List<List<String>> rows(List<String> lines) {
    int columns = columns(lines.getFirst()).size();
    return lines.stream()
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .map(MarkdownTable::columns)
        .peek(
            row -> {
              if (row.size() != columns) {
                throw new AssertionError("expected " + columns + " cells: " + row);
              }
            })
        .toList();
  }

  private static List<String> columns(String line) {
    String[] parts = line.split("\\|", -1);
    return Stream.of(parts).skip(1).limit(parts.length - 2L).map(String::strip).toList();
  }

  /** The texts between backticks. */
  public static List<String> code(String cell) {
    return CODE.matcher(cell).results().map(code -> code.group(1)).toList();
  }

  static List<String> lines(Path page) {
    try {
      return Files.readAllLines(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
