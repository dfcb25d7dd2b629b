package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.HaproxyImport.Result;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.codec.digest.Crypt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What single lines become. */
class TranslationTest {
  @Rows(
      """
      http-request deny                                       | - "Deny=403"
      http-request deny deny_status 429 if { path /a }        | - "Deny=429 when path(/a)"
      http-request deny unless { src 10.0.0.0/8 }             | - "Deny=403 when not client-address(10.0.0.0/8)"
      http-request silent-drop if { path /a }                 | - "Reject when path(/a)"
      http-request tarpit deny_status 429                     | - "Tarpit=429, 5s"
      http-request return status 200 string hello             | - "Respond=200, hello"
      http-request redirect scheme https if !{ ssl_fc }       | - "RedirectToHttps=302"
      redirect prefix https://x.com code 301                  | - "Redirect=301, https://x.com{target}"
      redirect location /b code 307 if { path /a }            | - "Redirect=307, /b when path(/a)"
      http-request set-header X-A %[src]                      | - "SetRequestHeader=X-A, {client.address}"
      http-request add-header X-A a,b                         | - { name: AddRequestHeader, args: { name: X-A, value: "a,b" } }
      http-request del-header X-A                             | - "RemoveRequestHeader=X-A"
      http-request set-path /x%[path]                         | - "SetPath=/x{path}"
      http-request replace-path /a/(.*) /b/\\1                | - "RewritePath=^.*?/a/(.*), /b/$1"
      http-request set-query a=1                              | - "SetQuery=a=1"
      http-request set-var(txn.t) req.hdr(X-T)                | - "SetVariable=txn-t, {header.X-T} when header(X-T)"
      http-response set-header X-A b                          | - "SetResponseHeader=X-A, b"
      http-response set-header X-A b if { status 404 }        | - "SetResponseHeader=X-A, b when status(404)"
      http-response del-header Server                         | - "RemoveResponseHeader=Server"
      http-request return status 200 string x{host}           | - "Respond=200, x(host)"
      http-request set-header X-Q %[query]                    | - "SetRequestHeader=X-Q, {query-string}"
      http-request set-header X-H %[req.hdr(host),host_only]  | - "SetRequestHeader=X-H, {host-name}"
      http-request set-query a=1&%[query]                     | - "SetQuery=a=1&{query-string}"
      http-request set-pathq /p%[pathq]                       | - "SetPath=/p{path}"
      http-request set-uri /p%[path]?%[query]                 | - "SetPath=/p{path}"
      http-request set-pathq /p                               | - SetQuery\\n      # http-request set-pathq /p\\n      - "SetPath=/p"
      http-request set-pathq /p?a=%[src]                      | - "SetQuery=a={client.address}"
      http-request replace-uri ^/a/(.*) /b/\\1                 | - "RewritePath=^/a/(.*), /b/$1"
      http-request deny if { url_sub a=b }                    | - "Deny=403 when target-contains(a=b)"
      http-request deny if { query -m sub a=b }               | - "Deny=403 when query-string-contains(a=b)"
      redirect prefix /x drop-query append-slash              | - "Redirect=302, /x{path} when path-suffix(/)"
      http-request return status 204 hdr X-A b                | - { name: Respond, args: { status: 204, text: "", headers: { X-A: b } } }
      http-request set-method GET                             | - "SetMethod=GET"
      http-request deny if !{ query -m found }                | - "Deny=403 when not target-contains(?)"
      http-request deny deny_status 401 hdr X-A b             | - { name: Respond, args: { status: 401, text: "", headers: { X-A: b } } }
      http-request deny deny_status 403 string x if { src 10.0.0.1 } | - "Respond=403, x when client-address(10.0.0.1)"
      http-request redirect prefix https://www.%[hdr(host)]   | - "Redirect=302, https://www.{host}{target}"
      http-request return status 403 hdr X-I %[rand] string x   | - "Respond=403, x"
      http-request return content-type a/b string x           | - { name: Respond, args: { status: 200, text: x, content-type: a/b } }
      monitor-uri /up                                         | - "Respond=200, OK when path(/up)"
      tcp-request connection reject if { src 10.0.0.0/8 }     | - "Reject when client-address(10.0.0.0/8)"
      """)
  void a_rule_becomes_a_filter(String line, String filter) {
    assertThat(Imports.good(Imports.front(line)).yaml())
        .contains("      " + filter.replace("\\n", "\n") + "\n");
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

  @Rows(
      """
      http-request deny if { path /a } { rand(2) 1 }   | Deny=403 when path(/a)
      http-request deny if { rand(2) 1 }               | Deny=403
      http-request deny if { path /a } !{ rand(2) 1 }  | Deny=403 when path(/a)
      http-request allow if { rand(2) 1 }              | in-or-web
      http-request deny if { var(txn.lost) -m found }  | Deny=403
      http-request deny if { req.hdr(X-A,-1) b }       | Deny=403
      http-request deny if { path_reg ^/(?!api) }      | Deny=403
      """)
  void a_guard_with_an_unknown_part_denies_more_and_comes_first(String line, String filter) {
    Imported imported = Imports.good(Imports.front("http-request set-var(txn.lost) rand(3)", line));
    LineVerdict verdict = Imports.verdict(imported, line);
    assertThat(verdict.guard()).isTrue();
    assertThat(verdict.verdict()).isEqualTo(Verdict.APPROXIMATED);
    assertThat(imported.isLossy()).isTrue();
    assertThat(imported.report()).startsWith("DENIES, LIMITS OR AUTHENTICATES");
    if (filter.startsWith("Deny")) {
      assertThat(imported.yaml()).contains("- \"" + filter + "\"");
    }
  }

  @Rows(
      """
      http-request deny if { req.hdr(X-Real-IP) 192.0.2.1 }        | true  | trusted-proxies
      http-request deny if { hdr_cnt(X-Forwarded-For) gt 1 }       | true  | trusted-proxies
      http-request track-sc0 req.hdr(X-Forwarded-For)              | true  | trusted-proxies
      redirect scheme https if !{ ssl_fc } !{ hdr(X-Forwarded-Proto) https } | false | trusted-proxies
      http-request set-header X-A %[req.hdr(X-Forwarded-For)]      | false | trusted-proxies
      http-request set-var(txn.a) req.hdr(Forwarded)               | false | trusted-proxies
      http-request deny unless { hdr(host) a.com:8443 }            | true  | without its port
      http-request deny unless { req.fhdr(X-A) a }                 | true  | whole lines
      http-request set-header X-A %[req.hdr(host),lower]           | false | letter case
      http-request set-var(txn.a) req.hdr(host),lower              | false | letter case
      http-request return status 200 lf-string %[req.hdr(host),lower] content-type text/plain | false | letter case
      """)
  void a_rule_that_does_less_says_so(String line, boolean guard, String how) {
    Imported imported = Imports.good(Imports.front(line));
    LineVerdict verdict = Imports.verdict(imported, line);
    assertThat(verdict.verdict()).isEqualTo(Verdict.APPROXIMATED);
    assertThat(verdict.guard()).isEqualTo(guard);
    assertThat(verdict.text()).contains(how);
    if (how.equals("trusted-proxies")) {
      assertThat(imported.report()).contains("--understudy.trusted-proxies=");
    }
  }

  @Rows(
      """
      http-request deny if { hdr(X-Real-IP) 192.0.2.1 }
      http-request deny if { hdr(X-Real-IP) 192.0.2.1 } { always_false }
      http-request set-header X-A %[req.hdr(X-Real-IP)]%[rand(2)]
      http-request capture req.hdr(X-Real-IP) len 20
      """)
  void a_difference_of_one_line_is_not_told_of_the_next(String line) {
    String next = "http-request deny if { hdr(host) a.com }";
    Imported imported = Imports.good(Imports.front(line, next));
    assertThat(Imports.verdict(imported, next).guard()).isFalse();
    assertThat(Imports.verdict(imported, next).text()).doesNotContain("X-Real-IP");
  }

  @Rows(
      """
      http-request track-sc0 req.hdr(X-A,-1)                  | true
      http-request replace-path ^/(?!api)(.*) /x/\\1          | false
      http-request replace-header X-A (a) \\2                 | false
      http-response replace-header X-A (?<=a)b c              | false
      http-request replace-header X-A (.*) %{+Q}x             | false
      http-response replace-header X-A (.*) %H-\\1            | false
      http-response replace-header X-A (.*) %[src]            | false
      http-response set-header X-A %s                         | false
      http-response set-header X-A %[srv_name]                | false
      """)
  void what_has_no_words_is_lost(String line, boolean guard) {
    LineVerdict verdict = Imports.verdict(Imports.good(Imports.front(line)), line);
    assertThat(verdict.verdict()).isEqualTo(Verdict.UNSUPPORTED);
    assertThat(verdict.guard()).isEqualTo(guard);
  }

  @Rows(
      """
      http-request replace-header X-A (.*) \\1%%   | ReplaceRequestHeader= | $1%
      http-response replace-header X-A (.*) \\1%%  | ReplaceResponseHeader= | $1%
      http-request replace-header X-A (.*) $\\1    | ReplaceRequestHeader= | \\$$1
      http-response replace-value X-A (.*) $\\1    | ReplaceResponseHeader= | \\$$1
      """)
  void a_replacement_keeps_what_it_means(String line, String filter, String replacement) {
    assertThat(Imports.good(Imports.front(line)).yaml()).contains(filter).contains(replacement);
  }

  @Rows(
      """
      server two 127.0.0.1:82 check backup     | two: { url: "http://127.0.0.1:82", role: backup }
      server two 127.0.0.1:82 maxconn 5        | max-requests: 5
      server two 127.0.0.1:82 weight 7         | weight: 7
      server Two_2 [::1]:82                    | two-2: { url: "http://[::1]:82" }
      server two 127.0.0.1:82 ssl verify none  | two: { url: "https://127.0.0.1:82" }
      server two 127.0.0.1:82 ssl verify none  | tls: { verify: false }
      server-template t 3 app.x:82             | t: { url: "http://app.x:82", count: 3 }
      balance leastconn                        | mode: failover
      timeout queue 3s                         | hold: { time: 3s }
      http-request tarpit                      | - "Tarpit=500, 1s"
      cookie S insert                          | sticky: { cookie: S, after-failback: keep }
      stick on src                             | sticky: { type: client-address, after-failback: keep }
      compression algo gzip                    | - Compress
      use-server one if { hdr(host) a.com }    | - "PreferServer=one when host(a.com)"
      """)
  void a_line_of_a_backend_becomes_a_setting(String line, String setting) {
    assertThat(Imports.good(Imports.back(line)).yaml()).contains(setting);
  }

  /** A TCP proxy with a second server that has these words. */
  private static String tcp(String second) {
    return """
    listen db
      mode tcp
      bind :3389
      timeout connect 1s
      timeout client 1s
      timeout server 1s
      stick-table type ip size 1k expire 1h
      stick on src
      server one 127.0.0.1:81
      server two 127.0.0.1:82 %s
    """
        .formatted(second);
  }

  @Test
  void addresses_stick_to_servers_of_tcp_where_several_serve() {
    assertThat(Imports.good(tcp("")).yaml())
        .contains("sticky: { type: client-address, entries: 1024, expire: 1h,");
    assertThat(Imports.good(tcp("backup")).yaml()).doesNotContain("sticky");
  }

  @Rows(
      """
      %ci:%cp [%t] %ft %b/%s %TR/%Tw/%ST %B %hr | {client.port} {listener} | %TR
      %{+Q}r\\ %sslv\\ %sslc\\ %tsc\\ %rc | {tls.version} {tls.cipher} | ``
      %[req.hdr(X-A)]-%[res.hdr(X-B)]-%[capture.req.hdr(0)] | {header.X-A} {response.header.X-B} | ``
      %[ssl_fc_sni]/%[method]/%[rand(9)]/%Tc | {tls.server-name} | %[rand(9)], %Tc
      %fp%% %U | {listener.port} | ``
      """)
  void items_of_a_log_format_become_fields_of_the_access_log(
      String format, String fields, String lost) {
    String line = "log-format " + (format.contains("\\") ? format : '"' + format + '"');
    Imported imported = Imports.good(Imports.front(line));
    assertThat(imported.settings().get("understudy.access-log")).isEqualTo("plain");
    assertThat(
            imported.settings().entrySet().stream()
                .filter(each -> each.getKey().startsWith("understudy.access-log-fields["))
                .map(Map.Entry::getValue))
        .containsExactlyInAnyOrder(fields.split(" "));
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.APPROXIMATED);
    if (lost.isEmpty()) {
      assertThat(Imports.verdict(imported, line).text()).doesNotContain("not logged");
    } else {
      assertThat(Imports.verdict(imported, line).text()).endsWith("(not logged: " + lost + ")");
    }
  }

  @Test
  void a_capture_that_the_access_log_cannot_have_is_left_out() {
    String line = "http-request capture url_param(a) len 20";
    Imported imported = Imports.good(Imports.front(line));
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.UNSUPPORTED);
    assertThat(imported.settings()).doesNotContainKey("understudy.access-log-fields[0]");
  }

  @Rows(
      """
      port 8009                        | , health-port: 8009 }
      port 8009 addr 127.0.0.9         | , health-port: 8009, health-host: "127.0.0.9" }
      addr 127.0.0.9:8010              | , health-port: 8010, health-host: "127.0.0.9" }
      addr 127.0.0.9:8010 port 8009    | , health-port: 8009, health-host: "127.0.0.9" }
      addr [fd00::9] port 8008         | , health-host: "fd00::9" }
      port 0 | ` }`
      """)
  void a_server_is_checked_in_a_place_of_its_own(String place, String setting) {
    String one = "server two 127.0.0.1:82 check port 8008";
    String other = "server three 127.0.0.1:83 backup check " + place;
    Imported imported = Imports.good(Imports.back(one, other));
    assertThat(imported.yaml())
        .contains("three: { url: \"http://127.0.0.1:83\", role: backup" + setting + "\n");
    assertThat(Imports.verdict(imported, other).verdict()).isEqualTo(Verdict.EXACT);
  }

  @Test
  void the_port_of_connect_counts_for_all_servers() {
    Imported imported =
        Imports.good(
            Imports.back(
                "option httpchk",
                "http-check connect port 8010",
                "server two 127.0.0.1:82 check port 8008",
                "server three 127.0.0.1:83 check port 8009"));
    assertThat(imported.yaml()).contains("port: 8010").doesNotContain("health-port");
  }

  @Rows(
      """
      option httpchk                   |                                    | method: OPTIONS
      option httpchk /up               |                                    | path: /up
      option httpchk GET /up           |                                    | method: GET
      option httpchk                   | http-check send meth GET uri /x    | path: /x
      option httpchk                   | http-check expect status 200-204   | expect: { status: "200-204" }
      option httpchk                   | http-check expect ! status 500     | expect: { status: "100-499,501-599" }
      option httpchk                   | http-check expect rstatus ^[23]    | expect: { status: "200-399" }
      option httpchk                   | http-check expect ! string down    | expect: { not: { body: down }, status: "100-599" }
      option tcp-check                 | tcp-check send-binary 00ff         | - { send-hex: "00ff" }
      option tcp-check                 | tcp-check expect rstring ^a        | - { expect: { text-regex: "^a" } }
      option pgsql-check user check    |                                    | user: check
      option redis-check               |                                    | type: redis
      option mysql-check user check    |                                    | type: mysql
      """)
  void a_check_becomes_health(String option, String rule, String health) {
    String checked = "server two 127.0.0.1:82 check";
    List<String> lines = rule == null ? List.of(option, checked) : List.of(option, rule, checked);
    assertThat(Imports.good(Imports.back(lines.toArray(String[]::new))).yaml()).contains(health);
  }

  @Rows(
      """
      send meth GET uri-lf /x hdr X-A 5%%      | EXACT | path: /x
      send hdr Host a.com hdr X-A b            | EXACT | host: a.com
      send meth POST body-lf x                 | EXACT | content: x
      send uri-lf /x?%[date] hdr X-A b         | UNSUPPORTED | path: /
      send hdr X-A %[date] hdr X-B b           | UNSUPPORTED | headers: { X-B: b }
      send meth POST uri /x body-lf x%[uuid]   | UNSUPPORTED | path: /x
      connect port 8080 linger                 | APPROXIMATED | port: 8080
      connect port 8080 addr 127.0.0.2         | UNSUPPORTED | port: 8080
      connect port 8080 ssl sni a.com          | UNSUPPORTED | tls: true
      """)
  void what_a_request_of_a_check_cannot_have_is_told(String rule, Verdict verdict, String health) {
    String line = "http-check " + rule;
    Imported imported =
        Imports.good(Imports.back("option httpchk", line, "server two 127.0.0.1:82 check"));
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(verdict);
    assertThat(imported.yaml()).contains(health);
  }

  @Test
  void a_captured_field_beyond_the_access_logs_limit_is_unsupported() {
    String[] lines =
        IntStream.rangeClosed(1, 21)
            .mapToObj(each -> "capture request header X-" + each + " len 9")
            .toArray(String[]::new);
    Imported imported = Imports.good(Imports.front(lines));
    assertThat(Imports.verdict(imported, lines[19]).verdict()).isEqualTo(Verdict.EXACT);
    assertThat(Imports.verdict(imported, lines[20]).verdict()).isEqualTo(Verdict.UNSUPPORTED);
  }

  @Rows(
      """
      cookie S insert indirect secure                   | begin anew once
      cookie S insert indirect nocache                  | with HttpOnly, which http-only changes; without nocache)
      cookie S insert httponly attr SameSite=None secure | begin anew once
      cookie S insert httponly                          | (with SameSite=Lax, which same-site changes)
      cookie S insert postonly maxidle 30m preserve     | ; without postonly, maxidle, preserve)
      """)
  void what_a_cookie_loses_is_told_with_what_is_different(String line, String text) {
    LineVerdict verdict = Imports.verdict(Imports.good(Imports.back(line)), line);
    assertThat(verdict.verdict()).isEqualTo(Verdict.APPROXIMATED);
    assertThat(verdict.text()).contains(text);
  }

  @Rows(
      """
      name X-A                                | EXACT        | { name: X-A }
      name X-A value -m sub b                 | EXACT        | { name: X-A, contains: b }
      name X-A value b                        | APPROXIMATED | { name: X-A, contains: b }
      name X-A value -m str b                 | APPROXIMATED | { name: X-A, contains: b }
      name -m str X-A value -m beg b          | APPROXIMATED | { name: X-A, contains: b }
      name X-A value -m end b                 | APPROXIMATED | { name: X-A, contains: b }
      name X-A value -m reg ^b                | UNSUPPORTED        |
      name X-A value -m dom b                 | UNSUPPORTED        |
      name -m beg X- value b                  | UNSUPPORTED        |
      """)
  void a_comparison_of_a_responses_field_is_said_or_told(
      String words, Verdict verdict, @Nullable String header) {
    for (String kind : List.of("hdr", "fhdr")) {
      String expect = "http-check expect " + kind + " " + words;
      String checked = "server two 127.0.0.1:82 check";
      Imported imported = Imports.good(Imports.back("option httpchk", expect, checked));
      assertThat(Imports.verdict(imported, expect).verdict()).isEqualTo(verdict);
      assertThat(imported.yaml().contains("header:")).isEqualTo(header != null);
      assertThat(imported.yaml()).contains(header == null ? "" : header);
    }
  }

  @Rows(
      """
      use_backend nothing                | expected the name of a backend, found 'nothing'; there are app
      bind 80                            | expected an address and a port such as '*:80', found '80'
      http-request deny if nothing       | expected the name of an ACL of this section, found 'nothing'
      http-request deny deny_status 4000 | expected a status after deny_status, found '4000'
      redirect to /x                     | expected 'redirect location|prefix|scheme TARGET', found 'to'
      acl a                              | expected 'acl NAME CRITERION
      """)
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
  void an_end_of_server_names_has_one_label_before_it_in_listeners() {
    var imported =
        Imports.good(
            """
            frontend tls
              mode tcp
              bind :443
              tcp-request inspect-delay 5s
              use_backend a if { req_ssl_sni -m end .b.com }
              default_backend b
            backend a
              mode tcp
              server one 127.0.0.1:444
            backend b
              mode tcp
              server one 127.0.0.1:445
            """);
    assertThat(imported.yaml()).contains("    server-names: { \"*.b.com\": a }\n");
    assertThat(imported.report()).contains("* stands for one label");
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
  void a_variable_chooses_a_backend_that_has_rules_if_its_condition_reads_what_rules_change() {
    String line = "use_backend one if { path_beg /b/ }";
    Imported imported =
        Imports.good(
            Imports.front(
                    "http-request set-path /b%[path] if { path_beg /a/ }",
                    line, "use_backend two if { path_beg /b/ /c/ }")
                + """
                backend one
                  http-request set-path /x if { path /b/x }
                  http-response set-header X-Of one
                  server a 127.0.0.1:82
                backend two
                  http-request deny unless { path_beg /b/ }
                  server a 127.0.0.1:83
                """);
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.EXACT);
    assertThat(imported.yaml())
        .containsSubsequence(
            "uri: \"pool://app\"",
            "SetPath=/b{path} when path-prefix(/a/)",
            "SetVariable=understudy.backend, one when path-prefix(/b/)",
            "SetVariable=understudy.backend, two when path-prefix(/b/, /c/) and not"
                + " variable(understudy.backend)",
            "SetVariable=understudy.backend, app when not variable(understudy.backend)",
            "UsePool=one when variable(understudy.backend, one)",
            "UsePool=two when variable(understudy.backend, two)",
            "SetPath=/x when path(/b/x) and variable(understudy.backend, one)",
            "Deny=403 when not path-prefix(/b/) and variable(understudy.backend, two)",
            "SetResponseHeader=X-Of, one when variable(understudy.backend, one)")
        .doesNotContain("uri: \"pool://one\"", "UsePool=app", "When=");
  }

  @Test
  void a_line_that_never_applies_leaves_the_others() {
    String line = "use_backend one if { path_beg /b/ }";
    Imported imported =
        Imports.good(
            Imports.front(
                    "http-request set-path /b%[path] if { path_beg /a/ }",
                    line, "use_backend %[req.hdr(X-B)]")
                + "backend one\n  server a 127.0.0.1:82\n");
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.EXACT);
  }

  @Test
  void a_request_that_no_condition_holds_for_is_refused() {
    String yaml =
        Imports.good(
                """
                frontend web
                  mode http
                  bind :80
                  http-request set-path /b if { path /a }
                  use_backend one if { path /b }
                backend one
                  mode http
                  server a 127.0.0.1:82
                """)
            .yaml();
    assertThat(yaml)
        .containsSubsequence(
            "uri: \"pool://one\"",
            "SetVariable=understudy.backend, one when path(/b)",
            "Deny=503 when not variable(understudy.backend)");
  }

  @Test
  void a_map_is_looked_up_after_the_rules() {
    String yaml =
        ((Imported)
                Imports.of(
                    Imports.front(
                            "http-request set-path /b if { path /a }",
                            "use_backend %[path,map(/m)]")
                        + "backend one\n  server a 127.0.0.1:82\n",
                    Map.of(),
                    Map.of("/m", "/b one\n")))
            .yaml();
    assertThat(yaml)
        .contains("SetVariable=understudy.backend, one when path(/b)")
        .doesNotContain("When=path(/b)");
  }

  @Test
  void filters_prefer_servers_of_each_pool() {
    Imported imported =
        Imports.good(
            Imports.front(
                    "http-request set-path /b if { path /a }",
                    "use_backend two if { path /b }",
                    "use_backend one if { path_beg /b }")
                + """
                backend one
                  use-server a if { path /b/one }
                  server a 127.0.0.1:82
                backend two
                  use-server a if { path /b }
                  server a 127.0.0.1:83
                """);
    assertThat(imported.yaml())
        .contains(
            "PreferServer=a when path(/b) and variable(understudy.backend, two)",
            "PreferServer=a when path(/b/one) and variable(understudy.backend, one)");
    assertThat(Imports.verdict(imported, "use-server a if { path /b/one }").verdict())
        .isEqualTo(Verdict.EXACT);
  }

  @Test
  void a_backend_is_left_out_if_one_route_would_need_too_many_filters() {
    StringBuilder backends = new StringBuilder();
    String[] lines = new String[41];
    lines[0] = "http-request set-path /0 if { path /a }";
    for (int i = 0; i < 40; i++) {
      lines[i + 1] = "use_backend b" + i + " if { path /" + i + " }";
      backends
          .append("backend b" + i)
          .append("\n  http-request set-header X-A b\n  server a 127.0.0.1:82\n");
    }
    Imported imported = Imports.good(Imports.front(lines) + backends);
    LineVerdict verdict = Imports.verdict(imported, lines[1]);
    assertThat(verdict.verdict()).isEqualTo(Verdict.UNSUPPORTED);
    assertThat(verdict.guard()).isTrue();
    assertThat(imported.yaml()).contains("uri: \"pool://app\"").doesNotContain("SetVariable");
  }

  @Test
  void local_responses_keep_their_header() {
    String line = "http-after-response set-header X-A b";
    LineVerdict verdict = Imports.verdict(Imports.good(Imports.front(line)), line);
    assertThat(verdict.verdict()).isEqualTo(Verdict.APPROXIMATED);
    assertThat(verdict.text()).contains("not on local ones");
  }

  @Test
  void rules_of_one_field_of_the_response_run_in_haproxys_order() {
    String yaml =
        Imports.good(
                Imports.front(
                        "http-response set-header X-A front if { status 404 }",
                        "http-response set-header X-A last if { status 500 }")
                    + "  http-response set-header X-A back\n")
            .yaml();
    assertThat(yaml)
        .containsSubsequence(
            "SetResponseHeader=X-A, last",
            "SetResponseHeader=X-A, front",
            "SetResponseHeader=X-A, back");
  }

  @Test
  void a_value_that_looks_like_a_placeholder_is_none() {
    assertThat(Imports.good(Imports.front("http-request set-header X-A '${HOME}'")).yaml())
        .contains("\\\\${HOME}");
  }

  @Test
  void users_become_a_file_and_unknown_hashes_are_left_out() {
    String crypt = Crypt.crypt("secret", "$6$abc");
    String md5 = Crypt.crypt("secret", "$1$abc");
    Imported imported =
        Imports.good(
            """
            userlist staff
              group admins users alice
              user alice password HASH
              user bob insecure-password pa:ss groups guests
              user carol password MD5
              user dave password $6$abc$def
              user eve insecure-password *** groups a:b
            """
                    .replace("HASH", crypt)
                    .replace("MD5", md5)
                + Imports.front("http-request auth realm R unless { http_auth(staff) }"));
    List<String> users = imported.extraFiles().get("staff.users").lines().toList();
    assertThat(users).hasSize(3).contains("alice:" + crypt + ":admins", "carol:" + md5);
    String[] bob = users.get(1).split(":");
    assertThat(bob).hasSize(3).startsWith("bob").endsWith("guests");
    assertThat(Crypt.crypt("pa:ss", bob[1])).startsWith("$6$").isEqualTo(bob[1]);
    assertThat(imported.yaml())
        .contains("{ name: BasicAuth, args: { file: staff.users, realm: R } }");
    assertThat(Imports.verdict(imported, "user dave password ***").guard()).isTrue();
    assertThat(Imports.verdict(imported, "user eve insecure-password *** groups a:b").guard())
        .isTrue();
  }

  @Rows(
      """
      http-request deny if { path /a } !{ http_auth(l) }     | path(/a)   |            | false
      http-request deny if { path /a } { http_auth_group(l) g } |         | path(/a)   | true
      http-request deny if { path /a } or !{ http_auth(l) }  | always     | path(/a)   | false
      http-request auth unless { http_auth(l) }              | always     |            | false
      """)
  void who_has_authenticated_decides_who_is_denied(
      String line, String asks, String denies, boolean guard) {
    Imported imported =
        Imports.good("userlist l\n  user a insecure-password b groups g\n" + Imports.front(line));
    String yaml = imported.yaml();
    assertThat(yaml.contains("BasicAuth")).isEqualTo(asks != null);
    assertThat(yaml.contains("Deny=403 when " + denies)).isEqualTo(denies != null);
    if (asks != null && !asks.equals("always")) {
      assertThat(yaml).contains(asks);
    }
    assertThat(Imports.verdict(imported, line).guard()).isEqualTo(guard);
  }

  @Test
  void a_port_from_the_proxy_protocol_is_not_taken_for_a_listeners() {
    String deny = "http-request deny if { path_beg /a } { dst_port 443 }";
    String redirect = "http-request redirect scheme https if !{ dst_port 443 }";
    String set = "http-request set-header X-Port %[dst_port]";
    String front = Imports.front(deny, redirect, set);
    Imported imported = Imports.good(front.replace("bind :80\n", "bind :80 accept-proxy\n"));
    for (String line : new String[] {deny, redirect, set}) {
      assertThat(Imports.verdict(imported, line).guard()).as(line).isTrue();
    }
    assertThat(imported.yaml()).contains("Deny=403 when path-prefix(/a)");
  }

  @Rows(
      """
      http-request deny if { hdr(X-A),url_dec -m sub a }        | true  | header-contains(X-A, a)
      http-request deny if { hdr(Origin),host_only a }          | true  | - "Deny=403"
      http-request deny if { hdr(X-A),ltrim(a) b }              | true  | - "Deny=403"
      http-request deny if { path,url_dec -m beg /a }           | false | path-matches(
      http-response replace-value X-A a b                       | false | ReplaceResponseHeader
      http-request redirect location https://%[url_param(a)]/   | false | Redirect=302
      http-request redirect location https://a.%[req.hdr(a)].b/ | false | Redirect=302
      """)
  void what_is_not_quite_the_same_is_told(String line, boolean guard, String filter) {
    Imported imported = Imports.good(Imports.front(line));
    LineVerdict verdict = Imports.verdict(imported, line);
    assertThat(verdict.verdict())
        .isEqualTo(guard || !line.contains("path,url_dec") ? Verdict.APPROXIMATED : Verdict.EXACT);
    assertThat(verdict.guard()).isEqualTo(guard);
    assertThat(imported.yaml()).contains(filter);
  }

  @Test
  void an_error_file_of_a_response_brings_its_head() {
    String text = "HTTP/1.0 410 No\r\nContent-Type: text/html\r\nX: y\r\n\r\n<b>no</b>";
    String line = "http-request return status 404 errorfile no.http";
    Result result = Imports.of(Imports.front(line), Map.of(), Map.of("no.http", text));
    assertThat(((Imported) result).yaml())
        .contains(
            "{ status: 410, text: \"<b>no</b>\", content-type: text/html, headers: { X: \"y\" } }");
  }

  @Test
  void haproxys_configuration_is_recognised() {
    assertThat(HaproxyImport.isHaproxy("# x\n\nglobal\n  daemon\n")).isTrue();
    assertThat(HaproxyImport.isHaproxy("frontend web\n")).isTrue();
    assertThat(HaproxyImport.isHaproxy("listeners:\n  a: { port: 1 }\n")).isFalse();
    assertThat(HaproxyImport.isHaproxy("")).isFalse();
  }

  @Rows(
      """
      tcp-request content accept if HTTP
      tcp-request content accept if { src 10.0.0.0/8 }
      tcp-request connection accept if { src 10.0.0.0/8 }
      tcp-request session accept
      """)
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
  void a_section_with_statistics_alone_is_left_out() {
    Imported imported =
        Imports.good(
            Imports.front()
                + """
                frontend stats
                  bind 127.0.0.1:8404
                  log global
                  option dontlog-normal
                  timeout client 5s
                  stats enable
                """);
    assertThat(imported.yaml()).doesNotContain("port: 8404");
    assertThat(Imports.verdict(imported, "bind 127.0.0.1:8404").guard()).isTrue();
  }

  @Test
  void rules_beside_statistics_stay_in_force() {
    Imported imported =
        Imports.good(
            Imports.front()
                + """
                frontend stats
                  bind :8404
                  stats enable
                  http-request deny unless { src 127.0.0.1 }
                  redirect scheme https
                """);
    assertThat(imported.yaml())
        .contains("port: 8404", "Deny=403 when not client-address(127.0.0.1)", "Redirect=302");
    assertThat(Imports.verdict(imported, "stats enable").guard()).isTrue();
  }

  private static String tcp(String... lines) {
    return "defaults\n  mode tcp\n" + String.join("\n", lines) + "\n";
  }

  private static final String DATABASE = "backend db\n  server a 192.0.2.1:5432\n";

  @Rows(
      """
      tcp-request content reject if !{ src 10.0.0.0/8 }  | default_backend db
      tcp-request connection reject if { src 10.0.0.1 }  | default_backend db
      tcp-request content reject                         | use_backend db if { req_ssl_sni -i a.com }
      """)
  void a_tcp_listener_is_left_out_if_a_backend_that_it_leads_to_rejects(String line, String leads) {
    Imported imported =
        Imports.good(
            tcp("frontend fe", "  bind :5432", "  " + leads) + DATABASE + "  " + line + "\n");
    assertThat(imported.yaml()).doesNotContain("listeners:").contains("Nothing listens for 'fe'");
    LineVerdict verdict = Imports.verdict(imported, line);
    assertThat(verdict.verdict()).isEqualTo(Verdict.UNSUPPORTED);
    assertThat(verdict.guard()).isTrue();
  }

  @Test
  void a_tcp_listener_is_left_out_if_clients_are_led_to_a_backend_without_servers() {
    String line = "use_backend none if !{ src 10.0.0.0/8 }";
    Imported imported =
        Imports.good(
            tcp("frontend fe", "  bind :5432", "  " + line, "  default_backend db")
                + DATABASE
                + "backend none\n");
    assertThat(imported.yaml()).doesNotContain("listeners:");
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
    assertThat(imported.isLossy()).isTrue();
  }

  @Rows(
      """
      use_backend other if { src 10.0.0.0/8 }
      use_backend other if { req.ssl_ver 3.1:3.3 }
      use_backend other if { req.len gt 8 }
      use_backend other if { req.ssl_alpn h2 }
      use_backend other if { req.ssl_sni -m reg ^a }
      use_backend other if { req.ssl_sni a.com } or { req.len gt 8 }
      use_backend %[req.ssl_sni,lower,map(/missing.map,db)]
      """)
  void a_tcp_listener_is_left_out_if_it_cannot_tell_clients_of_two_backends_apart(String line) {
    Imported imported =
        Imports.good(
            tcp("frontend fe", "  bind :5432", "  " + line, "  default_backend db")
                + DATABASE
                + "backend other\n  server a 192.0.2.2:5432\n");
    assertThat(imported.yaml()).doesNotContain("listeners:").contains("Nothing listens for 'fe'");
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.UNSUPPORTED);
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
    assertThat(imported.isLossy()).isTrue();
  }

  @Test
  void a_listener_is_left_out_if_a_crt_list_asks_some_clients_for_certificates() {
    String line = "bind :443 ssl crt-list /list";
    Imported imported =
        (Imported)
            Imports.of(
                Imports.front(line),
                Map.of(),
                Map.of("/list", "a.pem [ca-file ca.pem verify required] a.com\n"));
    assertThat(imported.yaml()).doesNotContain("port: 443");
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
  }

  @Rows(
      """
      ssl crt a.pem verify required ca-file ca.pem crl-file r.pem | crl: r.pem
      ssl crt a.pem verify optional ca-file ca.pem crl-file /r | crl: /r
      ssl crt-list /same verify required ca-file ca.pem | crl: s.pem
      ssl crt-list /same verify required ca-file ca.pem crl-file r.pem | crl: s.pem
      ssl crt-list /some verify required ca-file ca.pem crl-file s.pem | crl: s.pem
      ssl crt-list /same | port: 443
      ssl crt a.pem crl-file r.pem | port: 443
      """)
  void lists_of_revoked_clients_are_those_of_the_listener(String parameters, String written) {
    String line = "bind :443 " + parameters;
    Imported imported = revoking(line);
    assertThat(imported.yaml()).contains(written);
    assertThat(imported.yaml().contains("crl:")).isEqualTo(written.startsWith("crl"));
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.EXACT);
  }

  @Test
  void a_listener_is_left_out_if_its_certificates_have_different_lists_of_revoked_clients() {
    String line = "bind :443 ssl crt-list /some verify required ca-file ca.pem";
    Imported imported = revoking(line);
    assertThat(imported.yaml()).doesNotContain("port: 443");
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
  }

  private static Imported revoking(String line) {
    return (Imported)
        Imports.of(
            Imports.front(line),
            Map.of(),
            Map.of(
                "/same",
                "a.pem [crl-file s.pem] a.com\nb.pem [ crl-file s.pem ] b.com\n",
                "/some",
                "a.pem [crl-file s.pem] a.com\nb.pem b.com\n"));
  }

  @Test
  void strict_sni_becomes_strict_names() {
    Imported imported =
        Imports.good(Imports.front().replace("bind :80", "bind :443 ssl crt a.pem strict-sni"));
    assertThat(imported.yaml()).contains("strict-names: true");
    assertThat(Imports.verdict(imported, "bind :443 ssl crt a.pem strict-sni").verdict())
        .isEqualTo(Verdict.EXACT);
  }

  @Test
  void a_line_that_leads_where_all_others_go_is_not_needed() {
    String line = "use_backend db if { req.ssl_hello_type 1 }";
    Imported imported =
        Imports.good(
            tcp("frontend fe", "  bind :5432", "  " + line, "  default_backend db") + DATABASE);
    assertThat(imported.yaml()).contains("port: 5432", "pool: db");
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.NOT_NEEDED);
  }

  @Rows(
      """
      tcp-request connection expect-proxy layer4                         | true
      tcp-request connection expect-proxy layer4 if { src 10.0.0.0/8 }   | false
      tcp-request connection expect-proxy layer4 unless { src 10.0.0.1 } | false
      """)
  void a_listener_reads_a_proxy_header_of_all_clients_or_is_left_out(String line, boolean listens) {
    Imported imported = Imports.good(Imports.front(line));
    assertThat(imported.yaml().contains("    proxy-protocol: true\n")).isEqualTo(listens);
    assertThat(imported.yaml().contains("port: 80")).isEqualTo(listens);
    assertThat(Imports.verdict(imported, line).guard()).isEqualTo(!listens);
  }

  @Rows(
      """
      bind :::80                          | NOT_NEEDED  | false
      bind [::]:80 v6only                 | NOT_NEEDED  | false
      bind 0.0.0.0:80                     | NOT_NEEDED  | false
      bind :::80 accept-proxy             | APPROXIMATED | true
      bind 127.0.0.1:80                   | EXACT        | false
      bind :9000-9098                     | EXACT        | false
      bind :9000-9100                     | UNSUPPORTED        | false
      """)
  void an_address_that_a_line_before_has_gets_no_listener(
      String line, Verdict verdict, boolean guard) {
    Imported imported = Imports.good(Imports.front(line));
    assertThat(Imports.verdict(imported, line))
        .extracting(LineVerdict::verdict, LineVerdict::guard)
        .containsExactly(verdict, guard);
    assertThat(imported.yaml().split("port: 80\n", -1))
        .hasSize(line.equals("bind 127.0.0.1:80") ? 3 : 2);
  }

  @Test
  void routes_name_only_listeners_that_there_are() {
    assertThat(
            Imports.good(
                    Imports.front("bind :::80")
                        + "frontend other\n  bind :81\n  default_backend app\n")
                .yaml())
        .contains("\"Listener=web\"")
        .doesNotContain("web-2");
  }

  @Rows(
      """
      option httpchk | option tcp-check                 | type: tcp
      option httpchk | option redis-check               | type: redis
      option httpchk | option smtpchk                   | steps:
      option httpchk | option pgsql-check user u        | type: postgresql
      option httpchk | option spop-check                | type: tcp
      option redis-check | option httpchk GET /up       | path: /up
      """)
  void the_last_kind_of_check_counts(String inherited, String own, String health) {
    Imported imported =
        Imports.good(
            "defaults\n  mode http\n  "
                + inherited
                + "\nfrontend web\n  bind :80\n  default_backend a\nbackend a\n  "
                + own
                + "\n"
                + "  server one 127.0.0.1:81 check\n"
                + "backend b\n"
                + "  server one 127.0.0.1:82 check\n");
    assertThat(imported.yaml()).contains(health);
    assertThat(Imports.verdict(imported, inherited).verdict()).isEqualTo(Verdict.EXACT);
  }

  @Rows(
      """
      server s 127.0.0.1:1 check check-ssl verify none    | x                 | tls: true\\n    tls: { verify: false }
      server s 127.0.0.1:1 check verify none              | tcp-check connect ssl | tls: { verify: false }
      server s 127.0.0.1:1 ssl verify none check port 80  | x                 | tls: false
      server s 127.0.0.1:1 ssl verify none check addr 127.0.0.2 | x           | tls: false
      server s 127.0.0.1:1 ssl verify none check          | tcp-check connect port 80 | tls: false
      server s 127.0.0.1:1 check send-proxy               | x                 | proxy-protocol: true
      server s 127.0.0.1:1 agent-check agent-port 99      | x                 | agent: { port: 99 }
      """)
  void checks_speak_as_haproxys(String server, String check, String health) {
    String lines = check.equals("x") ? "" : "  option tcp-check\n  " + check + "\n";
    String yaml =
        Imports.good(
                tcp("frontend fe", "  bind :5432", "  default_backend db", "backend db")
                    + lines
                    + "  "
                    + server
                    + "\n")
            .yaml();
    assertThat(yaml).contains(health.replace("\\n", "\n"));
  }

  @Rows(
      """
      server s 127.0.0.1:1 ssl verify none check
      server s 127.0.0.1:1 ssl verify none check port 80 check-ssl
      server s 127.0.0.1:1 check port 80 send-proxy
      """)
  void checks_that_speak_as_the_pool_say_nothing_of_it(String server) {
    assertThat(
            Imports.good(
                    tcp("frontend fe", "  bind :5432", "  default_backend db", "backend db")
                        + "  "
                        + server
                        + "\n")
                .yaml())
        .doesNotContain("tls: false", "tls: true", "proxy-protocol: true");
  }

  @Test
  void a_tls_hello_verifies_nothing() {
    assertThat(
            Imports.good(
                    tcp("frontend fe", "  bind :5432", "  default_backend db", "backend db")
                        + "  option ssl-hello-chk\n  server s 127.0.0.1:1 check\n")
                .yaml())
        .contains("tls: { verify: false }");
  }

  @Test
  void the_first_of_a_checks_several_connections_is_kept() {
    Imported imported =
        Imports.good(
            tcp(
                "frontend fe",
                "  bind :143",
                "  default_backend imap",
                "backend imap",
                "  option tcp-check",
                "  tcp-check connect port 143",
                "  tcp-check expect string OK",
                "  tcp-check connect port 993 ssl",
                "  tcp-check send second",
                "  server s 127.0.0.1 check"));
    assertThat(imported.yaml())
        .contains("port: 143", "text: OK")
        .doesNotContain("993", "second", "tls");
    assertThat(Imports.verdict(imported, "tcp-check connect port 993 ssl").verdict())
        .isEqualTo(Verdict.UNSUPPORTED);
    assertThat(Imports.verdict(imported, "tcp-check send second").verdict())
        .isEqualTo(Verdict.UNSUPPORTED);
  }

  @Test
  void the_longest_prefix_of_a_map_comes_first_and_unknown_backends_are_named() {
    String yaml =
        ((Imported)
                Imports.of(
                    """
                    defaults
                      mode http
                    frontend web
                      bind :80
                      use_backend %[path,map_beg(/m,web)]
                    backend web
                      server a 127.0.0.1:81
                    backend api
                      server a 127.0.0.1:82
                      http-request deny if { method DELETE }
                    """,
                    java.util.Map.of(), java.util.Map.of("/m", "/ web\n/api api\n/old gone\n")))
            .yaml();
    assertThat(yaml)
        .containsSubsequence("path-prefix(/api)", "path-prefix(/)")
        .contains("names backends that there are not: gone");
  }

  @Test
  void a_map_becomes_tests_of_its_keys_in_conditions_and_in_backend_names() {
    Result result =
        Imports.of(
            """
            frontend web
              mode http
              bind :80
              http-request deny if { path,map_beg(blocked.map) -m found }
              http-request set-header X-A 1 if { req.hdr(host),lower,map(hosts.map) -i GREEN }
              use_backend %[req.hdr(X-To),lower,map(to.map,blue)] if { hdr(X-To) -m found }
              use_backend %[req.hdr(host),lower,map_dom(hosts.map,blue)]
            backend green
              mode http
              server one 127.0.0.1:81
            backend blue
              mode http
              server two 127.0.0.1:82
            """,
            Map.of(),
            Map.of(
                "blocked.map", "/x 1\n/y 2\n",
                "hosts.map", "a.com green\nb.com blue\n",
                "to.map", "g green\n"));
    assertThat(result).as(result.report()).isInstanceOf(Imported.class);
    assertThat(((Imported) result).yaml())
        .contains("Deny=403 when path-prefix(/x, /y)")
        .contains("SetRequestHeader=X-A, 1 when host(a.com)")
        .contains("header(i: X-To, g)")
        .contains("a" + "\\".repeat(4) + ".com");
  }

  @Test
  void usable_servers_are_counted_with_backups_with_a_difference() {
    String line = "http-request deny if { nbsrv(app) lt 2 }";
    String front =
        """
        frontend web
          mode http
          bind :80
          LINE
          default_backend app
        backend app
          mode http
          server one 127.0.0.1:81
          server two 127.0.0.1:82 backup
        """;
    assertThat(Imports.verdict(Imports.good(front.replace("LINE", line)), line).text())
        .contains("counted with its backups");
    String none = "http-request deny if { nbsrv(app) lt 1 }";
    assertThat(Imports.verdict(Imports.good(front.replace("LINE", none)), none).verdict())
        .isEqualTo(Verdict.EXACT);
  }

  @Test
  void a_map_that_cannot_be_read_does_not_keep_other_lines_from_choosing() {
    String text =
        Imports.front(
                "http-request set-var(txn.v) req.hdr(X-V)",
                "use_backend %[req.hdr(host),map(none.map)]",
                "use_backend other if { var(txn.v) b }")
            + """
            backend other
              http-request set-path /x
              server two 127.0.0.1:82
            """;
    Imported imported = Imports.good(text);
    assertThat(Imports.verdict(imported, "use_backend other if { var(txn.v) b }").verdict())
        .isEqualTo(Verdict.EXACT);
  }

  @Test
  void an_action_without_a_filter_is_unsupported() {
    for (String line :
        List.of(
            "http-request set-uri http://x/%[path]",
            "http-request replace-uri (.*)/a(.*) /b\\1\\2")) {
      assertThat(Imports.verdict(Imports.good(Imports.front(line)), line).verdict())
          .as(line)
          .isEqualTo(Verdict.UNSUPPORTED);
    }
  }
}
