package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lines of backends mean, beside their settings. */
class BackendTranslationTest {
  @Rows(
      """
      cookie SRV insert indirect | { req.cook(SRV) green }        | UNSUPPORTED
      cookie SRV prefix          | { cook_beg(SRV) green }        | UNSUPPORTED
      cookie SRV rewrite         | { req.cook(SRV) -m str green } | UNSUPPORTED
      cookie SRV insert          | { req.cook(SRV) -m found }     | EXACT
      cookie SRV insert          | { req.cook_cnt(SRV) gt 0 }     | EXACT
      cookie SRV insert          | { req.cook(OTHER) green }      | EXACT
      cookie SRV                 | { req.cook(SRV) green }        | EXACT
      """)
  void a_condition_does_not_read_the_cookie_of_sessions(
      String cookie, String condition, Verdict verdict) {
    String line = "use_backend green if " + condition;
    Imported imported =
        Imports.good(
            Imports.front(line)
                + "backend green\n  "
                + cookie
                + "\n  server a 127.0.0.1:82 cookie green\n");
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(verdict);
  }

  @Test
  void the_cookie_of_an_application_chooses_the_server() {
    Imported imported =
        Imports.good(
            Imports.back(
                "cookie SRV nocache",
                "server two 127.0.0.1:82 cookie b",
                "server three 127.0.0.1:83 cookie c"));
    assertThat(imported.yaml())
        .contains("PreferServer=two when cookie(SRV, b)", "PreferServer=three when cookie(SRV, c)")
        .doesNotContain("sticky");
    assertThat(Imports.verdict(imported, "cookie SRV nocache").verdict()).isEqualTo(Verdict.EXACT);
  }

  @Test
  void a_server_of_fastcgi_is_left_out() {
    String line = "server php 127.0.0.1:9000 proto fcgi";
    Imported imported = Imports.good(Imports.back(line));
    assertThat(imported.yaml()).doesNotContain(":9000");
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.UNSUPPORTED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sni req.hdr(host)", "sni ssl_fc_sni", "sni var(txn.a)"})
  void a_server_name_of_the_request_is_told(String sni) {
    String line = "server two 127.0.0.1:82 ssl verify none " + sni;
    assertThat(Imports.verdict(Imports.good(Imports.back(line)), line).text())
        .contains("tls.server-name");
  }

  @Test
  void what_the_first_server_decides_for_the_pool_has_one_order() {
    String line =
        "server three 127.0.0.1:83 ssl verify none sni str(b) verifyhost c ca-file d crt e";
    String text =
        Imports.verdict(
                Imports.good(Imports.back("server two 127.0.0.1:82 ssl verify required", line)),
                line)
            .text();
    assertThat(text.replaceAll("[^;]*'(\\S+)' of the first server[^;]*|[^;]", "$1"))
        .endsWith(";ca-file;crt;verify;verifyhost;sni");
  }

  @Rows(
      """
      timeout server 999999999999d
      timeout queue 999999999999d
      timeout check 999999999999d
      stick-table type ip size 1k expire 999999999999d
      server two 127.0.0.1:82 check inter 999999999999d
      server two 127.0.0.1:82 agent-check agent-port 9 agent-inter 999999999999d
      """)
  void a_time_that_is_too_long_for_haproxy_is_a_problem(String line) {
    assertThat(Imports.problems(Imports.back(line))).contains("TIME").contains("'999999999999d'");
  }

  @Test
  void no_verifyhost_takes_the_default_name_away() {
    Imported imported =
        Imports.good(
            Imports.back(
                "default-server verifyhost a.example",
                "server two 127.0.0.1:82 ssl verify required no-verifyhost"));
    assertThat(imported.yaml()).doesNotContain("server-name");
  }

  @Test
  void all_backups_of_one_master_share() {
    String two = "server two 127.0.0.1:82 backup";
    String three = "server three 127.0.0.1:83 backup";
    assertThat(Imports.good(Imports.back("option allbackups", two, three)).yaml())
        .contains("mode: balance");
    assertThat(Imports.good(Imports.back("option allbackups", two)).yaml())
        .contains("mode: failover");
    assertThat(Imports.good(Imports.back(two, three)).yaml()).contains("mode: failover");
  }

  @Test
  void the_report_tells_that_several_backups_share() {
    String three = "server three 127.0.0.1:83 backup";
    String four = "server four 127.0.0.1:84 backup";
    Imported imported = Imports.good(Imports.back("server two 127.0.0.1:82", three, four));
    assertThat(Imports.verdict(imported, four).text()).contains("shares with the backups");
    assertThat(Imports.verdict(imported, three).text()).doesNotContain("shares");
  }

  @Test
  void a_stick_rule_with_a_condition_is_approximated() {
    String line = "stick on src if { path /a }";
    assertThat(Imports.verdict(Imports.good(Imports.back(line)), line).verdict())
        .isEqualTo(Verdict.APPROXIMATED);
  }

  @Rows(
      """
      "%[path,regsub(^/a,/b,i)]"  | RewritePath=(?i)^/a, /b | EXACT
      "%[path,regsub(^/a,/b)]"    | RewritePath=^/a, /b     | EXACT
      "%[path,regsub(a,b,g)]"     | RewritePath=a, b        | EXACT
      "%[path,regsub(a,b)]"       | RewritePath=a, b        | APPROXIMATED
      """)
  void flags_of_a_replacement_count(String value, String filter, Verdict verdict) {
    String line = "http-request set-path " + value;
    Imported imported = Imports.good(Imports.front(line));
    assertThat(imported.yaml()).contains("- \"" + filter + "\"");
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(verdict);
  }

  @Test
  void the_first_rule_that_names_a_server_counts() {
    assertThat(
            Imports.good(
                    Imports.back(
                        "cookie SRV",
                        "server two 127.0.0.1:82 cookie b",
                        "use-server one if { path_beg /a }",
                        "use-server two if { path_beg / }"))
                .yaml())
        .containsSubsequence(
            "PreferServer=two when cookie(SRV, b)",
            "PreferServer=two when path-prefix(/)",
            "PreferServer=one when path-prefix(/a)");
  }

  @Test
  void error_files_of_one_name_become_files_of_two() {
    Imported imported =
        (Imported)
            Imports.of(
                Imports.front()
                    + """
                      errorfile 503 /blog/503.http
                    backend shop
                      server a 127.0.0.1:82
                      errorfile 503 /shop/503.http
                    """,
                Map.of(),
                Map.of(
                    "/blog/503.http", "HTTP/1.0 503 X\r\n\r\nblog",
                    "/shop/503.http", "HTTP/1.0 503 X\r\n\r\nshop"));
    assertThat(imported.yaml())
        .containsSubsequence(
            "app:",
            "error-pages: { 503: \"503.html\" }",
            "shop:",
            "error-pages: { 503: \"503-2.html\" }");
    assertThat(imported.extraFiles())
        .containsEntry("503.html", "blog")
        .containsEntry("503-2.html", "shop");
  }

  @Test
  void the_last_error_file_of_a_status_counts() {
    Imported imported =
        (Imported)
            Imports.of(
                "defaults\n  errorfile 503 /all.http\n"
                    + Imports.front().substring(9)
                    + "  errorfile 503 /own.http\n",
                Map.of(),
                Map.of(
                    "/all.http", "HTTP/1.0 503 X\r\n\r\nall",
                    "/own.http", "HTTP/1.0 503 X\r\n\r\nown"));
    assertThat(imported.yaml()).contains("    error-pages: { 503: own.html }");
    assertThat(Imports.verdict(imported, "errorfile 503 /own.http").verdict())
        .isEqualTo(Verdict.APPROXIMATED);
  }

  @Rows(
      """
      status 404 string gone                         | APPROXIMATED | gone
      status 404 lf-string gone                      | APPROXIMATED | gone
      status 404 content-type text/plain string gone | APPROXIMATED | gone
      status 404 file /page                          | APPROXIMATED | of a file
      status 404 errorfile /whole                    | APPROXIMATED | whole
      status 404 string gone hdr X-A b               | APPROXIMATED | gone
      status 404 lf-string %[src]                    | UNSUPPORTED        |
      status 404 default-errorfiles                  | UNSUPPORTED        |
      status 404 errorfiles all                      | UNSUPPORTED        |
      status 404 file /none                          | UNSUPPORTED        |
      """)
  void an_http_error_becomes_a_page(String words, Verdict verdict, @Nullable String page) {
    String line = "http-error " + words;
    Imported imported =
        (Imported)
            Imports.of(
                Imports.front() + "  " + line + "\n",
                Map.of(),
                Map.of("/page", "of a file", "/whole", "HTTP/1.0 404 X\r\n\r\nwhole"));
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(verdict);
    assertThat(imported.yaml().contains("error-pages: { 404: ")).isEqualTo(page != null);
    assertThat(List.copyOf(imported.extraFiles().values()))
        .isEqualTo(page == null ? List.of() : List.of(page));
  }

  @Test
  void the_report_names_what_a_page_of_an_http_error_lacks() {
    String line = "http-error status 404 content-type text/plain string gone hdr X-A b";
    assertThat(Imports.verdict(Imports.good(Imports.back(line)), line).text())
        .contains("not as text/plain; without X-A");
  }

  @Rows(
      """
      unique-id-format %{+X}o\\ %ci | unique-id-header X-Unique    | APPROXIMATED | true
      unique-id-format %{+X}o\\ %ci | unique-id-header X-Request-Id | APPROXIMATED | false
      timeout client 5s            | unique-id-header X-Unique    | NOT_NEEDED  | false
      """)
  void servers_get_the_requests_id_in_the_field_that_is_named(
      String format, String line, Verdict verdict, boolean set) {
    Imported imported = Imports.good(Imports.front(format, line));
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(verdict);
    assertThat(imported.yaml().contains("SetRequestHeader=X-Unique, {request-id}")).isEqualTo(set);
  }

  /** HAProxy gives a server that returns its role back at once. */
  @Rows(
      """
      option pgsql-check user u                  | backup | tcp  | failback is manual
      option mysql-check user u                  | backup | tcp  | failback is manual
      option redis-check                         | backup | tcp  | failback is manual
      tcp-check expect string role:master        | backup | tcp  | two primaries
      tcp-check expect rstring ^role:master      | backup | tcp  | two primaries
      option httpchk GET /primary                | backup | tcp  | two primaries
      option httpchk OPTIONS /master?lag=1MB     | backup | tcp  | two primaries
      tcp-check expect ! string role:master | backup | tcp | ``
      tcp-check expect string role:slave | backup | tcp | ``
      option httpchk GET /health | backup | tcp | ``
      option httpchk GET /primary | backup | http | ``
      option httpchk GET /primary | check | tcp | ``
      """)
  void a_check_of_a_role_is_said_to_keep_it(String line, String other, String mode, String said) {
    String option = line.startsWith("tcp-check") ? "option tcp-check\n  " : "";
    Imported imported =
        Imports.good(
            "listen db\n  mode "
                + mode
                + "\n  bind :5432\n  "
                + option
                + line
                + "\n  server a 127.0.0.1:81 check\n  server b 127.0.0.1:82 check "
                + other
                + "\n");
    String text = Imports.verdict(imported, line).text();
    if (said.isEmpty()) {
      assertThat(text).doesNotContain("failback");
    } else {
      assertThat(text).contains(said);
      assertThat(imported.yaml()).contains("# Pool db: ");
    }
  }

  /** A pool has once what HAProxy has for each server. */
  @Rows(
      """
      http | check agent-check agent-port 9 | check agent-check agent-port 9 | agent: { port: 9 } | EXACT, EXACT
      http | check agent-check agent-port 9 | check | agent: { port: 9 } | EXACT, APPROXIMATED
      http | check | check agent-check agent-port 9 | agent: { port: 9 } | APPROXIMATED, EXACT
      http | agent-check agent-port 9 | agent-check agent-port 9 agent-inter 1s | agent: { port: 9 } | APPROXIMATED, APPROXIMATED
      http | check agent-check agent-port 8 | check agent-check agent-port 9 | `` | UNSUPPORTED, UNSUPPORTED
      http | check agent-check agent-port 9 agent-send a | check agent-check agent-port 9 agent-send b | `` | UNSUPPORTED, UNSUPPORTED
      http | check agent-check agent-port 9 agent-addr 127.0.0.3 | check agent-check agent-port 9 agent-addr 127.0.0.3 | agent: { port: 9, host: "127.0.0.3" } | EXACT, EXACT
      http | check agent-check agent-port 9 agent-addr 127.0.0.3 | check agent-check agent-port 9 agent-addr 127.0.0.4 | `` | UNSUPPORTED, UNSUPPORTED
      http | check agent-check agent-port 9 agent-addr 127.0.0.3 | check | `` | UNSUPPORTED, EXACT
      tcp | check send-proxy | check send-proxy | proxy-protocol: v1 | EXACT, EXACT
      tcp | check send-proxy | check | proxy-protocol: v1 | EXACT, UNSUPPORTED
      tcp | check | check send-proxy-v2 | `` | EXACT, UNSUPPORTED
      tcp | check send-proxy-v2 | check send-proxy | proxy-protocol: v2 | EXACT, UNSUPPORTED
      http | check proto h2 | check proto h2 | http2: true | EXACT, EXACT
      http | check proto h2 | check | `` | UNSUPPORTED, EXACT
      http | check ssl verify none alpn h2 | check | `` | UNSUPPORTED, EXACT
      http | check ssl verify none alpn h2 | check ssl verify none | http2: true | EXACT, APPROXIMATED
      http | check alpn h2 | check alpn h2 | `` | EXACT, EXACT
      """)
  void what_servers_have_differently_is_told(
      String mode, String one, String two, String written, String verdicts) {
    String first = "server one 127.0.0.1:81 " + one;
    String second = "server two 127.0.0.1:82 backup " + two;
    Imported imported =
        Imports.good(
            Imports.back()
                + "listen other\n  mode "
                + mode
                + "\n  bind :81\n  "
                + first
                + "\n  "
                + second
                + "\n");
    assertThat(
            Imports.verdict(imported, first).verdict()
                + ", "
                + Imports.verdict(imported, second).verdict())
        .isEqualTo(verdicts);
    if (written.isEmpty()) {
      assertThat(imported.yaml()).doesNotContain("agent:", "proxy-protocol: v", "http2:");
    } else {
      assertThat(imported.yaml()).contains(written);
    }
  }

  @Rows(
      """
      weight 0 | backup          | APPROXIMATED | EXACT
      weight 1 | backup weight 0 | EXACT        | APPROXIMATED
      weight 0 | weight 1        | EXACT        | EXACT
      """)
  void a_server_without_weight_never_serves(String one, String two, Verdict first, Verdict second) {
    String a = "server a 127.0.0.1:81 check " + one;
    String b = "server b 127.0.0.1:82 check " + two;
    Imported imported = Imports.good(Imports.front() + "backend other\n  " + a + "\n  " + b + "\n");
    assertThat(Imports.verdict(imported, a).verdict()).isEqualTo(first);
    assertThat(Imports.verdict(imported, b).verdict()).isEqualTo(second);
    assertThat(imported.yaml().contains("      a: {")).isEqualTo(first == Verdict.EXACT);
    assertThat(imported.yaml().contains("      b: {")).isEqualTo(second == Verdict.EXACT);
  }

  @Rows(
      """
      httpchk   | http-check expect error-status L7OKC status 200  | APPROXIMATED
      httpchk   | http-check expect ok-status L7OKC rstring ok     | APPROXIMATED
      httpchk   | http-check expect error-status L7STS status 200  | EXACT
      httpchk   | http-check expect comment x string min-recv      | EXACT
      tcp-check | tcp-check expect min-recv 20 string ok           | APPROXIMATED
      tcp-check | tcp-check expect comment min-recv string ok      | EXACT
      """)
  void options_that_change_what_a_check_finds_are_told(String kind, String line, Verdict verdict) {
    Imported imported =
        Imports.good(Imports.back("option " + kind, line, "server two 127.0.0.1:82 check"));
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(verdict);
  }

  @Rows(
      """
      compression algo gzip                | compression type text/html | true  | EXACT
      compression algo gzip                | option redispatch          | true  | APPROXIMATED
      compression algo deflate gzip        | compression type text/html | true  | EXACT
      compression algo deflate             | compression type text/html | true  | APPROXIMATED
      compression algo raw-deflate deflate | compression type text/html | true  | APPROXIMATED
      compression algo identity            | compression type text/html | false | NOT_NEEDED
      """)
  void compression_is_that_of_gzip(String line, String other, boolean compresses, Verdict verdict) {
    Imported imported = Imports.good(Imports.back(line, other));
    assertThat(imported.yaml().contains("Compress")).isEqualTo(compresses);
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(verdict);
  }

  /** Without {@code timeout check}, HAProxy waits for {@code inter}. */
  @Rows(
      """
      inter 10s  | option redispatch | true
      inter 1500 | option redispatch | true
      inter 1s   | option redispatch | false
      rise 1     | option redispatch | false
      inter 10s  | timeout check 2s  | false
      """)
  void the_limit_of_a_check_is_told(String parameter, String other, boolean told) {
    String line = "server two 127.0.0.1:82 check " + parameter;
    Imported imported = Imports.good(Imports.back(other, line));
    assertThat(Imports.verdict(imported, line).text().contains("health.timeout")).isEqualTo(told);
  }

  @Rows(
      """
      send-proxy-v2                                          | EXACT
      send-proxy-v2-ssl                                      | APPROXIMATED
      send-proxy-v2-ssl-cn                                   | APPROXIMATED
      send-proxy-v2 proxy-v2-options crc32c,unique-id        | UNSUPPORTED
      send-proxy-v2 set-proxy-v2-tlv-fmt(0xE1) %[ssl_fc_sni] | UNSUPPORTED
      """)
  void what_a_proxy_header_lacks_is_told(String parameters, Verdict verdict) {
    String line = "server a 127.0.0.1:81 check " + parameters;
    Imported imported = Imports.good("listen db\n  mode tcp\n  bind :5432\n  " + line + "\n");
    assertThat(imported.yaml()).contains("proxy-protocol: v2");
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(verdict);
  }

  @Test
  void tcp_has_no_error_pages() {
    Imported imported =
        (Imported)
            Imports.of(
                """
                defaults
                  errorfile 503 /503.http
                listen db
                  mode tcp
                  bind :5432
                  server a 127.0.0.1:81 check
                """,
                Map.of(),
                Map.of("/503.http", "HTTP/1.0 503 X\r\n\r\nsorry"));
    assertThat(imported.yaml()).doesNotContain("error-pages");
    assertThat(Imports.verdict(imported, "errorfile 503 /503.http").verdict())
        .isEqualTo(Verdict.NOT_NEEDED);
  }
}
