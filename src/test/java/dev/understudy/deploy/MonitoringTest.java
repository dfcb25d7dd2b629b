package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pages.MarkdownTable;
import dev.understudy.traffic.RequestEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Rules, dashboard and page speak of metrics that there are, with labels that they have. */
class MonitoringTest {
  private static final Scrape SCRAPE = Scrape.ofEverything();
  private static final Path PAGE = Path.of("deploy/monitoring/README.md");

  private static final JsonNode RULES =
      Manifests.documents("monitoring/understudy.rules.yaml").get(0);

  private static final JsonNode TESTS =
      Manifests.documents("monitoring/understudy.rules.test.yaml").get(0);

  private static final JsonNode DASHBOARD = Manifests.json("monitoring/grafana-dashboard.json");

  /** What Prometheus itself adds to each. */
  private static final Set<String> SCRAPE_LABELS = Set.of("instance", "job", "namespace");

  private static final Pattern METRIC = Pattern.compile("\\bunderstudy_[a-z_]+");
  private static final Pattern LABELS =
      Pattern.compile("(?:by|on|group_left) \\(([a-z, ]+)\\)|\\{([^{}]*)\\}");
  private static final Pattern SELECTOR = Pattern.compile("(understudy_[a-z_]+)\\{([^{}]*)}");
  private static final Pattern MATCHER = Pattern.compile("([a-z_]+)(?:=|!=|=~|!~)\"([^\"]*)\"");

  private static List<String> expressions() {
    List<String> all = new ArrayList<>();
    RULES.at("/groups/0/rules").forEach(rule -> all.add(rule.path("expr").asString()));
    all.addAll(DASHBOARD.findValuesAsString("expr"));
    all.addAll(DASHBOARD.path("templating").findValuesAsString("definition"));
    return all;
  }

  private static Set<String> metricsIn(String expression) {
    return METRIC
        .matcher(expression)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> labelsIn(String expression) {
    Set<String> labels = new TreeSet<>();
    LABELS
        .matcher(expression)
        .results()
        .forEach(
            match -> {
              String text = match.group(1) != null ? match.group(1) : match.group(2);
              for (String part : text.split(",")) {
                String label = part.strip().split("[=!~]")[0];
                if (!label.isEmpty()) {
                  labels.add(label);
                }
              }
            });
    return labels;
  }

  @Test
  void expressions_use_only_metrics_that_there_are() {
    assertThat(expressions())
        .hasSizeGreaterThan(20)
        .allSatisfy(expression -> assertThat(SCRAPE.names()).containsAll(metricsIn(expression)));
  }

  @Test
  void expressions_use_only_labels_that_their_metrics_have() {
    assertThat(expressions())
        .allSatisfy(
            expression -> {
              Set<String> known = new HashSet<>(SCRAPE_LABELS);
              metricsIn(expression).forEach(metric -> known.addAll(SCRAPE.labels(metric).keySet()));
              assertThat(known).as(expression).containsAll(labelsIn(expression));
            });
  }

  /** Names of pools and servers are everybody's own; all others are words of the program. */
  @Test
  void expressions_ask_only_for_values_that_labels_can_have() {
    Set<String> asked = new TreeSet<>();
    for (String expression : expressions()) {
      for (MatchResult selector : SELECTOR.matcher(expression).results().toList()) {
        for (MatchResult matcher : MATCHER.matcher(selector.group(2)).results().toList()) {
          if (!matcher.group(2).startsWith("$")) {
            asked.add(matcher.group(1));
            Set<String> values = SCRAPE.labels(selector.group(1)).get(matcher.group(1));
            for (String each : matcher.group(2).split("\\|")) {
              assertThat(values).as(expression).anyMatch(value -> value.matches(each));
            }
          }
        }
      }
    }
    assertThat(asked).containsExactly("limit", "outcome", "role", "status", "use");
  }

  @Test
  void series_of_the_rule_tests_are_those_of_the_program() {
    assertThat(TESTS.findValuesAsString("series"))
        .filteredOn(series -> series.startsWith("understudy_"))
        .hasSizeGreaterThan(10)
        .allSatisfy(
            series -> {
              String name = series.replaceFirst("\\{.*", "");
              assertThat(SCRAPE.names()).contains(name);
              for (MatchResult matcher : MATCHER.matcher(series).results().toList()) {
                assertThat(SCRAPE.labels(name).keySet().contains(matcher.group(1)))
                    .as(series)
                    .isEqualTo(!SCRAPE_LABELS.contains(matcher.group(1)));
              }
            });
  }

  @Test
  void every_metric_is_on_the_dashboard() {
    Set<String> shown = new TreeSet<>();
    DASHBOARD
        .findValuesAsString("expr")
        .forEach(
            expression -> metricsIn(expression).forEach(name -> shown.add(Scrape.family(name))));

    assertThat(shown).containsExactlyInAnyOrderElementsOf(SCRAPE.families());
  }

  @Test
  void the_operators_rules_are_the_plain_ones() {
    JsonNode operators = Manifests.documents("monitoring/prometheusrule.yaml").get(0);

    assertThat(operators.at("/spec/groups")).isEqualTo(RULES.path("groups"));
  }

  @Test
  void every_alert_says_how_bad_it_is_and_what_to_do() {

    assertThat(RULES.at("/groups/0/rules"))
        .isNotEmpty()
        .allSatisfy(
            rule -> {
              assertThat(rule.at("/labels/severity").asString()).isIn("warning", "critical");
              assertThat(rule.at("/annotations/summary").asString()).isNotEmpty();
              assertThat(rule.at("/annotations/description").asString()).isNotEmpty();
            });
  }

  @Test
  void every_alert_leads_to_a_heading_of_the_pages() throws IOException {
    Pattern link =
        Pattern.compile("\\{\\{ or \\$externalLabels\\.understudy_docs \"(.*)\" }}/(.*)#(.*)");
    for (JsonNode rule : RULES.at("/groups/0/rules")) {
      String url = rule.at("/annotations/runbook_url").asString();
      Matcher parts = link.matcher(url);
      assertThat(parts.matches()).as(url).isTrue();
      assertThat(Files.readAllLines(Path.of(parts.group(1), parts.group(2))))
          .filteredOn(line -> line.startsWith("#"))
          .as(url)
          .extracting(MonitoringTest::anchor)
          .contains(parts.group(3));
    }
  }

  /** What a heading is called in links. */
  private static String anchor(String heading) {
    return heading
        .replaceFirst("#+ ", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z0-9 -]", "")
        .replace(' ', '-');
  }

  @Test
  void every_alert_has_a_test_that_promtool_runs() {

    assertThat(new TreeSet<>(TESTS.findValuesAsString("alertname")))
        .containsExactlyInAnyOrderElementsOf(RULES.findValuesAsString("alert"));
  }

  @Test
  void the_service_monitor_finds_the_management_service() {
    JsonNode monitor = Manifests.documents("monitoring/servicemonitor.yaml").get(0);
    JsonNode service = Manifests.one("kubernetes", "Service", "understudy-management");

    assertThat(monitor.at("/spec/selector/matchLabels")).isEqualTo(service.at("/metadata/labels"));
    assertThat(monitor.at("/spec/endpoints/0/port").asString())
        .isEqualTo(service.at("/spec/ports/0/name").asString());
    assertThat(monitor.at("/spec/endpoints/0/path").asString()).isEqualTo("/actuator/prometheus");
  }

  @Test
  void panels_of_the_dashboard_do_not_overlap() {
    assertApart(DASHBOARD.path("panels"));
    DASHBOARD.path("panels").forEach(row -> assertApart(row.path("panels")));
  }

  private static List<JsonNode> panels() {
    return Stream.concat(
            DASHBOARD.path("panels").valueStream(),
            DASHBOARD.path("panels").valueStream().flatMap(row -> row.path("panels").valueStream()))
        .filter(panel -> !panel.path("type").asString().equals("row"))
        .toList();
  }

  @Test
  void panels_say_why_they_are_empty_and_figures_of_the_fleet_never_are() {
    assertThat(panels())
        .hasSizeGreaterThan(40)
        .allSatisfy(
            panel ->
                assertThat(panel.at("/fieldConfig/defaults/noValue").asString())
                    .as(panel.path("title").asString())
                    .isNotEmpty());
    assertThat(panels())
        .filteredOn(panel -> panel.at("/gridPos/y").asInt() == 1)
        .hasSize(7)
        .allSatisfy(
            panel ->
                assertThat(panel.findValuesAsString("expr"))
                    .allSatisfy(expression -> assertThat(expression).endsWith(" or vector(0)")));
  }

  /** Two hundred pools are too many for one panel. */
  @Test
  void panels_of_a_pool_show_one_until_somebody_chooses_more() {
    assertThat(DASHBOARD.at("/templating/list").valueStream())
        .filteredOn(variable -> variable.path("name").asString().equals("pool"))
        .singleElement()
        .satisfies(pool -> assertThat(pool.path("includeAll").asBoolean()).isFalse());
  }

  private static void assertApart(JsonNode panels) {
    Set<String> cells = new HashSet<>();
    for (JsonNode panel : panels) {
      JsonNode at = panel.path("gridPos");
      for (int x = at.path("x").asInt(); x < at.path("x").asInt() + at.path("w").asInt(); x++) {
        for (int y = at.path("y").asInt(); y < at.path("y").asInt() + at.path("h").asInt(); y++) {
          assertThat(x).isLessThan(24);
          assertThat(cells.add(x + "," + y)).as(panel.path("title").asString()).isTrue();
        }
      }
    }
  }

  private static List<String> firstCells(String header) {
    return MarkdownTable.rows(PAGE, header).stream()
        .flatMap(row -> MarkdownTable.code(row.getFirst()).stream())
        .toList();
  }

  @Test
  void the_page_has_every_metric_and_outcome() {
    assertThat(firstCells("| metric | is |").stream().map(Scrape::family).distinct())
        .containsExactlyInAnyOrderElementsOf(SCRAPE.families());
    assertThat(firstCells("| outcome | the request |"))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(RequestEnd.values()).map(RequestEnd::name).toList());
  }

  @Test
  void the_page_has_every_alert_with_its_severity() {
    List<String> alerts = new ArrayList<>();
    RULES
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
