package dev.understudy.haproxy.acl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HAProxy's conditions in our language (configuration manual, 7). */
class AclsTest {
  private final Acls acls = new Acls();

  /** A frontend with listeners {@code plain} and, on port 443, {@code tls}. */
  static final class Front implements TermContext {
    @Override
    public List<String> listenersOn(int port) {
      return port == 443 ? List.of("tls") : List.of();
    }

    @Override
    public List<String> listeners() {
      return List.of("plain", "tls");
    }

    @Override
    public boolean isPortFromProxy() {
      return false;
    }

    @Override
    public List<Assignment> variable(String name) {
      return List.of();
    }

    @Override
    public List<Assignment> field(String name) {
      return List.of();
    }

    @Override
    public @Nullable String pool(String backend) {
      return backend.equals("App") ? "app" : null;
    }

    @Override
    public boolean hasBackups(String backend) {
      return false;
    }

    @Override
    public boolean isSessionCookie(String name) {
      return name.equals("SRV");
    }

    @Override
    public Optional<List<MapLookup.Entry>> map(String file) {
      return Optional.empty();
    }
  }

  private TranslatedCondition condition(String text) {
    return acls.condition(List.of(text.split(" ")), new Front());
  }

  private void acl(String text) {
    acls.add(List.of(text.split(" ")));
  }

  @Rows(
      """
      path /a /b                          | path(/a, /b)
      path_beg -i /API/                   | path-prefix(i: /API/)
      path -m end .php                    | path-suffix(.php)
      path_dir admin                      | path-directory(admin)
      path_reg ^/a(b),d$                  | path-matches("^/a(b),d$")
      path,lower -m sub x                 | path-contains(i: x)
      url_beg /a                          | path-prefix(/a)
      url_reg ^/a\\?b=                     | target-matches("^/a\\\\?b=")
      url_sub ?a=b                        | target-contains(?a=b)
      query -m beg a=                     | query-string-prefix(a=)
      hdr(host) -i a.com b.com            | host(a.com, b.com)
      hdr_end(Host) .example.com          | host-suffix(.example.com)
      hdr_beg(host) www.                  | host-prefix(www.)
      req.hdr(X-A) one                    | header(X-A, one)
      hdr_sub(User-Agent) -i bot          | header-contains(i: User-Agent, bot)
      req.hdr(X-A) -m found               | header(X-A)
      hdr_cnt(X-A) gt 2                   | header-count(X-A, > 2)
      hdr_val(content-length) gt 1000     | content-length(> 1000)
      req.cook(SID) -m found              | cookie(SID)
      cook_beg(SID) a                     | cookie-prefix(SID, a)
      req.cook(SRV) -m found              | cookie(SRV)
      cook_len(SRV) gt 0                  | cookie-matches(SRV, .)
      cook_cnt(SID) eq 0                  | not cookie(SID)
      urlp(debug) 1                       | query(debug, 1)
      method GET HEAD                     | method(GET, HEAD)
      method -f /etc/methods.lst GET      | method(GET, file(/etc/methods.lst))
      src 10.0.0.0/8 192.168.1.1          | client-address(10.0.0.0/8, 192.168.1.1)
      src 10.0.0.0/255.0.0.0              | client-address(10.0.0.0/8)
      src -f /etc/allow.lst               | client-address(file(/etc/allow.lst))
      dst_port 443                        | listener(tls)
      dst_port 444                        | never
      req.cook(sid) -m len gt 0           | cookie-matches(sid, .)
      req.hdr(X-A),length ge 1            | header-matches(X-A, .)
      ssl_fc                              | tls
      ssl_fc 0                            | tls
      ssl_fc -m int 0                     | not tls
      ssl_fc -m bool 0                    | tls
      ssl_c_verify 0                      | tls
      ssl_c_verify eq 0                   | tls
      ssl_c_s_dn(CN) a b                  | client-certificate-subject-attribute(CN, a, b)
      ssl_c_s_dn(o) -m beg -i a           | client-certificate-subject-attribute-prefix(i: o, a)
      ssl_c_s_dn -m sub CN=a              | client-certificate-subject-contains(CN=a)
      hdr(host) a.com:8443 a.com          | host(a.com)
      hdr(host,-1) [::1]:8443             | host("[::1]")
      hdr_end(host) .a.com:8443           | host-suffix(.a.com)
      hdr_reg(host) ^a(?::[0-9]+)?$       | host-matches("^a(?::[0-9]+)?$")
      ssl_fc_sni -i a.com                 | tls-server-name(a.com)
      req_ssl_sni -m end .a.com           | tls-server-name-suffix(.a.com)
      ssl_fc_sni -m beg a.                | tls-server-name-prefix(a.)
      ssl_fc_sni -m reg ^a[0-9]           | tls-server-name-matches("^a[0-9]")
      ssl_c_used                          | client-certificate
      nbsrv(App) lt 1                     | usable-servers(app, < 1)
      status 500:599                      | status(500-599)
      var(txn.x) -m str a                 | variable(txn-x, a)
      always_false                        | never
      """)
  void a_comparison_has_a_term(String theirs, String ours) {
    assertThat(condition("{ " + theirs + " }").text()).isEqualTo(ours);
  }

  @Rows(
      """
      # names and braces are joined
      a b           | path(/a) and (path(/b) or path(/bb))
      a or !b       | path(/a) or not (path(/b) or path(/bb))
      a or b        | path(/a) or path(/b) or path(/bb)
      a !b or c     | (path(/a) and not (path(/b) or path(/bb))) or tls
      ! a           | not path(/a)
      !!a           | path(/a)
      a TRUE        | path(/a)
      a FALSE       | never
      METH_GET      | method(GET, HEAD)
      a !{ ssl_fc } | path(/a) and not tls
      # alternatives are parted by or, in any letter case, as parse_acl_cond of HAProxy 2.6 has it
      { path /a } or { path /b } | path(/a) or path(/b)
      { path /a } OR { path /b } | path(/a) or path(/b)
      { path /a } Or { path /b } | path(/a) or path(/b)
      or { path /a } or { path /b } oR | path(/a) or path(/b)
      # an exclamation mark may stand alone
      ! { path /a }            | not path(/a)
      !! { path /a }           | path(/a)
      { path /a } ! OR METH_HEAD | path(/a) or method(HEAD)
      { path /a } !OR METH_HEAD | path(/a) or method(HEAD)
      !                        | never
      or                       | never
      """)
  void names_are_joined_as_in_haproxy(String theirs, String ours) {
    acl("a path /a");
    acl("b path /b");
    acl("b path /bb");
    acl("c ssl_fc");
    assertThat(condition(theirs).text()).isEqualTo(ours);
  }

  @ParameterizedTest
  @ValueSource(strings = {"METH_HEAD || { path /a }", "METH_HEAD or || { path /a }"})
  void two_bars_are_an_or(String theirs) {
    assertThat(condition(theirs).text()).isEqualTo("method(HEAD) or path(/a)");
  }

  @Rows(
      """
      { rand(2) 1 } ; { path,field(2,/) a } ; { hdr_ip(X-F) 10.0.0.1 } ; { nbsrv(other) lt 1 }
      { req.hdr(X-A,-1) b } ; { req.hdr_cnt(X-A,1) gt 1 } ; { req.cook(sid) -m len gt 5 }
      { req.cook(SRV) s1 } ; { cook_reg(SRV) ^s1 } ; { url_param(a,;) b }
      { var(txn.a,b) -m str b } ; { capture.req.hdr(0) b } ; { ssl_c_s_dn(CN,1) b }
      { ssl_c_s_dn(emailAddress) b } ; { ssl_c_s_dn /O=b } ; { ssl_c_verify 10 }
      { ssl_fc -m found } ; { hdr(host) *.b.com } ; { hdr_beg(host) b.com:80 }
      { hdr_dom(host) b.com:80 } ; { path -m x /a } ; { path -M -f /pairs } ; { path -z /a }
      { hdr(host a } ; { path_reg ^/(?!b) } ; { hdr_reg(X-A) (a)\\1 } ; { path /b?c } ; HTTP_1.0
      """)
  void what_has_no_term_is_unknown_and_can_be_taken_either_way(String theirs) {
    acl("a path /a");
    for (String each : theirs.split(" ; ")) {
      TranslatedCondition condition = condition("a " + each);
      assertThat(condition.leaves(TranslatedCondition.Unknown.class)).as(each).hasSize(1);
      assertThat(condition.bound(true).text()).isEqualTo("path(/a)");
      assertThat(condition.bound(false).text()).isEqualTo("never");
      assertThat(TranslatedCondition.not(condition).bound(true).text()).isEqualTo("any");
    }
  }

  @Rows(
      """
      sc_http_req_rate(0) gt 100   | http_req_rate | 0 | 100
      sc1_conn_cur ge 5            | conn_cur      | 1 | 4
      src_http_req_rate(t) gt 9    | http_req_rate | -1 | 9
      """)
  void a_counter_is_a_leaf_of_its_own(String theirs, String counter, int slot, long above) {
    assertThat(condition("{ " + theirs + " }"))
        .isInstanceOfSatisfying(
            TranslatedCondition.Rate.class,
            rate -> {
              assertThat(rate.counter()).isEqualTo(counter);
              assertThat(rate.slot()).isEqualTo(slot);
              assertThat(rate.above()).isEqualTo(above);
            });
  }

  @Test
  void authentication_is_a_leaf_of_its_own() {
    assertThat(condition("!{ http_auth(staff) }"))
        .isEqualTo(
            new TranslatedCondition.Not(new TranslatedCondition.Authenticated("staff", List.of())));
  }

  @Rows(
      """
      nobody          | expected the name of an ACL of this section, found 'nobody'
      { path /a       | expected '}'
      TRUE AND TRUE   | expected the name of an ACL of this section, found 'AND'
      """)
  void a_wrong_condition_is_a_problem(String theirs, String expected) {
    assertThatThrownBy(() -> condition(theirs))
        .isInstanceOf(SyntaxException.class)
        .hasMessageContaining(expected);
  }

  @Rows(
      """
      https://%[req.hdr(host)]%[capture.req.uri] | https://{host}{target}
      %[src]:%cp                                 | {client.address}:{client.port}
      %{+Q}[ssl_c_s_dn]                          | {tls.subject}
      100%%                                      | 100%
      100%                                       | 100%
      %%%[path]%%[path]                          | %{path}%[path]
      %{+Q}[ssl_c_s_dn(cn)]                      | {tls.subject.CN}
      %HM-%ID                                    | {method}-{request-id}
      %{+Q}HM %{-Q}ID                            | "{method}" {request-id}
      %[var(txn.a)]%[req.cook(b)]                | {variable.txn-a}{cookie.b}
      """)
  void a_text_has_values_in_braces(String theirs, String ours) {
    assertThat(LogFormat.of(theirs).text()).contains(ours);
  }

  @Test
  void the_unknown_values_of_a_text_are_listed() {
    assertThat(LogFormat.of("a%[rand(3)]b%Tw%[req.hdr(X-A,-1)]%{+X}cp% %[path").unknown())
        .containsExactly("%[rand(3)]", "%Tw", "%[req.hdr(X-A,-1)]", "%{+X}cp", "%", "%[ without ]");
  }

  @Test
  void a_text_that_reads_as_one_of_understudys_values_is_not_translated() {
    assertThat(LogFormat.of("{other} {client.no}").value()).isEqualTo("{client.no}");
    assertThat(LogFormat.of("{host}").alternatives()).isEmpty();
    assertThat(LogFormat.of("{\"a\": {\"b\": 1}} {other} %{+Q}[path]").value()).isEmpty();
  }

  @Test
  void a_text_notes_fields_that_only_proxies_can_send() {
    assertThat(LogFormat.of("%[req.hdr(X-Real-IP)]%[req.hdr(X-A)]%[path]").notes())
        .containsExactly(TermDifference.forwarded("X-Real-IP"));
  }

  @Rows(
      """
      hdr(Upgrade) -i websocket           | false
      hdr(upgrade) WebSocket              | false
      hdr(Upgrade) -m found               | false
      hdr(Upgrade) -i tcp                 | true
      req.hdr(upgrade) websocket SPDY/3.1 | true
      """)
  void a_condition_on_an_upgrade_that_is_not_relayed_says_so(String text, boolean told) {
    TermDifference note =
        TermDifference.differs(
            "without an AllowUpgrade filter, only upgrades to WebSocket are relayed");
    assertThat(condition("{ " + text + " }").notes().contains(note)).isEqualTo(told);
  }
}
