package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What feeds a guard: its conditions ask for that, in any form of the path, or it comes first. */
class GuardFlowTest {
  private static final String RULE = "http-request ";

  @Rows(
      """
      # A sample without a value sets no variable.
      set-var(txn.a) req.hdr(x-token)     | deny unless { var(txn.a) -m found } | Deny=403 when not header(x-token)
      set-var(txn.a) req.cook(sid)        | deny unless { var(txn.a) -m found } | Deny=403 when not cookie(sid)
      set-var(txn.a) url_param(key)       | deny unless { var(txn.a) -m found } | Deny=403 when not query(key)
      set-var(req.a) hdr(x-token)         | deny if !{ var(req.a) -m found } | Deny=403 when not header(x-token)
      # A variable of the path, or set by a condition on it.
      set-var(txn.p) path                 | deny if { var(txn.p) -m beg /admin } | Deny=403 when path-prefix(/admin)
      set-var(txn.p) path,lower           | deny if { var(txn.p) -m end .git } | Deny=403 when path-suffix(i: .git)
      set-var-fmt(txn.p) %[path]          | deny if { var(txn.p) -m sub .. } | Deny=403 when path-contains(..)
      set-var(txn.b) str(1) if { path_sub ../ } | deny if { var(txn.b) -m found } | Deny=403 when path-contains(../)
      set-var(txn.b) bool(true) if { path_sub ../ } | deny if { var(txn.b) -m bool } | Deny=403 when path-contains(../)
      set-var(txn.b) int(1) if { path_reg ^/x } | deny if { var(txn.b) -m str 1 } | Deny=403 when path-matches("^/x")
      set-var(txn.b) str(yes) if { path_beg /p } | deny unless { var(txn.b) -m str yes } | Deny=403 when not path-prefix(/p)
      # What is of one host, method or connection.
      set-var(txn.h) hdr(host)            | deny if { var(txn.h) -m str -i a.example } | Deny=403 when host(a.example)
      set-var(txn.h) req.hdr(host),lower  | deny if { var(txn.h) -m reg ^a\\. } | Deny=403 when host-matches("^a\\\\.")
      set-var(txn.s) src                  | deny if { var(txn.s) -m ip 10.0.0.0/8 } | Deny=403 when client-address(10.0.0.0/8)
      set-var(txn.t) ssl_fc               | deny unless { var(txn.t) -m bool } | Deny=403 when not tls
      # A value that may be empty is there.
      set-header X-Guard %[req.hdr(x)] | deny if { hdr(x-guard) -m found } !{ src 10.0.0.1 } | Deny=403 when not client-address(10.0.0.1)
      set-header X-Guard %[src] if { method GET } | deny if { hdr(x-guard) -m found } | Deny=403 when header(x-guard) or method(GET)
      add-header X-Guard %[req.hdr(x)] if { method GET } | deny if !{ hdr(x-guard) -m found } | Deny=403 when not (header(x-guard) or method(GET))
      replace-header X-Guard a b       | deny if { hdr(x-guard) -m found } | Deny=403 when header(x-guard)
      # A field that only rules set.
      del-header X-In | deny unless { hdr(X-In) 1 } | Deny=403 when not header(X-In, 1)
      """)
  void a_guard_asks_for_what_rules_before_have_read(String before, String guard, String filter) {
    Imported imported = Imports.good(Imports.front(RULE + before, RULE + guard));
    assertThat(imported.yaml())
        .contains("- \"" + filter.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
    assertThat(Imports.verdict(imported, RULE + guard).guard()).isFalse();
  }

  @Test
  void the_last_rule_that_sets_a_variable_counts() {
    assertThat(
            Imports.good(
                    Imports.front(
                        "http-request set-var(txn.a) str(no)",
                        "http-request set-var(txn.a) str(yes) if { path_beg /p }",
                        "http-request set-var(txn.a) str(no) if { path_beg /p/x }",
                        "http-request deny if { var(txn.a) -m str no }"))
                .yaml())
        .contains("Deny=403 when path-prefix(/p/x) or not (path-prefix(/p/x) or path-prefix(/p))");
  }

  @Test
  void a_field_set_by_the_path_alone_is_asked_for_by_its_conditions() {
    assertThat(
            Imports.good(
                    Imports.front(
                        "http-request del-header X-Area",
                        "http-request set-header X-Area admin if { path_beg /admin }",
                        "http-request deny if { hdr(X-Area) admin } !{ src 10.0.0.1 }"))
                .yaml())
        .contains("Deny=403 when path-prefix(/admin) and not client-address(10.0.0.1)");
  }

  @Rows(
      """
      set-header X-Area admin if { path_beg /a }  | deny if { hdr(X-Area) admin }
      set-header X-Area %[path]                   | deny if { hdr(X-Area) /a }
      set-var-fmt(txn.a) %[path]-%[method]        | deny if { var(txn.a) -m sub admin }
      set-var(sess.a) str(1) if { path /a }       | deny if { var(sess.a) -m found }
      add-header X-Area a if !{ hdr(host) -i a.example }  | deny if { hdr(X-Area) a }
      set-var(req.a) url_param(q)                 | deny if !{ var(req.a) -m str 1 }
      set-var(sess.a) src if { path /a }          | deny unless { var(sess.a) -m found }
      """)
  void a_guard_that_reads_what_is_set_otherwise_comes_first(String before, String guard) {
    Imported imported = Imports.good(Imports.front(RULE + before, RULE + guard));
    LineVerdict verdict = Imports.verdict(imported, RULE + guard);
    assertThat(verdict.guard()).as(verdict.text()).isTrue();
    assertThat(imported.isLossy()).isTrue();
  }

  @Test
  void a_variable_keeps_the_path_of_its_time() {
    Imported imported =
        Imports.good(
            Imports.front(
                "http-request set-var(txn.p) path",
                "http-request set-path /x",
                "http-request deny if { var(txn.p) -m beg /admin }"));
    assertThat(imported.yaml()).contains("Deny=403 when variable-prefix(txn-p, /admin)");
    assertThat(imported.isLossy()).isTrue();
  }

  @Rows(
      """
      path,url_dec -m sub <script         | path-matches("(?:<|%3[Cc])(?:s|%73)(?:c|%63)
      path,url_dec,lower -m beg /a        | path-matches(i: "^(?:/|%2[Ff])(?:a|%41|%61)")
      query,url_dec -m sub "a b"        | query-string-matches("(?:a|%61)(?: |%20|\\\\+)
      req.body_size gt 100                | content-length(> 100) or header(Transfer-Encoding)
      req.body_len lt 5                   | content-length(< 5) or (not header(Transfer-Encoding) and not header(Content-Length)) or header(Transfer-Encoding)
      src 10.0.0.0/255.255.0.0 192.168.1.0/255.255.255.0 | client-address(10.0.0.0/16, 192.168.1.0/24)
      src 10.0.0.0/255.0.255.0 1.2.3.4    | client-address(1.2.3.4) or client-address(10.0.0.0/8)
      src 0.0.0.1/0.0.0.255                | Deny=403
      """)
  void a_guard_denies_at_least_what_haproxy_denies(String criterion, String filter) {
    String line = "http-request deny if { " + criterion + " }";
    assertThat(Imports.good(Imports.front(line)).yaml())
        .contains(filter.replace("\\", "\\\\").replace("\"", "\\\""));
  }

  @Test
  void conditions_on_variables_choose_backends() {
    String lead = "use_backend other if { var(txn.txnhost) -m str -i www.example.com }";
    Imported imported =
        Imports.good(
            Imports.front("http-request set-var(txn.txnhost) hdr(host)", lead)
                + "backend other\n  server a 127.0.0.1:82\n");
    assertThat(imported.yaml()).contains("predicates: [\"Host=www.example.com\"]");
    assertThat(Imports.verdict(imported, lead).verdict()).isNotEqualTo(Verdict.UNSUPPORTED);
    assertThat(imported.isLossy()).isFalse();
  }

  private static final String TWO =
      "defaults\n  mode http\nfrontend web\n  bind :80\n  %s\n  default_backend open\n"
          + "backend open\n  server a 127.0.0.1:81\n"
          + "backend wall\n  %s\n  server b 127.0.0.1:82\n";

  @Rows(
      """
      if { path_sub ../ }      | http-request deny      | path-contains(../)
      if { path_sub %2e%2e }   | http-request deny      | path-contains(%2e%2e)
      if { path_beg /admin }   | http-request reject    | path-prefix(/admin)
      if !{ path_beg /public } | http-request return status 403 | not path-prefix(/public)
      if { path_beg /admin }   | http-request auth unless { path_end .css } | path-prefix(/admin) and not path-suffix(.css)
      if { path_beg /a }       | http-request deny if { hdr(x) 1 }  | path-prefix(/a)
      """)
  void paths_of_which_a_form_leads_to_a_backend_that_refuses_are_denied_elsewhere(
      String choice, String rule, String when) {
    Imported imported = Imports.good(TWO.formatted("use_backend wall " + choice, rule));
    assertThat(imported.yaml())
        .containsSubsequence("id: web-wall", "id: web-open", "\"Deny=403 when " + when + "\"");
  }

  @Test
  void a_path_that_leads_away_from_a_guard_has_no_other_form() {
    Imported imported =
        Imports.good(
            TWO.formatted(
                    "use_backend open if { path /a }\n  use_backend wall", "http-request deny")
                .replace("  default_backend open\n", ""));
    assertThat(imported.yaml())
        .containsSubsequence("id: web-open", "\"Deny=403 when not path(/a)\"", "id: web-wall");
  }

  @Test
  void a_choice_after_a_change_of_the_path_denies_other_forms_too() {
    Imported imported =
        Imports.good(
            TWO.formatted(
                "http-request replace-path /x/(.*) /\\1\n  use_backend wall if { path_sub ../ }",
                "http-request deny"));
    assertThat(imported.yaml())
        .contains(
            "\"Deny=403 when path-contains(../) and not variable(understudy.backend, wall)\"");
  }

  /** The host's line comes first, so /admin there is not the wall's. */
  @Test
  void a_choice_before_that_is_not_of_the_path_keeps_its_requests() {
    assertThat(
            Imports.good(
                    TWO.formatted(
                        "http-request replace-path /x/(.*) /\\1\n"
                            + "  use_backend open if { hdr(host) a.example }\n"
                            + "  use_backend wall if { path_beg /admin }",
                        "http-request deny"))
                .yaml())
        .contains(
            "\"Deny=403 when path-prefix(/admin) and not host(a.example) and not"
                + " variable(understudy.backend, wall)\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cookie A insert",
        "redirect scheme https if !{ ssl_fc }",
        "stick-table type ip size 1k expire 1m store http_req_rate(1m)\n"
            + "  http-request track-sc0 src\n"
            + "  http-request deny if { sc_http_req_rate(0) gt 9 }"
      })
  void a_backend_whose_rules_protect_no_path_gets_no_filter_elsewhere(String rules) {
    assertThat(Imports.good(TWO.formatted("use_backend wall if { path_beg /a }", rules)).yaml())
        .doesNotContain("Deny=");
  }

  @Rows(
      """
      if { path_beg /p } !{ var(txn.ok) -m bool }  | When=path-prefix(/p)  | Deny=403
      if { path_beg /p } !{ rand(2) 1 }            | When=path-prefix(/p)  | Deny=403
      if { path_beg /p } or { path /q } { rand(2) 1 } | When=path-prefix(/p) | Deny=403
      """)
  void requests_that_may_be_led_away_are_refused(String condition, String route, String deny) {
    String line = "use_backend wall " + condition;
    Imported imported = Imports.good(TWO.formatted(line, "http-request set-header X-A b"));
    assertThat(imported.yaml()).containsSubsequence(route, deny, "default_backend open");
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
    assertThat(imported.isLossy()).isTrue();
  }

  @Test
  void a_choice_of_which_nothing_is_known_comes_first() {
    String line = "use_backend wall if !{ rand(2) 1 }";
    Imported imported = Imports.good(TWO.formatted(line, "cookie A insert"));
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
  }

  @Rows(
      """
      http-request return status 200 string no if !{ hdr_len(x) gt 3 } | Respond=200, no
      http-request return status 200 string no if { path /a } { rand(2) 1 } | Respond=200, no when path(/a)
      """)
  void a_response_of_its_own_keeps_more_from_servers(String line, String filter) {
    Imported imported = Imports.good(Imports.front(line));
    assertThat(imported.yaml()).contains(filter);
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
  }

  @Test
  void a_denial_with_a_field_of_its_own_has_the_status_of_a_denial() {
    assertThat(Imports.good(Imports.front("http-request deny hdr X-Rule 8 if { path /b }")).yaml())
        .contains("status: 403");
  }

  @Test
  void a_redirect_by_a_field_that_only_trusted_proxies_send_comes_first() {
    String line = "redirect location /login if { hdr(x-forwarded-for) -m found }";
    assertThat(Imports.verdict(Imports.good(Imports.front(line)), line).guard()).isTrue();
  }

  /** Where a guard lets requests pass, what ignores a port or an encoding lets more of them. */
  @Rows(
      """
      deny if { hdr(host) -i a.example }      | false
      deny if !{ hdr(host) -i a.example }     | true
      deny unless { hdr_end(host) -i .example } | true
      redirect location /login if !{ hdr(host) a.example } | true
      deny if { url_param(q) 1 }              | false
      deny if !{ url_param(q) 1 }             | true
      deny unless { url_param(q) -m found }   | false
      deny unless { query a=b }               | false
      deny if !{ hdr(host),field(1,:) -i a.example } | true
      deny unless { hdr_sub(host) -i admin }  | true
      deny if !{ ssl_fc_sni a.example }       | true
      allow if { hdr(host) -i a.example }     | true
      allow if !{ hdr(host) -i a.example }    | false
      allow if { url_param(q) 1 }             | true
      allow if { url_beg /open }              | true
      deny if !{ url_beg /open }              | true
      deny if { url_beg /admin }              | false
      deny if !{ pathq -m beg /open }         | false
      """)
  void a_condition_that_permits_is_as_narrow_or_comes_first(String rule, boolean named) {
    String line = "http-request " + rule;
    assertThat(Imports.verdict(Imports.good(Imports.front(line)), line).guard()).isEqualTo(named);
  }

  /** A choice of a backend is a guard where that backend, or one of a later line, refuses. */
  @Rows(
      """
      use_backend wall if !{ hdr(host) a.example }               | http-request deny | open | true
      use_backend wall if !{ hdr(host) -i a.example }            | http-request deny | open | true
      use_backend wall unless { hdr(host),field(1,:) -i a.example } | http-request auth | open | true
      use_backend wall if !{ hdr_end(host) -i .example }         | http-request return status 200 | open | true
      use_backend wall if !{ hdr_beg(host) -i a. }               | http-request reject | open | true
      use_backend wall if !{ url_param(q) 1 }                    | http-request redirect location /login | open | true
      use_backend wall if !{ hdr(host) a.example }               | cookie A insert   | open | false
      use_backend wall if { hdr(host) -i a.example }             | http-request deny | open | false
      use_backend wall if !{ query a=b }                         | http-request deny | open | false
      use_backend open if { hdr(host) -i a.example }             | http-request deny | wall | true
      use_backend open if { hdr(host) -i a.example }             | cookie A insert   | wall | false
      use_backend open if !{ hdr(host) -i a.example }            | http-request deny | wall | false
      use_backend %[hdr(host),lower,map(hosts.map,wall)]         | http-request deny | open | true
      use_backend %[hdr(host),lower,map(hosts.map,open)]         | http-request deny | wall | false
      use_backend %[hdr(host),lower,map(hosts.map)]              | http-request deny | wall | true
      use_backend %[req.hdr(host),lower]                         | http-request deny | wall | true
      """)
  void a_choice_that_leads_past_a_guard_comes_first(
      String line, String rule, String last, boolean named) {
    String text =
        TWO.formatted(line, rule).replace("default_backend open", "default_backend " + last);
    for (String before :
        List.of("", "http-request set-header Host b.example if { src 10.0.0.1 }")) {
      Imported imported =
          (Imported)
              Imports.of(
                  text.replace("  use_backend", "  " + before + "\n  use_backend"),
                  Map.of(),
                  Map.of("hosts.map", "a.example open\n"));
      assertThat(Imports.verdict(imported, line).guard())
          .as(before + "\n" + imported.report())
          .isEqualTo(named);
    }
  }

  @Test
  void a_choice_of_a_guard_that_reads_what_a_rule_left_out_would_have_set_comes_first() {
    String line = "use_backend wall if { hdr(host) a.example }";
    String change = "http-request set-header Host a.example if { rand(2) 1 }";
    Imported imported = Imports.good(TWO.formatted(change + "\n  " + line, "http-request deny"));
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
    assertThat(
            Imports.verdict(
                    Imports.good(TWO.formatted(change + "\n  " + line, "cookie A insert")), line)
                .guard())
        .isFalse();
  }

  @Rows(
      """
      src
      dst_port
      path
      method
      """)
  void a_guard_that_asks_whether_something_is_true_denies_everything(String sample) {
    String line = "http-request deny if { var(req.v) -m bool }";
    Imported imported = Imports.good(Imports.front("http-request set-var(req.v) " + sample, line));
    assertThat(imported.yaml()).containsPattern("- (\"Deny=403\"|Deny=403)\n");
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
  }

  @Rows(
      """
      use_backend %[src,map_ip(hosts.map,wall)]
      use_backend %[hdr(host),map(other.map,wall)]
      use_backend %[hdr(host),map_str(hosts.map)]-x
      use_backend %[rand(2)]
      use_backend %[req.hdr(host)] if { rand(2) 1 }
      """)
  void a_choice_by_a_value_without_words_comes_first(String line) {
    Imported imported =
        (Imported)
            Imports.of(
                TWO.formatted(line, "http-request deny"),
                Map.of(),
                Map.of("hosts.map", "10.0.0.1 open\n"));
    LineVerdict verdict = Imports.verdict(imported, line);
    assertThat(verdict.guard()).as(verdict.text()).isTrue();
  }
}
