package dev.understudy.pages;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The tables of settings in {@code config/reference.md}. A line before each table names the prefix
 * of its settings: {@code Below `pools.NAME.hold`:}.
 */
public final class SettingsPage {
  private static final Path FILE = Path.of("config/reference.md");
  private static final String HEADER = "| setting | type | range | default | meaning |";
  private static final String SPRING_HEADER = "| Spring Boot's setting | default | meaning |";
  private static final String TOP = "At the top of the file:";
  private static final Pattern BELOW = Pattern.compile("Below `([^`]+)`:");
  private static final Pattern CODE = Pattern.compile("`([^`]*)`");

  /**
   * One setting.
   *
   * @param name in full; {@code *} stands for a name that users choose, and for an index
   * @param preset the cell of its default
   */
  public record Row(String name, String type, String range, String preset, String meaning) {
    /** Whether it has no value by default, according to the page. */
    public boolean isUnset() {
      return preset.equals("unset") || preset.startsWith("unset: ");
    }

    /** The default as a file would have it; a cell that is no code as it is. */
    public String value() {
      return code(preset);
    }
  }

  private SettingsPage() {}

  /** The settings of the dynamic file. */
  public static List<Row> dynamicSettings() {
    return ours().filter(row -> !row.name().startsWith("understudy.")).toList();
  }

  /** The static settings below {@code understudy}. */
  public static List<Row> staticSettings() {
    return ours().filter(row -> row.name().startsWith("understudy.")).toList();
  }

  /** Spring Boot's settings, without type and range. */
  public static List<Row> springSettings() {
    return MarkdownTable.rows(FILE, SPRING_HEADER).stream()
        .map(cells -> new Row(name(cells.get(0)), "", "", cells.get(1), cells.get(2)))
        .toList();
  }

  /** The names of our attributes of spans, from the page on running it. */
  public static List<String> spanAttributes() {
    return MarkdownTable.rows(Path.of("deploy/monitoring/tracing.md"), "| attribute | of | is |")
        .stream()
        .flatMap(cells -> MarkdownTable.code(cells.get(0)).stream())
        .toList();
  }

  private static Stream<Row> ours() {
    List<String> lines = MarkdownTable.lines(FILE);
    List<Row> rows = new ArrayList<>();
    String prefix = null;
    for (int i = 0; i < lines.size(); i++) {
      Matcher below = BELOW.matcher(lines.get(i));
      if (below.matches()) {
        prefix = below.group(1) + ".";
      } else if (lines.get(i).equals(TOP)) {
        prefix = "";
      } else if (lines.get(i).equals(HEADER)) {
        if (prefix == null) {
          throw new AssertionError(
              "line " + (i + 1) + ": expected a line with the prefix before this table");
        }
        for (List<String> cells : MarkdownTable.rows(lines.subList(i, lines.size()))) {
          rows.add(
              new Row(
                  name(prefix + code(cells.get(0))),
                  cells.get(1),
                  cells.get(2),
                  cells.get(3),
                  cells.get(4)));
        }
        prefix = null;
      }
    }
    return rows.stream();
  }

  private static String name(String written) {
    return code(written).replace("NAME", "*").replace("[]", ".*");
  }

  private static String code(String cell) {
    Matcher code = CODE.matcher(cell);
    return code.matches() ? code.group(1) : cell;
  }
}
