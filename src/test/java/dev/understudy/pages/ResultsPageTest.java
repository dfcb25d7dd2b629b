package dev.understudy.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The first page's figures are those of the page of results. {@code src/bench/run results} writes
 * both with the five numbers; what the table of other products has is written by hand.
 */
class ResultsPageTest {
  private static final Path RESULTS = Path.of("src", "bench", "RESULTS.md");
  private static final Path FIRST = Path.of("README.md");

  @Test
  void the_first_page_has_the_five_numbers_of_the_page_of_results_and_none_of_its_own() {
    String results = Files.exists(RESULTS) ? Pages.read(RESULTS) : "";
    assertThat(rows(Pages.read(FIRST), "<!-- five numbers -->", "<!-- /five numbers -->"))
        .isEqualTo(rows(results, "## Five numbers", "\n## "));
  }

  @Test
  void the_table_of_other_products_has_the_figures_of_the_page_of_results() {
    String requests = "| requests, proxy ";
    List<String> kept =
        Stream.of(
                "1 KB",
                "64 KB",
                "POST of 16 KB",
                "WebSocket echo, 125 bytes",
                "1 KB, TLS",
                "1 KB, HTTP/2")
            .map(each -> figure(requests, each + ": Understudy", 2))
            .map(ResultsPageTest::rounded)
            .sorted()
            .toList();
    List<String> spring =
        Stream.of("1 KB", "64 KB", "POST of 16 KB", "1 KB, new connections", "1 KB, TLS")
            .map(each -> figure(requests, each + ": Understudy, Gateway lane", 2))
            .map(ResultsPageTest::rounded)
            .sorted()
            .toList();
    String few = "500 requests/s: ";
    double rate =
        figure("| rate, proxy ", few + "Understudy, AOT cache", 2)
            / figure("| rate, proxy ", few + "HAProxy 3.2.26", 2);
    String growth = "| what, proxy ";
    String idle = "10 pools of two servers: ";
    assertThat(Pages.read(FIRST))
        .contains(
            "| at full load "
                + (kept.getFirst() + " to " + kept.getLast() + " on kept connections, ")
                + (rounded(figure(requests, "1 KB, new connections: Understudy", 2))
                    + " for new ones, ")
                + (rounded(figure(requests, "1 KB, TLS 1.3, new connections: Understudy", 2))
                    + " with TLS; ")
                + (spring.getFirst()
                    + " to "
                    + spring.getLast()
                    + " for routes with filters of Spring; ")
                + (rounded(rate) + " at 500 requests/s |"))
        .contains(
            "| CPU at rest, 10 pools | "
                + Math.round(figure(growth, idle + "Understudy", 3))
                + " % of one | "
                + rounded(figure(growth, idle + "HAProxy 3.2.26", 3))
                + " % |");
  }

  private static String rounded(double figure) {
    return String.format(Locale.ROOT, "%.1f", figure);
  }

  /** The number that a cell of the page of results begins with. */
  private static double figure(String header, String row, int column) {
    List<String> lines = Pages.read(RESULTS).lines().toList();
    int table = 0;
    while (!lines.get(table).startsWith(header)) {
      table++;
    }
    return MarkdownTable.rows(lines.subList(table, lines.size())).stream()
        .filter(cells -> cells.getFirst().equals(row))
        .map(cells -> Double.parseDouble(cells.get(column).split(" ")[0]))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no row " + row));
  }

  /** The rows of the table between two marks; none where there is no such part. */
  private static List<String> rows(String page, String begin, String end) {
    int from = page.indexOf(begin);
    if (from < 0) {
      return List.of();
    }
    int to = page.indexOf(end, from + begin.length());
    assertThat(to).as(end.strip() + " below " + begin).isPositive();
    return page.substring(from, to).lines().filter(line -> line.startsWith("|")).toList();
  }
}
