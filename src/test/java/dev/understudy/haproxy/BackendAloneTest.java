package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file with backends only, as documentation prints them: all their rules are in force. */
class BackendAloneTest {
  /** Of the mission. */
  private static final String EXAMPLE =
      """
      backend sense
        acl path_websocket path /websocket
        acl hdr_upgrade hdr(Upgrade) -i websocket
        acl hdr_connection hdr(Connection) -i upgrade
        http-request deny if path_websocket !hdr_upgrade OR path_websocket !hdr_connection
        redirect scheme https code 301 if !{ ssl_fc }
        http-response set-header Strict-Transport-Security max-age=16000000;\\ preload
        option httpchk GET /status
        http-check expect string version
        use-server sen2 if { hdr(Host) -i master.domain.com }
        use-server sen1 if { hdr(Host) failover.domain.com }
        server sen2 react2.domain.com:8079 check inter 40000
        server sen1 react1.domain.com:8079 check inter 40000 backup
      """;

  @ParameterizedTest
  @ValueSource(strings = {"", "defaults\n  mode http\n"})
  void one_backend_serves_every_request_with_all_its_rules(String before) {
    Imported imported = Imports.good(before + EXAMPLE);
    assertThat(imported.yaml())
        .contains(
            "uri: \"pool://sense\"",
            "predicates: [\"Path=/**\"]",
            "Deny=403 when (path(/websocket) and not header(i: Upgrade, websocket)) or"
                + " (path(/websocket) and not header(i: Connection, upgrade))",
            "RedirectToHttps=301",
            "StrictTransportSecurity=max-age=16000000; preload",
            "PreferServer=sen2 when host(master.domain.com)",
            "PreferServer=sen1 when host(failover.domain.com)");
    assertThat(imported.isLossy()).isFalse();
  }

  @Test
  void the_first_line_of_report_and_file_names_the_missing_frontend() {
    Imported imported = Imports.good(EXAMPLE);
    assertThat(imported.report()).startsWith("No frontend: every request on the main port");
    assertThat(imported.yaml()).startsWith("# No frontend: every request on the main port");
  }

  @Test
  void each_of_several_backends_has_a_route_for_the_host_of_its_name() {
    Imported imported =
        Imports.good(
            """
            backend web_app
              mode http
              http-request deny if { path /a }
              server one 127.0.0.1:81
            backend api
              mode http
              http-request deny if { path /b }
              server one 127.0.0.1:82
            """);
    assertThat(imported.yaml())
        .containsSubsequence(
            "predicates: [\"Host=web-app\"]", "Deny=403 when path(/a)",
            "predicates: [\"Host=api\"]", "Deny=403 when path(/b)");
    assertThat(imported.report()).startsWith("No frontend: each backend has a route");
  }

  @Test
  void a_condition_on_a_port_denies_more_as_no_line_says_which_there_are() {
    String line = "http-request deny if { dst_port 80 } { path /a }";
    Imported imported = Imports.good("backend app\n  server a 127.0.0.1:81\n  " + line + "\n");
    assertThat(imported.yaml()).contains("Deny=403 when path(/a)");
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"option pgsql-check user a", "tcp-request content accept", "mode tcp"})
  void no_route_leads_to_a_backend_of_mode_tcp(String line) {
    assertThat(Imports.good("backend db\n  " + line + "\n  server a 127.0.0.1:5432 check\n").yaml())
        .doesNotContain("pool://")
        .contains("Deny=503")
        .contains("tcp://127.0.0.1:5432");
  }

  /** Pages print {@code \\ } for {@code \ }; HAProxy refuses the line. */
  @ParameterizedTest
  @ValueSource(strings = {"http-response", "http-request"})
  void a_doubled_backslash_gets_a_hint(String kind) {
    String line = kind + " set-header X-A max-age=1;\\\\ preload;\\\\ b if { path /a }";
    Imported imported = Imports.good(Imports.front(line));
    LineVerdict verdict = Imports.verdict(imported, line);
    assertThat(verdict.verdict()).isEqualTo(Verdict.APPROXIMATED);
    assertThat(verdict.text()).contains("doubled backslash");
    assertThat(imported.yaml()).contains("max-age=1; preload; b when path(/a)");
  }
}
