package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.testing.Rows;
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

  @Rows(
      """
      # each of several backends has a route for the host of its name
      backend web_app ; mode http ; http-request deny if { path /a } ; server one 127.0.0.1:81 ; backend api ; mode http ; http-request deny if { path /b } ; server one 127.0.0.1:82 \
          | predicates: ["Host=web-app"] && Deny=403 when path(/a) && predicates: ["Host=api"] && Deny=403 when path(/b) && report No frontend: each backend has a route
      # a condition on a port denies more, as no line says which there are
      backend web ; server a 127.0.0.1:81 ; http-request deny if { dst_port 80 } { path /a } | APPROXIMATED! && Deny=403 when path(/a)
      # no route leads to a backend of mode tcp
      backend db ; option pgsql-check user a ; server a 127.0.0.1:5432 check | tcp://127.0.0.1:5432 && Deny=503 && no pool://
      backend db ; tcp-request content accept ; server a 127.0.0.1:5432 check | tcp://127.0.0.1:5432 && Deny=503 && no pool://
      backend db ; mode tcp ; server a 127.0.0.1:5432 check | tcp://127.0.0.1:5432 && Deny=503 && no pool://
      # a doubled backslash, as pages print it and HAProxy refuses it, gets a hint
      http-response set-header X-A max-age=1;\\\\ preload;\\\\ b if { path /a } | APPROXIMATED && says doubled backslash && max-age=1; preload; b when path(/a)
      http-request set-header X-A max-age=1;\\\\ preload;\\\\ b if { path /a } | APPROXIMATED && says doubled backslash && max-age=1; preload; b when path(/a)
      """)
  void other_backends(String lines, String expected) {
    ImportRow.check(lines, expected);
  }
}
