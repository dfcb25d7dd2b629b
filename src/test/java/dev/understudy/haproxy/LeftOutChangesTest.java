package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Test;

/** What a change of the request that is left out means for the rules after it. */
class LeftOutChangesTest {
  @Rows(
      """
      set-uri %[url,regsub(^/p/,/)]         | deny if { path_beg /a }      | Deny=403 when path-prefix(/a)
      set-path %[path,regsub(a,%[src])]     | deny if { url_sub a }        | Deny=403 when target-contains(a)
      set-query %[rand]                     | deny if { query -m sub a }   | Deny=403 when query-string-contains(a)
      set-method %[rand] if { path /a }     | deny if { method POST }      | Deny=403 when method(POST)
      set-header Host %[req.hdr(X-A),lower] | deny if { hdr(host) -i a.b } | Deny=403 when host(a.b)
      set-header Cookie %[rand]             | deny if { req.cook(a) -m found } | Deny=403 when cookie(a)
      set-header X-A 1 if { url_len gt 60 } | deny if { hdr(X-A) 1 }       | Deny=403
      add-header X-A %[rand]                | deny if { hdr(X-A) 1 }       | Deny=403
      replace-header X-A (.*) %[src]        | deny if { hdr(X-A) 1 } { path /a } | Deny=403 when path(/a)
      set-uri %[url,regsub(^/p/,/)]         | tarpit if { path_beg /a }    | Tarpit=500, 5s when path-prefix(/a)
      set-uri %[url,regsub(^/p/,/)]         | allow if { path_beg /a }     | bind
      set-uri %[url,regsub(^/p/,/)]         | return status 404 if { path_beg /a } | path-prefix(/a)
      """)
  void a_guard_that_reads_what_is_not_changed_comes_first(
      String change, String guard, String filter) {
    Imported imported =
        Imports.good(Imports.front("http-request " + change, "http-request " + guard));
    LineVerdict verdict = Imports.verdict(imported, "http-request " + guard);
    assertThat(verdict.verdict()).isEqualTo(Verdict.APPROXIMATED);
    assertThat(verdict.guard()).isTrue();
    assertThat(verdict.text()).contains("http-request " + change);
    assertThat(imported.yaml()).contains(filter);
  }

  @Rows(
      """
      http-request set-uri %[url,regsub(^/p/,/)] | http-request deny if { src 10.0.0.1 }
      http-request set-uri %[url,regsub(^/p/,/)] | http-request deny if { hdr(X-A) 1 }
      http-request set-header X-A %[rand]        | http-request deny if { hdr(X-B) 1 }
      http-request set-path /a                   | http-request deny if { path_beg /a }
      http-request set-path %[path,lower]        | http-request deny if { path_beg /a }
      """)
  void a_guard_that_reads_something_else_is_said(String change, String guard) {
    Imported imported = Imports.good(Imports.front(change, guard));
    assertThat(Imports.verdict(imported, guard).verdict()).isEqualTo(Verdict.EXACT);
  }

  @Test
  void the_verdicts_of_other_rules_name_a_left_out_change() {
    String set = "http-request set-header X-B b if { path_beg /a }";
    String lead = "use_backend app if { path_beg /a }";
    Imported imported =
        Imports.good(Imports.front("http-request set-uri %[url,regsub(^/p/,/)]", set, lead));
    for (String line : new String[] {set, lead}) {
      assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.APPROXIMATED);
      assertThat(Imports.verdict(imported, line).text()).contains("without 'http-request set-uri");
    }
  }

  @Test
  void a_path_in_lower_case_is_compared_without_case() {
    Imported imported =
        Imports.good(
            Imports.front(
                "http-request deny if { path_beg /before }",
                "http-request set-path %[path,lower]",
                "http-request deny if { path_beg /after }",
                "http-request deny if !{ path_end -i .gif }"));
    assertThat(imported.yaml())
        .contains("Deny=403 when path-prefix(/before)")
        .contains("Deny=403 when path-prefix(i: /after)")
        .contains("Deny=403 when not path-suffix(i: .gif)");
  }

  @Test
  void a_variable_of_which_one_rule_is_left_out_chooses_no_backend() {
    String lead = "use_backend %[var(txn.a)]";
    Imported imported =
        Imports.good(
            Imports.front(
                "http-request set-var(txn.a) str(none)",
                "http-request set-var(txn.a) req.hdr(X-A),lower if { hdr(X-A) -m found }",
                lead));
    LineVerdict verdict = Imports.verdict(imported, lead);
    assertThat(verdict.verdict()).isEqualTo(Verdict.UNSUPPORTED);
    assertThat(verdict.text()).contains("a rule that sets the variable txn-a is left out");
  }

  @Rows(
      """
      request  | true
      response | false
      """)
  void the_target_as_it_came_is_none_after_a_change(String kind, boolean guard) {
    String set = "http-" + kind + " set-header X-A %[capture.req.uri]";
    String change = "http-request set-path /b if { path /a }";
    assertThat(Imports.verdict(Imports.good(Imports.front(set)), set).verdict())
        .isEqualTo(Verdict.EXACT);
    LineVerdict verdict = Imports.verdict(Imports.good(Imports.front(change, set)), set);
    assertThat(verdict.verdict()).isNotEqualTo(Verdict.EXACT);
    assertThat(verdict.guard()).isEqualTo(guard);
  }
}
