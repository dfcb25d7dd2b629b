package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What single lines become. */
class TranslationTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "http-request deny                                       | - \"Deny=403\"",
        "http-request deny deny_status 429 if { path /a }        | - \"Deny=429 when path(/a)\"",
        "http-request deny unless { src 10.0.0.0/8 }             | - \"Deny=403 when not"
            + " client-address(10.0.0.0/8)\"",
        "http-request silent-drop if { path /a }                 | - \"Reject when path(/a)\"",
        "http-request tarpit deny_status 429                     | - \"Tarpit=429, 5s\"",
        "http-request return status 200 string hello             | - \"Respond=200, hello\"",
        "http-request redirect scheme https if !{ ssl_fc }       | - \"RedirectToHttps=302\"",
        "redirect prefix https://x.com code 301                  | - \"Redirect=301,"
            + " https://x.com{target}\"",
        "redirect location /b code 307 if { path /a }            | - \"Redirect=307, /b when"
            + " path(/a)\"",
        "http-request set-header X-A %[src]                      | - \"SetRequestHeader=X-A,"
            + " {client.address}\"",
        "http-request add-header X-A a,b                         | - { name: AddRequestHeader,"
            + " args: { name: X-A, value: \"a,b\" } }",
        "http-request del-header X-A                             | - \"RemoveRequestHeader=X-A\"",
        "http-request set-path /x%[path]                         | - \"SetPath=/x{path}\"",
        "http-request replace-path /a/(.*) /b/\\1                | - \"RewritePath=^.*?/a/(.*),"
            + " /b/$1\"",
        "http-request set-query a=1                              | - \"SetQuery=a=1\"",
        "http-request set-var(txn.t) req.hdr(X-T)                | - \"SetVariable=txn-t,"
            + " {header.X-T}\"",
        "http-response set-header X-A b                          | - \"SetResponseHeader=X-A, b\"",
        "http-response set-header X-A b if { status 404 }        | - \"SetResponseHeader=X-A, b"
            + " when status(404)\"",
        "http-response del-header Server                         | -"
            + " \"RemoveResponseHeader=Server\"",
        "monitor-uri /up                                         | - \"Respond=200, OK when"
            + " path(/up)\"",
        "tcp-request connection reject if { src 10.0.0.0/8 }     | - \"Reject when"
            + " client-address(10.0.0.0/8)\""
      })
  void a_rule_becomes_a_filter(String line, String filter) {
    assertThat(Imports.good(Imports.front(line)).yaml()).contains("      " + filter + "\n");
  }

  @Test
  void rules_keep_haproxys_order_whatever_that_of_the_lines() {
    String yaml =
        Imports.good(
                Imports.front(
                    "redirect location /r if { path /r }",
                    "http-request set-header X-A b",
                    "http-request deny if { path /d }",
                    "tcp-request content reject if { path /t }",
                    "monitor-uri /m"))
            .yaml();
    assertThat(yaml)
        .containsSubsequence(
            "Reject when", "Respond=200", "SetRequestHeader=X-A", "Deny=403", "Redirect=302");
  }

  @Test
  void what_an_allow_lets_pass_no_later_rule_denies() {
    assertThat(
            Imports.good(
                    Imports.front(
                        "http-request allow if { src 10.0.0.0/8 }",
                        "http-request deny if { path_beg /admin }"))
                .yaml())
        .contains("Deny=403 when not client-address(10.0.0.0/8) and path-prefix(/admin)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "http-request deny if { path /a } { rand(2) 1 }   | Deny=403 when path(/a)",
        "http-request deny if { rand(2) 1 }               | Deny=403",
        "http-request deny if { path /a } !{ rand(2) 1 }  | Deny=403 when path(/a)",
        "http-request allow if { rand(2) 1 }              | in-or-web",
        "http-request deny if { var(txn.lost) -m found }  | Deny=403",
        "http-request deny if { req.hdr(X-A,-1) b }       | Deny=403",
        "http-request deny if { path_reg ^/(?!api) }      | Deny=403"
      })
  void a_guard_with_an_unknown_part_denies_more_and_comes_first(String line, String filter) {
    Imported imported = Imports.good(Imports.front("http-request set-var(txn.lost) rand(3)", line));
    LineVerdict verdict = Imports.verdict(imported, line);
    assertThat(verdict.guard()).isTrue();
    assertThat(verdict.verdict()).isEqualTo(Verdict.DIFFERENTLY);
    assertThat(imported.isLossy()).isTrue();
    assertThat(imported.report()).startsWith("DENIES, LIMITS OR AUTHENTICATES");
    if (filter.startsWith("Deny")) {
      assertThat(imported.yaml()).contains("- \"" + filter + "\"");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "http-request deny if { req.hdr(X-Real-IP) 192.0.2.1 }        | true  | trusted-proxies",
        "http-request deny if { hdr_cnt(X-Forwarded-For) gt 1 }       | true  | trusted-proxies",
        "http-request track-sc0 req.hdr(X-Forwarded-For)              | true  | trusted-proxies",
        "redirect scheme https if !{ ssl_fc } !{ hdr(X-Forwarded-Proto) https } | false |"
            + " trusted-proxies",
        "http-request set-header X-A %[req.hdr(X-Forwarded-For)]      | false | trusted-proxies",
        "http-request set-var(txn.a) req.hdr(Forwarded)               | false | trusted-proxies",
        "http-request deny unless { hdr(host) a.com:8443 }            | true  | without its port",
        "http-request deny unless { req.fhdr(X-A) a }                 | true  | whole lines",
      })
  void a_rule_that_does_less_says_so(String line, boolean guard, String how) {
    Imported imported = Imports.good(Imports.front(line));
    LineVerdict verdict = Imports.verdict(imported, line);
    assertThat(verdict.verdict()).isEqualTo(Verdict.DIFFERENTLY);
    assertThat(verdict.guard()).isEqualTo(guard);
    assertThat(verdict.text()).contains(how);
    if (how.equals("trusted-proxies")) {
      assertThat(imported.report()).contains("--understudy.trusted-proxies=");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http-request deny if { hdr(X-Real-IP) 192.0.2.1 }",
        "http-request deny if { hdr(X-Real-IP) 192.0.2.1 } { always_false }",
        "http-request set-header X-A %[req.hdr(X-Real-IP)]%[rand(2)]",
        "http-request capture req.hdr(X-Real-IP) len 20",
      })
  void a_difference_of_one_line_is_not_told_of_the_next(String line) {
    String next = "http-request deny if { hdr(host) a.com }";
    Imported imported = Imports.good(Imports.front(line, next));
    assertThat(Imports.verdict(imported, next).guard()).isFalse();
    assertThat(Imports.verdict(imported, next).text()).doesNotContain("X-Real-IP");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "http-request track-sc0 req.hdr(X-A,-1)                  | true",
        "http-request set-header X-A %[req.hdr(X-B,1)]           | false",
        "http-request replace-path ^/(?!api)(.*) /x/\\1          | false",
        "http-request replace-header X-A (a) \\2                 | false",
        "http-response replace-header X-A (?<=a)b c              | false",
      })
  void what_has_no_words_is_lost(String line, boolean guard) {
    LineVerdict verdict = Imports.verdict(Imports.good(Imports.front(line)), line);
    assertThat(verdict.verdict()).isEqualTo(Verdict.LOST);
    assertThat(verdict.guard()).isEqualTo(guard);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "server two 127.0.0.1:82 check backup     | two: { url: \"http://127.0.0.1:82\", role:"
            + " backup }",
        "server two 127.0.0.1:82 maxconn 5        | max-requests: 5",
        "server two 127.0.0.1:82 weight 7         | weight: 7",
        "server Two_2 [::1]:82                    | two-2: { url: \"http://[::1]:82\" }",
        "server two 127.0.0.1:82 ssl verify none  | two: { url: \"https://127.0.0.1:82\" }",
        "server two 127.0.0.1:82 ssl verify none  | tls: { verify: false }",
        "server-template t 3 app.x:82             | t: { url: \"http://app.x:82\", count: 3 }",
        "balance leastconn                        | mode: failover",
        "timeout queue 3s                         | hold: { time: 3s }",
        "cookie S insert                          | sticky: { cookie: S, after-failback: keep }",
        "stick on src                             | sticky: { type: client-address, after-failback:"
            + " keep }",
        "compression algo gzip                    | - Compress",
        "use-server one if { hdr(host) a.com }    | - \"PreferServer=one when host(a.com)\""
      })
  void a_line_of_a_backend_becomes_a_setting(String line, String setting) {
    assertThat(Imports.good(Imports.back(line)).yaml()).contains(setting);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "option httpchk                   |                                    | method: OPTIONS",
        "option httpchk /up               |                                    | path: /up",
        "option httpchk GET /up           |                                    | method: GET",
        "option httpchk                   | http-check send meth GET uri /x    | path: /x",
        "option httpchk                   | http-check expect status 200-204   | expect: { status:"
            + " \"200-204\" }",
        "option httpchk                   | http-check expect ! status 500     | expect: { status:"
            + " \"100-499,501-599\" }",
        "option httpchk                   | http-check expect rstatus ^[23]    | expect: { status:"
            + " \"200-399\" }",
        "option httpchk                   | http-check expect ! string down    | expect: { not: {"
            + " body: down }, status: \"100-599\" }",
        "option tcp-check                 | tcp-check send-binary 00ff         | - { send-hex:"
            + " \"00ff\" }",
        "option tcp-check                 | tcp-check expect rstring ^a        | - { expect: {"
            + " text-regex: \"^a\" } }",
        "option pgsql-check user check    |                                    | user: check",
        "option redis-check               |                                    | type: redis",
        "option mysql-check user check    |                                    | type: mysql"
      })
  void a_check_becomes_health(String option, String rule, String health) {
    String checked = "server two 127.0.0.1:82 check";
    List<String> lines = rule == null ? List.of(option, checked) : List.of(option, rule, checked);
    assertThat(Imports.good(Imports.back(lines.toArray(String[]::new))).yaml()).contains(health);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "use_backend nothing                | expected the name of a backend, found 'nothing';"
            + " there are app",
        "bind 80                            | expected an address and a port such as '*:80', found"
            + " '80'",
        "http-request deny if nothing       | expected the name of an ACL of this section, found"
            + " 'nothing'",
        "http-request deny deny_status 4000 | expected a status after deny_status, found '4000'",
        "redirect to /x                     | expected 'redirect location|prefix|scheme TARGET',"
            + " found 'to'",
        "acl a                              | expected 'acl NAME CRITERION"
      })
  void what_haproxy_refuses_is_refused_with_its_line(String line, String expected) {
    assertThat(Imports.problems(Imports.front(line))).contains("haproxy.cfg:9: ", expected);
  }

  @Test
  void a_tcp_listener_that_limits_who_may_connect_is_left_out() {
    Imported imported =
        Imports.good(
            """
            listen pg
              mode tcp
              bind :5432
              tcp-request connection reject if !{ src 10.0.0.0/8 }
              server one 127.0.0.1:5433 check
            """);
    assertThat(imported.yaml()).doesNotContain("listeners:").contains("CHECK line 4");
    assertThat(imported.isLossy()).isTrue();
  }

  @Test
  void server_names_lead_tls_to_pools() {
    assertThat(
            Imports.good(
                    """
                    frontend tls
                      mode tcp
                      bind :443
                      tcp-request inspect-delay 5s
                      tcp-request content accept if { req_ssl_hello_type 1 }
                      use_backend a if { req_ssl_sni -i a.com www.a.com }
                      default_backend b
                    backend a
                      mode tcp
                      server one 127.0.0.1:444
                    backend b
                      mode tcp
                      server one 127.0.0.1:445
                    """)
                .yaml())
        .contains("    pool: b\n    server-names: { a.com: a, www.a.com: a }\n");
  }

  @Test
  void sections_inherit_from_named_defaults() {
    String yaml =
        Imports.good(
                """
                defaults slow
                  mode http
                  timeout server 9s
                defaults fast from slow
                  timeout server 2s
                frontend web from fast
                  bind :80
                  default_backend a
                backend a from slow
                  server one 127.0.0.1:81
                """)
            .yaml();
    assertThat(yaml).contains("timeouts: { response: 9s, idle: 9s }");
  }

  @Test
  void a_backend_is_chosen_by_filters_if_its_condition_reads_what_rules_change() {
    String yaml =
        Imports.good(
                Imports.front(
                        "http-request set-var(txn.t) req.hdr(X-T)",
                        "use_backend one if { var(txn.t) -m str 1 }",
                        "use_backend two if { var(txn.t) -m str 2 }")
                    + "backend one\n"
                    + "  server a 127.0.0.1:82\n"
                    + "backend two\n"
                    + "  server a 127.0.0.1:83\n")
            .yaml();
    assertThat(yaml)
        .containsSubsequence(
            "uri: \"pool://app\"",
            "SetVariable=txn-t, {header.X-T}",
            "UsePool=two when variable(txn-t, 2)",
            "UsePool=one when variable(txn-t, 1)")
        .doesNotContain("uri: \"pool://one\"");
  }

  @Test
  void a_value_that_looks_like_a_placeholder_is_none() {
    assertThat(Imports.good(Imports.front("http-request set-header X-A '${HOME}'")).yaml())
        .contains("\\\\${HOME}");
  }

  @Test
  void users_become_a_file_and_unknown_hashes_are_left_out() {
    Imported imported =
        Imports.good(
            """
            userlist staff
              group admins users alice
              user alice password $6$abc$def
              user bob insecure-password secret groups guests
              user carol password $1$abc$def
            """
                + Imports.front("http-request auth realm R unless { http_auth(staff) }"));
    assertThat(imported.extraFiles())
        .containsEntry("staff.users", "alice:$6$abc$def:admins\nbob:{plain}secret:guests\n");
    assertThat(imported.yaml())
        .contains("{ name: BasicAuth, args: { file: staff.users, realm: R } }");
    assertThat(Imports.verdict(imported, "user carol password $1$abc$def").guard()).isTrue();
  }

  @Test
  void haproxys_configuration_is_recognised() {
    assertThat(HaproxyImport.isHaproxy("# x\n\nglobal\n  daemon\n")).isTrue();
    assertThat(HaproxyImport.isHaproxy("frontend web\n")).isTrue();
    assertThat(HaproxyImport.isHaproxy("listeners:\n  a: { port: 1 }\n")).isFalse();
    assertThat(HaproxyImport.isHaproxy("")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tcp-request content accept if HTTP",
        "tcp-request content accept if { src 10.0.0.0/8 }",
        "tcp-request connection accept if { src 10.0.0.0/8 }",
        "tcp-request session accept",
      })
  void what_tcp_rules_accept_http_rules_still_judge(String accept) {
    Imported imported =
        Imports.good(Imports.front(accept, "http-request deny if { path_beg /admin }"));
    assertThat(imported.yaml()).contains("- \"Deny=403 when path-prefix(/admin)\"");
  }

  @Test
  void what_an_allow_lets_pass_a_redirect_line_still_redirects() {
    assertThat(
            Imports.good(
                    Imports.front(
                        "http-request allow if { src 10.0.0.0/8 }",
                        "redirect scheme https if !{ ssl_fc }"))
                .yaml())
        .contains("- \"RedirectToHttps=302\"");
  }

  @Test
  void a_rule_that_nothing_takes_is_lost_and_one_that_denies_comes_first() {
    Imported imported =
        Imports.good(
            """
            frontend fe
              mode tcp
              bind :5432
              default_backend db
            backend db
              mode tcp
              tcp-request content reject if !{ src 10.0.0.0/8 }
              server a 192.0.2.1:5432
            frontend stats
              mode http
              bind :8404
              stats enable
              http-request deny unless { src 127.0.0.1 }
              http-request redirect location /stats if { path / }
            """);
    for (String line :
        List.of(
            "tcp-request content reject if !{ src 10.0.0.0/8 }",
            "http-request deny unless { src 127.0.0.1 }")) {
      LineVerdict verdict = Imports.verdict(imported, line);
      assertThat(verdict.verdict()).as(line).isEqualTo(Verdict.LOST);
      assertThat(verdict.guard()).as(line).isTrue();
    }
    assertThat(
            Imports.verdict(imported, "http-request redirect location /stats if { path / }")
                .verdict())
        .isEqualTo(Verdict.LOST);
  }
}
