package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Test;

/** Lines whose loss would let clients pass for others, or pass by a login or a decision. */
class ForgeryTest {
  @Rows(
      """
      http-request set-header X-Cert %[ssl_c_der,base64]            | RemoveRequestHeader=X-Cert
      http-request set-header X-Mail %[ssl_c_s_dn(emailAddress)]    | RemoveRequestHeader=X-Mail
      http-request set-header X-By %[ssl_c_i_dn(CN)]                | RemoveRequestHeader=X-By
      http-request set-header X-User %[http_auth_user] if { path /a } | RemoveRequestHeader=X-User when path(/a)
      http-request set-header X-Role admin if { rand(2) 1 } { path /a } | RemoveRequestHeader=X-Role when path(/a)
      http-request set-header X-Role admin if { rand(2) 1 }         | RemoveRequestHeader=X-Role
      http-request set-header X-Role admin unless { rand(2) 1 }     | RemoveRequestHeader=X-Role
      http-request set-header X-Of %[var(txn.agent)]                | RemoveRequestHeader=X-Of
      http-request set-header X-A %[req.hdr(X-B,1)]                 | RemoveRequestHeader=X-A
      """)
  void a_field_that_cannot_be_set_is_removed(String line, String filter) {
    Imported imported = Imports.good(Imports.front(line));
    assertThat(imported.yaml()).contains("- \"" + filter + "\"");
    LineVerdict verdict = Imports.verdict(imported, line);
    assertThat(verdict.verdict()).isEqualTo(Verdict.APPROXIMATED);
    assertThat(verdict.guard()).isTrue();
    assertThat(verdict.text()).contains("no client forges it");
  }

  @Test
  void a_field_of_a_backend_that_cannot_be_set_is_removed() {
    assertThat(
            Imports.good(Imports.back("http-request set-header X-Cert %[ssl_c_der,base64]")).yaml())
        .contains("- \"RemoveRequestHeader=X-Cert\"");
  }

  @Test
  void a_field_with_a_time_is_removed_and_is_no_guard() {
    String line = "http-request set-header X-Start t=%[date_us]";
    Imported imported = Imports.good(Imports.front(line));
    assertThat(imported.yaml()).contains("- \"RemoveRequestHeader=X-Start\"");
    assertThat(Imports.verdict(imported, line))
        .extracting(LineVerdict::verdict, LineVerdict::guard)
        .containsExactly(Verdict.UNSUPPORTED, false);
  }

  @Rows(
      """
      X-SSL %[ssl_fc]                       | X-SSL, 1 when tls | X-SSL, 0 when not tls
      X-SSL tls=%[ssl_fc] if { path /a }    | X-SSL, tls=1 when path(/a) and tls | X-SSL, tls=0 when path(/a) and not tls
      X-SSL %[ssl_fc] if { ssl_fc }         | X-SSL, 1 when tls | RemoveRequestHeader=A
      X-V %[ssl_c_verify]                   | X-V, 0 when tls   | RemoveRequestHeader=X-V when not tls
      X-C %[ssl_c_used]                     | X-C, 1 when client-certificate | X-C, 0 when tls and not client-certificate
      """)
  void what_a_connection_decides_is_said_by_conditions(String header, String one, String other) {
    String line = "http-request set-header " + header;
    Imported imported = Imports.good(Imports.front(line, "http-request del-header A"));
    assertThat(imported.yaml()).containsSubsequence(one, other);
    assertThat(Imports.verdict(imported, line).guard()).isFalse();
    assertThat(Imports.verdict(imported, line).verdict()).isNotEqualTo(Verdict.UNSUPPORTED);
  }

  @Test
  void an_empty_field_is_removed() {
    assertThat(
            Imports.good(
                    Imports.front(
                        "http-request set-header X-A \"\"", "http-response set-header X-B \"\""))
                .yaml())
        .contains("- \"RemoveRequestHeader=X-A\"", "- \"RemoveResponseHeader=X-B\"");
  }

  @Rows(
      """
      location /login if !{ rand(2) 1 } { path_beg /a }   | Deny=403 when path-prefix(/a)
      location /login?to=%[url,url_enc] if { path /a }    | Deny=403 when path(/a)
      location /login unless { rand(2) 1 }                | app
      location /login?to=%[url,url_enc]                   | app
      scheme https unless { rand(2) 1 }                   | app
      code 303 location /login unless { rand(2) 1 }       | app
      """)
  void a_lost_redirect_to_a_login_comes_first(String redirect, String filter) {
    String line = "http-request redirect " + redirect;
    Imported imported = Imports.good(Imports.front(line));
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
    assertThat(imported.yaml()).contains(filter).doesNotContain("Redirect=");
  }

  @Rows(
      """
      http-request redirect location https://a.com code 301 if { rand(2) 1 }  | UNSUPPORTED
      http-request redirect prefix https://a.com code 308 if { rand(2) 1 }    | UNSUPPORTED
      redirect location /login if { rand(2) 1 } { always_false }              | NOT_NEEDED
      """)
  void a_lost_redirect_to_a_better_name_is_no_guard(String line, Verdict verdict) {
    assertThat(Imports.verdict(Imports.good(Imports.front(line)), line))
        .extracting(LineVerdict::verdict, LineVerdict::guard)
        .containsExactly(verdict, false);
  }

  @Rows(
      """
      redirect code 301 location /b               | Redirect=301, /b
      redirect drop-query code 307 prefix /b      | Redirect=307, /b{path}
      http-request redirect code 308 scheme https | Redirect=308, https://{host}{target}
      redirect location /a location /b            | Redirect=302, /b
      redirect location /a%20b                    | Redirect=302, /a%20b
      http-request redirect location /a%%20b      | Redirect=302, /a%20b
      """)
  void options_of_a_redirect_come_in_any_order(String line, String filter) {
    assertThat(Imports.good(Imports.front(line)).yaml()).contains("- \"" + filter + "\"");
  }

  @Rows(
      """
      filter spoe engine waf config /etc/waf.cfg      | true
      filter bwlim-out slow default-limit 1m default-period 1s | true
      filter trace                                    | false
      """)
  void a_filter_that_decides_is_a_guard(String line, boolean guard) {
    assertThat(Imports.verdict(Imports.good(Imports.front(line)), line))
        .extracting(LineVerdict::verdict, LineVerdict::guard)
        .containsExactly(Verdict.UNSUPPORTED, guard);
  }

  @Test
  void what_an_agent_decides_denies_more() {
    String line = "http-request deny if { var(txn.waf.action) -m str deny } { path_beg /a }";
    Imported imported = Imports.good(Imports.front("filter spoe engine waf config /w", line));
    assertThat(imported.yaml()).contains("- \"Deny=403 when path-prefix(/a)\"");
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
  }

  @Test
  void a_variable_has_a_value_after_the_rule_that_sets_it() {
    String set = "http-request set-var(txn.a) req.hdr(X-A)";
    String deny = "http-request deny if { var(txn.a) -m str b } { path /p }";
    assertThat(Imports.good(Imports.front(set, deny)).yaml())
        .contains("Deny=403 when variable(txn-a, b) and path(/p)");
    assertThat(Imports.good(Imports.front(deny, set)).yaml()).contains("Deny=403 when path(/p)\"");
  }

  @Test
  void a_variable_of_the_frontend_has_its_value_in_the_backend_and_not_that_of_another_backend() {
    String deny = "http-request deny if { var(txn.a) -m str b } { path /p }";
    String known = "Deny=403 when variable(txn-a, b) and path(/p)";
    assertThat(
            Imports.good(
                    Imports.front("http-request set-var(txn.a) req.hdr(X-A)") + "  " + deny + "\n")
                .yaml())
        .contains(known);
    assertThat(
            Imports.good(
                    Imports.front("use_backend other if { path_beg /o }")
                        + "  "
                        + deny
                        + "\nbackend other\n  server a 127.0.0.1:82\n"
                        + "  http-request set-var(txn.a) req.hdr(X-A)\n")
                .yaml())
        .contains("Deny=403 when path(/p)\"")
        .doesNotContain(known);
  }

  @Test
  void a_response_knows_variables_that_a_backend_sets() {
    assertThat(
            Imports.good(
                    Imports.front("http-response set-header X-A %[var(txn.a)]")
                        + "  http-request set-var(txn.a) path\n")
                .yaml())
        .contains("SetResponseHeader=X-A, {variable.txn-a}");
  }
}
