package dev.understudy.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The first page's five numbers are those of the page of results: {@code src/bench/run results}
 * writes both.
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
