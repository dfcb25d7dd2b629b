package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pages.MarkdownTable;
import dev.understudy.traffic.RequestEnd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code deploy/monitoring/README.md} names the metrics, outcomes and alerts that there are, and no
 * other.
 */
class OperationsPageTest {
  private static final Path PAGE = Path.of("deploy/monitoring/README.md");

  private static List<String> firstCells(String header) {
    return MarkdownTable.rows(PAGE, header).stream()
        .flatMap(row -> MarkdownTable.code(row.getFirst()).stream())
        .toList();
  }

  @Test
  void every_metric_is_in_the_table() {
    Set<String> families = new TreeSet<>();
    firstCells("| metric | is |").forEach(metric -> families.add(Scrape.family(metric)));

    assertThat(families).containsExactlyElementsOf(Scrape.ofEverything().families());
  }

  @Test
  void every_outcome_is_in_the_table() {
    assertThat(firstCells("| outcome | the request |"))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(RequestEnd.values()).map(RequestEnd::name).toList());
  }

  @Test
  void every_alert_is_in_the_table_with_its_severity() {
    List<String> alerts = new ArrayList<>();
    Manifests.documents("monitoring/understudy.rules.yaml")
        .getFirst()
        .at("/groups/0/rules")
        .forEach(
            rule ->
                alerts.add(
                    "`%s` %s"
                        .formatted(
                            rule.path("alert").asString(),
                            rule.at("/labels/severity").asString())));

    assertThat(MarkdownTable.rows(PAGE, "| alert | severity | first step |"))
        .extracting(row -> row.get(0) + " " + row.get(1))
        .containsExactlyInAnyOrderElementsOf(alerts);
  }
}
