package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backends that a value of the request names. */
class NamedBackendsTest {
  private static final String SHOPS =
      """
      backend be_a.example
        server a 127.0.0.1:82
      backend be_B.example
        server a 127.0.0.1:83
      """;

  @Rows(
      """
      be_%[req.hdr(host),lower]            | Host=a.example             | be-b-example
      be_%[hdr(host),lower,host_only]      | Host=a.example             | be-b-example
      be_%[req.hdr(Host),lower,field(1,:)] | Host=a.example             | be-b-example
      be_%[req.hdr(host),word(1,:),lower]  | Host=a.example             | be-b-example
      be_%[req.hdr(X-To)]                  | When=header(X-To, a.example) | nothing
      be_%[url_param(to)]                  | When=query(to, a.example)    | nothing
      be_%[req.cook(to)].example           | When=cookie(to, a)           | nothing
      """)
  void a_route_leads_to_each_backend_whose_name_it_may_be(
      String name, String condition, String missing) {
    String line = "use_backend " + name;
    Imported imported = Imports.good(Imports.front(line) + SHOPS);
    assertThat(imported.yaml())
        .containsSubsequence("uri: \"pool://be-a-example\"", "predicates", condition)
        .contains("uri: \"pool://app\"")
        .doesNotContain("uri: \"pool://" + missing);
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.APPROXIMATED);
    assertThat(Imports.verdict(imported, line).text()).contains("whose name it may be");
  }

  @Test
  void several_values_in_a_backends_name_are_reported() {
    String line = "use_backend be_%[req.hdr(X-To)]";
    assertThat(Imports.verdict(Imports.good(Imports.front(line) + SHOPS), line).text())
        .contains("of several values any counts");
  }

  /** HAProxy looks at no further line if a value names no backend. */
  @ParameterizedTest
  @ValueSource(
      strings = {"be_%[req.hdr(host)]", "%[req.hdr(host),map(/m)]", "none_%[req.hdr(host)]"})
  void any_other_name_leads_to_the_default_backend_whatever_follows(String name) {
    String line = "use_backend " + name + " if { path /n }";
    Imported imported =
        (Imported)
            Imports.of(
                Imports.front(line, "use_backend be_B.example if { path_beg / }") + SHOPS,
                Map.of(),
                Map.of("/m", "a.example be_a.example\n"));
    assertThat(imported.yaml())
        .containsSubsequence(
            line,
            "pool://app",
            "When=path(/n)",
            "use_backend be_B.example",
            "pool://be-b-example",
            "default_backend app");
    assertThat(Imports.verdict(imported, "default_backend app").verdict()).isEqualTo(Verdict.EXACT);
  }

  @Test
  void without_a_default_backend_any_other_name_is_refused() {
    String text =
        """
        defaults
          mode http
        frontend web
          bind :80
          use_backend be_%[req.hdr(host)] if { path /n }
          use_backend be_B.example
        """;
    assertThat(Imports.good(text + SHOPS).yaml())
        .containsSubsequence(
            "Host=a.example", "no://op", "When=path(/n)", "Deny=503", "pool://be-b");
    String changed =
        text.replace("bind :80", "bind :80\n  http-request set-path /n if { path /m }");
    assertThat(Imports.good(changed + SHOPS).yaml())
        .containsSubsequence(
            "SetVariable=understudy.backend, be-a-example when",
            "SetVariable=understudy.backend, - when path(/n)",
            "SetVariable=understudy.backend, be-b-example when not variable(understudy.backend)",
            "Deny=503 when variable(understudy.backend, -)");
  }

  @Test
  void a_key_of_a_map_whose_backend_there_is_not_leads_to_the_default_backend() {
    Imported imported =
        (Imported)
            Imports.of(
                Imports.front("use_backend %[path,map_beg(/m,be_B.example)]") + SHOPS,
                Map.of(),
                Map.of("/m", "/ be_a.example\n/old gone\n"));
    assertThat(imported.yaml())
        .containsSubsequence(
            "gone", "pool://app", "/old", "pool://be-a-example", "pool://be-b-example");
  }

  @Rows(
      """
      be_%[req.hdr(host),regsub(x,y)]
      be_%[rand(2)]
      be_%[src]_%[path]
      be_%[path,field(2,/)]
      be_%HM
      """)
  void a_value_without_words_is_lost(String name) {
    String line = "use_backend " + name;
    Imported imported = Imports.good(Imports.front(line) + SHOPS);
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.UNSUPPORTED);
  }

  @Test
  void a_rule_before_that_changes_the_value_is_heard() {
    Imported imported =
        Imports.good(
            Imports.front(
                    "http-request set-header X-To a.example if { path /a }",
                    "use_backend be_%[req.hdr(X-To)]")
                + SHOPS);
    assertThat(imported.yaml())
        .contains("SetVariable=understudy.backend, be-a-example when")
        .doesNotContain("When=");
  }

  @Test
  void a_whole_key_whose_backend_there_is_not_needs_no_route() {
    Imported imported =
        (Imported)
            Imports.of(
                Imports.front("use_backend %[path,map(/m)]") + SHOPS,
                Map.of(),
                Map.of("/m", "/a be_a.example\n/old gone\n"));
    assertThat(imported.yaml())
        .containsSubsequence("gone", "pool://be-a-example", "pool://app")
        .doesNotContain("/old");
  }

  private static final String TCP =
      """
      defaults
        mode tcp
      frontend web
        bind :443
        LINE
        default_backend app
      backend app
        server a 127.0.0.1:81
      backend tls_a.example
        server a 127.0.0.1:82
      backend tls_h.example
        mode http
        server a 127.0.0.1:83
      """;

  @ParameterizedTest
  @ValueSource(strings = {"tls_%[req_ssl_sni]", "tls_%[req.ssl_sni,lower]"})
  void a_server_name_leads_to_the_backend_that_it_names(String name) {
    String line = "use_backend " + name;
    Imported imported = Imports.good(TCP.replace("LINE", line));
    assertThat(imported.yaml()).contains("server-names: { a.example: tls-a-example }");
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.APPROXIMATED);
    assertThat(Imports.verdict(imported, line).guard()).isFalse();
  }

  @Rows(
      """
      tls_%[src]
      tls_%[req_ssl_sni] if { src 10.0.0.0/8 }
      none_%[req_ssl_sni]
      tls_%[req_ssl_sni,map(/m)]
      """)
  void connections_led_by_anything_else_are_a_guard(String words) {
    String line = "use_backend " + words;
    Imported imported = Imports.good(TCP.replace("LINE", line));
    assertThat(imported.yaml()).doesNotContain("server-names");
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.UNSUPPORTED);
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
  }

  @Test
  void backends_that_there_are_not_are_named_where_rules_change_what_chooses() {
    assertThat(
            Imports.problems(
                """
                defaults
                  mode http
                frontend web
                  bind :80
                  http-request set-path /x
                  use_backend one if { path /x }
                  default_backend two
                backend app
                  server s 192.0.2.1:80
                """))
        .contains("found 'one'", "found 'two'");
  }
}
