package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Rules and dashboard speak of metrics that there are, with labels that they have. */
class MonitoringTest {
  /** Every metric of ours with its labels: the design's list. */
  private static final Map<String, Set<String>> METRICS =
      Map.ofEntries(
          Map.entry("understudy_server_up", Set.of("pool", "server")),
          Map.entry("understudy_server_serving", Set.of("pool", "server")),
          Map.entry("understudy_pool_epoch", Set.of("pool")),
          Map.entry("understudy_switches_total", Set.of("pool", "reason")),
          Map.entry("understudy_switch_seconds", Set.of("pool")),
          Map.entry("understudy_probe_seconds", Set.of("pool", "server", "outcome")),
          Map.entry(
              "understudy_requests_seconds",
              Set.of("route", "pool", "server", "status", "outcome")),
          Map.entry("understudy_retries_total", Set.of("pool", "reason")),
          Map.entry("understudy_held_requests", Set.of("pool")),
          Map.entry("understudy_tunnels", Set.of("pool", "server")),
          Map.entry("understudy_config_last_reload_successful", Set.of()));

  /** What Prometheus itself adds to each. */
  private static final Set<String> SCRAPE_LABELS = Set.of("instance", "job");

  private static final Pattern METRIC = Pattern.compile("\\bunderstudy_[a-z_]+");
  private static final Pattern TIMER_SUFFIX = Pattern.compile("(?<=_seconds)_(count|sum|max)$");
  private static final Pattern LABELS = Pattern.compile("by \\(([a-z, ]+)\\)|\\{([^{}]*)\\}");

  private static List<String> expressions() {
    List<String> all = new ArrayList<>();
    JsonNode rules = Manifests.documents("monitoring/understudy.rules.yaml").get(0);
    rules.at("/groups/0/rules").forEach(rule -> all.add(rule.path("expr").asString()));
    JsonNode dashboard = Manifests.json("monitoring/grafana-dashboard.json");
    all.addAll(dashboard.findValuesAsString("expr"));
    all.addAll(dashboard.path("templating").findValuesAsString("definition"));
    return all;
  }

  private static Set<String> metricsIn(String expression) {
    Set<String> names = new TreeSet<>();
    METRIC
        .matcher(expression)
        .results()
        .map(MatchResult::group)
        .forEach(name -> names.add(TIMER_SUFFIX.matcher(name).replaceAll("")));
    return names;
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
        .allSatisfy(expression -> assertThat(METRICS.keySet()).containsAll(metricsIn(expression)));
  }

  @Test
  void expressions_use_only_labels_that_their_metrics_have() {
    assertThat(expressions())
        .allSatisfy(
            expression -> {
              Set<String> known = new HashSet<>(SCRAPE_LABELS);
              metricsIn(expression).forEach(metric -> known.addAll(METRICS.get(metric)));
              assertThat(known).as(expression).containsAll(labelsIn(expression));
            });
  }

  @Test
  void every_metric_is_on_the_dashboard() {
    Set<String> shown = new TreeSet<>();
    Manifests.json("monitoring/grafana-dashboard.json")
        .findValuesAsString("expr")
        .forEach(expression -> shown.addAll(metricsIn(expression)));

    assertThat(shown).containsExactlyInAnyOrderElementsOf(METRICS.keySet());
  }

  @Test
  void the_operators_rules_are_the_plain_ones() {
    JsonNode plain = Manifests.documents("monitoring/understudy.rules.yaml").get(0);
    JsonNode operators = Manifests.documents("monitoring/prometheusrule.yaml").get(0);

    assertThat(operators.at("/spec/groups")).isEqualTo(plain.path("groups"));
  }

  @Test
  void every_alert_says_how_bad_it_is_and_what_to_do() {
    JsonNode rules = Manifests.documents("monitoring/understudy.rules.yaml").get(0);

    assertThat(rules.at("/groups/0/rules"))
        .isNotEmpty()
        .allSatisfy(
            rule -> {
              assertThat(rule.at("/labels/severity").asString()).isIn("warning", "critical");
              assertThat(rule.at("/annotations/summary").asString()).isNotEmpty();
              assertThat(rule.at("/annotations/description").asString()).isNotEmpty();
            });
  }

  @Test
  void every_alert_has_a_test_that_promtool_runs() {
    JsonNode rules = Manifests.documents("monitoring/understudy.rules.yaml").get(0);
    JsonNode tests = Manifests.documents("monitoring/understudy.rules.test.yaml").get(0);

    assertThat(new TreeSet<>(tests.findValuesAsString("alertname")))
        .containsExactlyInAnyOrderElementsOf(rules.findValuesAsString("alert"));
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
    Set<String> cells = new HashSet<>();
    for (JsonNode panel : Manifests.json("monitoring/grafana-dashboard.json").path("panels")) {
      JsonNode at = panel.path("gridPos");
      for (int x = at.path("x").asInt(); x < at.path("x").asInt() + at.path("w").asInt(); x++) {
        for (int y = at.path("y").asInt(); y < at.path("y").asInt() + at.path("h").asInt(); y++) {
          assertThat(x).isLessThan(24);
          assertThat(cells.add(x + "," + y)).as(panel.path("title").asString()).isTrue();
        }
      }
    }
  }
}
