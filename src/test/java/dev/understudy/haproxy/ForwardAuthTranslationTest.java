package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Test;

/** What the actions of haproxy-auth-request become. */
class ForwardAuthTranslationTest {
  private static final String BACKEND = "backend auth\n  server a 127.0.0.1:9091\n";
  private static final String ASK = "http-request lua.auth-request auth /is-allowed";
  private static final String NOT = "!{ var(txn.auth_response_successful) -m bool }";

  private static Imported front(String... lines) {
    return Imports.good(Imports.front(lines) + BACKEND);
  }

  @Rows(
      """
      http-request deny if !{ var(txn.auth_response_successful) -m bool }
      http-request deny if ! { var(txn.auth_response_successful) -m bool }
      http-request deny deny_status 401 unless { var(txn.auth_response_successful) -m bool }
      http-request redirect location %[var(txn.auth_response_location)] if !{ var(txn.auth_response_successful) -m bool }
      """)
  void a_question_and_what_refuses_by_its_answer_is_one_filter(String refusal) {
    Imported imported = front(ASK, refusal);
    assertThat(imported.yaml())
        .contains("\"ForwardAuth=pool://auth/is-allowed\"")
        .doesNotContain("Deny=", "Redirect=");
    assertThat(Imports.verdict(imported, ASK).verdict()).isEqualTo(Verdict.APPROXIMATED);
    assertThat(Imports.verdict(imported, refusal).verdict()).isEqualTo(Verdict.EXACT);
  }

  @Test
  void fields_that_rules_take_of_the_answer_are_the_filters() {
    String set = "http-request set-header X-User %[var(req.auth_response_header.x_user)]";
    Imported imported = front(ASK, "http-request deny if " + NOT, set);
    assertThat(imported.yaml())
        .contains(
            "{ name: ForwardAuth, args: { url: \"pool://auth/is-allowed\", response-headers:"
                + " X-User } }")
        .doesNotContain("SetRequestHeader");
    assertThat(Imports.verdict(imported, set).verdict()).isEqualTo(Verdict.EXACT);
  }

  @Test
  void the_form_that_authelia_documents_is_one_filter_on_its_condition() {
    Imported imported =
        front(
            "acl protected hdr(host) -i app.test",
            "http-request lua.auth-intercept auth /api/authz/forward-auth HEAD *"
                + " remote-user,remote-groups - if protected",
            "http-request deny if protected " + NOT + " { var(txn.auth_response_code) -m int 403 }",
            "http-request redirect location %[var(txn.auth_response_location)] if protected "
                + NOT);
    assertThat(imported.yaml())
        .contains(
            "url: \"pool://auth/api/authz/forward-auth\", response-headers:"
                + " \"remote-user,remote-groups\" }, when: \"host(app.test)\"")
        .doesNotContain("Deny=", "Redirect=");
  }

  @Test
  void an_action_that_responds_itself_needs_no_rule_after_it() {
    Imported imported =
        front("http-request lua.auth-intercept auth /a GET cookie,x-tenant x-user location");
    assertThat(imported.yaml())
        .contains("response-headers: x-user, request-headers: \"cookie,x-tenant\"");
  }

  @Rows(
      """
      http-request lua.auth-request auth /a | http-request allow
      http-request lua.auth-request none /a | http-request deny if NOT
      http-request lua.auth-request auth /a | http-request deny if { path /a } NOT
      http-request lua.auth-request auth /a if { path /a } | http-request deny if NOT
      http-request lua.auth-request auth /a if { path /a } or { path /b } | http-request deny if { path /a } or { path /b } NOT
      http-request lua.auth-intercept auth /a GET * x-* location | http-request deny if NOT
      http-request lua.auth-intercept auth /a GET * - - | http-request allow
      """)
  void a_part_of_it_alone_stays_to_be_done(String ask, String other) {
    Imported imported = front(ask, other.replace("NOT", NOT));
    assertThat(imported.yaml()).doesNotContain("ForwardAuth=", "name: ForwardAuth");
    LineVerdict verdict = Imports.verdict(imported, ask);
    assertThat(verdict.verdict()).isEqualTo(Verdict.UNSUPPORTED);
    assertThat(verdict.guard()).isTrue();
  }
}
