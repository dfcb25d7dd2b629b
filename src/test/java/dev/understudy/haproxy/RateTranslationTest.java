package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Test;

/** What counters and limits become. */
class RateTranslationTest {
  private static final String TABLES =
      """
      backend rates
        stick-table type ip size 1k expire 10m store http_req_rate(10s),conn_rate(3s),conn_cur
      backend keys
        stick-table type string len 64 size 2k expire 10m store http_req_rate(20s)
      """;

  private static Imported front(String... lines) {
    return Imports.good(Imports.front(lines) + TABLES);
  }

  private static String limit(String key, String table) {
    return "requests: 9, period: "
        + (key.startsWith("header") ? "20s" : "10s")
        + ", key: \""
        + key
        + "\", entries: "
        + (key.startsWith("header") ? 2048 : 1024)
        + ", status: 429, table: "
        + table
        + " }";
  }

  @Test
  void the_first_rule_that_applies_says_what_a_slot_counts() {
    String deny = "http-request deny deny_status 429 if { sc_http_req_rate(0) gt 9 }";
    Imported imported =
        front(
            "http-request track-sc0 src table rates if { path_beg /a }",
            "http-request track-sc0 req.hdr(X-Key) table keys if { path_beg /api }",
            deny);
    assertThat(imported.yaml())
        .containsSubsequence(
            "key: client-address, entries: 1024, status: 429, table: web-11 }, when:"
                + " \"path-prefix(/a)\" }",
            limit("header:X-Key", "web-11-2")
                + ", when: \"not path-prefix(/a) and path-prefix(/api)\" }");
    assertThat(Imports.verdict(imported, deny).verdict()).isEqualTo(Verdict.EXACT);
  }

  @Test
  void rules_that_track_the_same_count_together() {
    Imported imported =
        front(
            "tcp-request connection track-sc0 src table rates if { src 10.0.0.1 }",
            "http-request track-sc0 src table rates if { path_beg /api }",
            "http-request deny if { sc0_http_req_rate gt 9 }");
    assertThat(imported.yaml())
        .contains("when: \"client-address(10.0.0.1) or path-prefix(/api)\"")
        .doesNotContain("web-11-2");
  }

  @Test
  void a_rule_after_one_that_always_tracks_is_not_needed() {
    String second = "http-request track-sc0 req.hdr(X-Key) table keys";
    Imported imported =
        front(
            "http-request track-sc0 src table rates",
            second,
            "http-request deny if { sc0_http_req_rate gt 9 }");
    assertThat(Imports.verdict(imported, second).verdict()).isEqualTo(Verdict.NOT_NEEDED);
    assertThat(imported.yaml()).contains("key: client-address").doesNotContain("header:X-Key");
  }

  @Test
  void what_is_tracked_by_an_unsupported_key_is_not_limited_by_another() {
    String deny = "http-request deny if { sc0_http_req_rate gt 9 }";
    Imported imported =
        front(
            "http-request track-sc0 base32+src table rates if { path_beg /a }",
            "http-request track-sc0 src table rates",
            deny);
    assertThat(imported.yaml()).contains("when: \"not path-prefix(/a)\" }");
    assertThat(Imports.verdict(imported, deny))
        .extracting(LineVerdict::verdict, LineVerdict::guard)
        .containsExactly(Verdict.UNSUPPORTED, true);
  }

  @Test
  void the_lowest_number_of_connections_counts() {
    String high = "http-request deny if { sc0_conn_cur gt 500 }";
    Imported imported =
        front(
            "http-request track-sc0 src table rates",
            "http-request deny if { sc0_conn_cur gt 10 }",
            high);
    assertThat(imported.settings())
        .containsEntry("understudy.client.max-connections-per-address", "10");
    assertThat(Imports.verdict(imported, high).guard()).isTrue();
    assertThat(Imports.verdict(imported, high).text()).contains("the lowest number counts");
  }

  @Rows(
      """
      http-request tarpit deny_status 429 if LIMIT     | with 429 at once, without the delay
      http-request silent-drop if LIMIT                | with 429 instead of closing
      tcp-request content reject if LIMIT              | with 429 instead of closing
      http-request deny if LIMIT { path /a } { rand(2) 1 } | limits more than HAProxy
      http-request deny if LIMIT { path /a }           | counts only requests for which the rest
      """)
  void a_limit_that_does_otherwise_says_so(String rule, String how) {
    String line = rule.replace("LIMIT", "{ src_http_req_rate(rates) gt 9 }");
    Imported imported = front(line);
    assertThat(imported.yaml()).contains("name: RateLimit");
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
    assertThat(Imports.verdict(imported, line).text()).contains(how);
  }

  @Test
  void an_untranslated_part_of_a_condition_is_not_reported_as_counted() {
    String line = "http-request deny if { src_http_req_rate(rates) gt 9 } { rand(2) 1 }";
    Imported imported = front(line);
    assertThat(imported.yaml()).contains("name: RateLimit").doesNotContain("when:");
    assertThat(Imports.verdict(imported, line).text())
        .contains("limits more than HAProxy")
        .doesNotContain("counts only");
  }

  @Test
  void a_table_of_peers_has_its_period() {
    Imported imported =
        Imports.good(
            "peers lbs\n"
                + "  peer a 127.0.0.1:1024\n"
                + "  table shared type ip size 1k expire 1m store http_req_rate(30s)\n"
                + Imports.front(
                    "http-request track-sc0 src table lbs/shared",
                    "http-request deny if { sc0_http_req_rate gt 9 }"));
    assertThat(imported.yaml()).contains("period: 30s", "entries: 1024");
  }

  @Test
  void a_backend_limits_by_what_the_frontend_tracks() {
    String line = "http-request deny if { sc0_http_req_rate gt 9 }";
    Imported imported =
        Imports.good(
            Imports.front("http-request track-sc0 src table rates") + "  " + line + "\n" + TABLES);
    assertThat(imported.yaml()).contains("name: RateLimit");
    assertThat(Imports.verdict(imported, line).text())
        .contains("counts only requests led to this backend");
  }

  @Test
  void a_backend_does_not_limit_by_what_another_tracks() {
    String line = "http-request deny if { sc0_http_req_rate gt 9 }";
    Imported imported =
        Imports.good(
            Imports.front("use_backend other if { path_beg /o }")
                + "  "
                + line
                + "\nbackend other\n"
                + "  http-request track-sc0 src table rates\n"
                + "  server a 127.0.0.1:82\n"
                + TABLES);
    assertThat(imported.yaml()).doesNotContain("name: RateLimit");
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
  }
}
