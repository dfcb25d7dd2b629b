package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Test;

/** No server gets requests for what HAProxy itself responds to: statistics and services. */
class ImportedStatisticsTest {
  @Rows(
      """
      stats uri /stats   | path-prefix(/stats)
      stats enable       | target-prefix(/haproxy?stats)
      stats hide-version | target-prefix(/haproxy?stats)
      stats auth a:b     | target-prefix(/haproxy?stats)
      stats uri /        | path-prefix(/)
      stats uri /s,x     | path-prefix("/s,x")
      """)
  void requests_for_statistics_are_refused(String line, String when) {
    for (String text : new String[] {Imports.front(line), Imports.back(line)}) {
      Imported imported = Imports.good(text);
      assertThat(imported.yaml().replace("\\\"", "\"")).contains("\"Deny=404 when " + when + "\"");
      assertThat(imported.report()).contains("get 404, so that no server has them");
    }
  }

  @Test
  void the_line_that_names_a_prefix_counts_wherever_it_stands() {
    assertThat(
            Imports.good(
                    Imports.front(
                        "stats enable", "stats uri /a", "stats uri /b", "stats refresh 5s"))
                .yaml())
        .contains("Deny=404 when path-prefix(/b)")
        .doesNotContain("prefix(/a)", "/haproxy?stats");
  }

  @Test
  void inherited_statistics_are_refused_once() {
    String yaml =
        Imports.good("defaults\n  stats uri /stats\n" + Imports.front().substring(9)).yaml();
    assertThat(yaml).containsOnlyOnce("Deny=404 when path-prefix(/stats)");
  }

  @Test
  void they_are_looked_for_behind_rules_and_before_redirects() {
    assertThat(
            Imports.good(
                    Imports.front(
                        "redirect location /x",
                        "stats uri /stats",
                        "http-request deny if { path /a }",
                        "http-request set-path /stats if { path /b }"))
                .yaml())
        .containsSubsequence("Deny=403", "SetPath=/stats", "Deny=404", "Redirect=302, /x");
  }

  @Test
  void passwords_of_statistics_stay_named_as_a_guard() {
    Imported imported = Imports.good(Imports.front("stats auth a:b"));
    assertThat(Imports.verdict(imported, "stats auth ***").guard()).isTrue();
  }

  @Test
  void a_section_with_statistics_alone_is_left_out_as_before() {
    Imported imported =
        Imports.good(Imports.front() + "listen stats\n  bind :8404\n  stats uri /\n");
    assertThat(imported.yaml()).doesNotContain("404");
  }

  @Test
  void a_section_of_tcp_has_no_requests_to_refuse() {
    assertThat(
            Imports.good(
                    """
                    defaults
                      mode tcp
                      stats enable
                    listen pg
                      bind :5432
                      server a 127.0.0.1:5433
                    """)
                .yaml())
        .doesNotContain("Deny");
  }

  @Test
  void requests_of_a_service_are_refused() {
    String line = "http-request use-service prometheus-exporter if { path /metrics }";
    Imported imported = Imports.good(Imports.front(line));
    assertThat(imported.yaml()).contains("- \"Deny=404 when path(/metrics)\"");
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.UNSUPPORTED);
  }
}
