package dev.understudy.haproxy;

import dev.understudy.haproxy.report.DirectiveTable;
import dev.understudy.haproxy.report.DirectiveTable.Directive;
import dev.understudy.pages.GeneratedText;
import dev.understudy.pages.Pages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The tables of {@code config/from-haproxy.md}, from its second heading on, are made from the table
 * of directives.
 */
class DirectivePageTest {
  private static final Path PAGE = Path.of("config/from-haproxy.md");

  @Test
  void the_tables_of_the_page_are_the_table_of_directives() {
    String page = Pages.read(PAGE);
    GeneratedText.require(PAGE, page.substring(0, page.indexOf("\n## ")) + tables());
  }

  private static String tables() {
    StringBuilder page = new StringBuilder();
    Map<String, List<Directive>> places = new LinkedHashMap<>();
    for (Directive row : DirectiveTable.rows()) {
      places.computeIfAbsent(row.place(), any -> new ArrayList<>()).add(row);
    }
    places.forEach((place, rows) -> table(page, place, rows));
    return page.toString();
  }

  private static void table(StringBuilder page, String place, List<Directive> rows) {
    page.append("\n## ")
        .append(title(place))
        .append("\n\n| HAProxy | verdict | Understudy |\n|---|---|---|\n");
    Map<String, List<Directive>> same =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row -> row.verdict() + " " + row.guard() + row.text(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    same.values().forEach(group -> row(page, group));
  }

  private static void row(StringBuilder page, List<Directive> group) {
    Directive first = group.getFirst();
    String keywords =
        group.stream().map(each -> "`" + each.keyword() + "`").collect(Collectors.joining(", "));
    page.append("| ")
        .append(keywords)
        .append(" | ")
        .append(first.verdict().text())
        .append(first.guard() ? " !" : "")
        .append(" | ")
        .append(first.text())
        .append(" |\n");
  }

  private static String title(String place) {
    return switch (place) {
      case "section" -> "Other sections";
      case "global" -> "Section global";
      case "proxy" -> "Sections defaults, frontend, backend and listen";
      case "bind" -> "Parameters of bind";
      case "server" -> "Parameters of server";
      case "userlist",
          "resolvers",
          "peers",
          "mailers",
          "cache",
          "program",
          "ring",
          "traces",
          "acme" ->
          "Section " + place;
      default -> "`" + place + "`";
    };
  }
}
