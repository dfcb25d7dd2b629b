package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Reports, and comments of the dynamic file, show lines without their secrets. */
class SourceSecretsTest {
  private static final String SECRET = "s3cr3t";

  @Rows(
      """
      stats auth admin:s3cr3t | stats auth ***
      http-request set-header Authorization s3cr3t | http-request set-header Authorization ***
      http-request set-header Authorization "Basic s3cr3t" if TRUE | http-request set-header Authorization *** if TRUE
      http-request set-header X-From "Bearer s3cr3t" | http-request set-header X-From ***
      http-request add-header X-Api-Key s3cr3t | http-request add-header X-Api-Key ***
      http-request set-header X-Token %[req.hdr(x-t)] | http-request set-header X-Token %[req.hdr(x-t)]
      http-request deny unless { req.hdr(x-api-key) -m str s3cr3t } | http-request deny unless { req.hdr(x-api-key) -m str *** }
      http-request deny if !{ req.hdr(x-api-key) -m str s3cr3t } | http-request deny if !{ req.hdr(x-api-key) -m str *** }
      http-request deny if !!{ req.hdr(x-api-key) s3cr3t } ! { req.hdr(x-api-key) s3cr3t } | http-request deny if !!{ req.hdr(x-api-key) *** } ! { req.hdr(x-api-key) *** }
      acl known url_param(token) s3cr3t s3cr3t2 | acl known url_param(token) *** ***
      acl known http_auth_pass -m str s3cr3t | acl known http_auth_pass -m str ***
      http-request deny unless { http_auth_bearer(X-T),lower s3cr3t } { src 10.0.0.1 } | http-request deny unless { http_auth_bearer(X-T),lower *** } { src 10.0.0.1 }
      acl known req.hdr(x-api-key) -M -f /map s3cr3t | acl known req.hdr(x-api-key) -M -f /map ***
      http-request deny unless { req.hdr(x-api-key) -M -f /map s3cr3t } | http-request deny unless { req.hdr(x-api-key) -M -f /map *** }
      option httpchk GET / HTTP/1.1\\r\\nX-Api-Key:\\ s3cr3t | option httpchk GET / ***
      http-check send meth GET uri /up hdr Authorization "Basic s3cr3t" | http-check send meth GET uri /up hdr Authorization ***
      tcp-check send AUTH\\ s3cr3t\\r\\n | tcp-check send ***
      redirect location https://bob:s3cr3t@example.com/ | redirect location ***
      http-request set-header X-Auth '{"key":"s3cr3t"}' | http-request set-header X-Auth ***
      redirect location /x?token=s3cr3t | redirect location ***
      redirect location /x?token=%[req.hdr(x-t)] | redirect location /x?token=%[req.hdr(x-t)]
      option httpchk GET /h?api_key=s3cr3t | option httpchk GET ***
      http-check send meth POST uri /up body "password=s3cr3t" | http-check send meth POST uri /up body ***
      http-check send meth POST uri /up body '{"password": "s3cr3t"}' | http-check send meth POST uri /up body ***
      log-format '{"token":"%[req.hdr(x-t)]","key":""}' | log-format '{"token":"%[req.hdr(x-t)]","key":""}'
      http-request set-header Authorization "%[str(s3cr3t)]" | http-request set-header Authorization ***
      http-request set-header Cookie "session=s3cr3t" | http-request set-header Cookie ***
      http-response add-header Set-Cookie "session=s3cr3t; Secure" if TRUE | http-response add-header Set-Cookie *** if TRUE
      http-response set-header Set-Cookie "%[res.hdr(Set-Cookie)]; Secure" | http-response set-header Set-Cookie "%[res.hdr(Set-Cookie)]; Secure"
      http-response replace-header Set-Cookie (.*) "\\1; Secure" | http-response replace-header Set-Cookie (.*) "\\1; Secure"
      http-request set-header Authorization Bearer\\\\ s3cr3t if TRUE | http-request set-header Authorization *** *** if TRUE
      http-request set-var(txn.token) str(s3cr3t) | http-request set-var(txn.token) ***
      http-request set-var(txn.token) str(s3cr3t) if { var(txn.token) -m found } | http-request set-var(txn.token) *** if { var(txn.token) -m found }
      http-request set-var(txn.token) req.hdr(x-t) | http-request set-var(txn.token) req.hdr(x-t)
      http-request set-var(txn.name) str(shown) | http-request set-var(txn.name) str(shown)
      http-request set-var-fmt(txn.token) "s3cr3t" | http-request set-var-fmt(txn.token) ***
      http-request set-var-fmt(txn.token) "%[req.hdr(x-t)]" | http-request set-var-fmt(txn.token) "%[req.hdr(x-t)]"
      http-request deny unless { req.hdr(x-api-key) -m reg "s3cr3t(" } | http-request deny unless { req.hdr(x-api-key) -m reg *** }
      option httpchk GET /up HTTP/1.1\\r\\nCookie:\\ token=s3cr3t | option httpchk GET /up ***
      redirect location /login?next=token=s3cr3t | redirect location ***
      redirect prefix http://sso.example.com:8443/login?client_secret=s3cr3t | redirect prefix ***
      # what is no secret stays
      redirect prefix http://my-auth:4181/x | redirect prefix http://my-auth:4181/x
      redirect prefix http://auth:4181/x | redirect prefix http://auth:4181/x
      http-request auth realm Basic if FALSE | http-request auth realm Basic if FALSE
      http-request set-header X-Forwarded-Proto https | http-request set-header X-Forwarded-Proto https
      http-check expect string version | http-check expect string version
      acl x path_beg /app | acl x path_beg /app
      option httpchk GET /status | option httpchk GET /status
      """)
  void a_line(String line, String shown) {
    HaproxyImport.Result result = Imports.of(Imports.front(line));
    assertThat(result.report()).contains(shown).doesNotContain(SECRET);
    assertThat(comments(result)).noneMatch(each -> each.contains(SECRET));
  }

  @Rows(
      """
      cluster-secret s3cr3t | cluster-secret ***
      anonkey 12345 | anonkey ***
      set-var proc.api_key str(s3cr3t) | set-var proc.api_key ***
      set-var proc.api_key env(API_KEY) | set-var proc.api_key env(API_KEY)
      set-var-fmt proc.api_key "s3cr3t" | set-var-fmt proc.api_key ***
      set-var proc.name str(shown) | set-var proc.name str(shown)
      """)
  void a_line_of_the_process(String line, String shown) {
    Imported imported = Imports.good("global\n  " + line + "\n" + Imports.front());
    assertThat(imported.report()).contains(shown + "\n");
    assertThat(imported.report() + imported.yaml()).doesNotContain(SECRET);
  }

  @Test
  void a_key_of_sticky_cookies() {
    Imported imported = Imports.good(Imports.back("dynamic-cookie-key s3cr3t"));
    assertThat(imported.report()).contains("dynamic-cookie-key ***\n").doesNotContain(SECRET);
  }

  @Rows(
      """
      http-request deny unless { req.hdr(x-sig),hmac(sha256,"KEY") -m str a }
      http-request deny if !{ req.hdr(x-sig),hmac(sha256,"KEY"),bool }
      http-request deny unless { http_auth_bearer,jwt_verify("HS256","KEY") 1 }
      http-request deny unless { req.hdr(x-sig),aes_gcm_dec(128,txn.nonce,"KEY",txn.tag) -m found }
      http-request deny unless { req.hdr(x-sig),aes_cbc_enc(128,txn.nonce,"KEY") -m found }
      http-request deny unless { http_auth_bearer,jwt_decrypt_jwk("KEY") -m found }
      http-request deny unless { req.hdr(x-api-key),hmac(sha256,"KEY") s3cr3t2 }
      acl known req.hdr(x-sig),hmac(sha256,"KEY") -m str a
      acl known http_auth_bearer,jwt_verify("HS256","KEY") 1
      acl known req.hdr(x-sig),aes_gcm_dec(128,txn.nonce,"KEY",txn.tag) -m found
      http-request set-header X-Sig "%[req.hdr(x-sig),hmac(sha256,KEY)]"
      http-request set-header X-Sig "a%[http_auth_bearer,jwt_verify(HS256,KEY)]"
      http-request set-header X-Sig "%[req.hdr(x-sig),aes_gcm_dec(128,txn.nonce,KEY,txn.tag)]"
      http-request set-var(txn.sig) req.hdr(x-sig),hmac(sha256,"KEY")
      http-request set-var(txn.sig) http_auth_bearer,jwt_verify("HS256","KEY")
      http-request set-var(txn.sig) req.hdr(x-sig),aes_gcm_dec(128,txn.nonce,"KEY",txn.tag)
      http-request set-var-fmt(txn.sig) "%[req.hdr(x-sig),hmac(sha256,KEY)]"
      http-request track-sc0 req.hdr(x-sig),hmac(sha256,"KEY")
      stick on req.hdr(x-sig),hmac(sha256,"KEY")
      use_backend %["req.hdr(x-sig),hmac(sha256,KEY)"]
      http-request redirect location "/%[req.hdr(x-sig),hmac(sha256,KEY)]"
      # HAProxy refuses these
      http-request deny unless { req.hdr(x-sig),hmac(sha256,"KEY" -m str a }
      http-request deny unless { req.hdr(x-sig),hmac(sha256,"KEY")"KEY" -m str a }
      http-request deny unless { req.hdr(x-sig),hmac(sha256,'"KEY') -m str a }
      http-request deny unless { req.hdr(x-sig),hmac(sha256,'"a)KEY"') -m str a }
      http-request set-header X-Sig "%[req.hdr(x-sig),hmac(sha256,KEY]"
      http-request track-sc0 req.hdr(x-sig),hmac(sha256,"KEY"
      stick on req.hdr(x-sig),hmac(sha256,"KEY"
      """)
  void keys_of_converters(String line) {
    for (String key : List.of(SECRET, "$HMAC_KEY")) {
      HaproxyImport.Result result =
          Imports.of(Imports.front(line.replace("KEY", key)), Map.of("HMAC_KEY", SECRET), Map.of());
      assertThat(result.report()).as(key).doesNotContain(SECRET);
      if (result instanceof Imported imported) {
        assertThat(imported.yaml()).as(key).doesNotContain(SECRET);
      }
    }
  }

  @Test
  void a_text_names_the_converter_without_its_key() {
    Imported imported =
        Imports.good(
            Imports.front(
                "http-request deny unless { req.hdr(x-sig),hmac(sha256,s3cr3t),base64 -m str a }"));
    assertThat(imported.report()).contains("'req.hdr(x-sig),hmac(***),base64' has no counterpart");
  }

  @Rows(
      """
      http-request deny if { req.hdr(x-api-key) -m str s3cr3t } localnett | expected the name of an ACL of this section, found 'localnett'
      http-request deny if {req.hdr(x-api-key) s3cr3t } | expected the name of an ACL of this section, found another word
      http-request deny if { req.hdr(x-api-key) s3cr3t | expected '}'
      http-check send hdr Authorization Basic s3cr3t | expected 'http-check send
      """)
  void a_problem(String line, String text) {
    assertThat(Imports.problems(Imports.front(line))).contains(text).doesNotContain(SECRET);
  }

  @Test
  void a_problem_of_a_user() {
    String text =
        Imports.problems(
            "userlist staff\n  user bob insecure-password correct s3cr3t\n" + Imports.front());
    assertThat(text).contains("expected 'user NAME", "found another word").doesNotContain(SECRET);
  }

  @Test
  void a_problem_of_a_conditional_block() {
    HaproxyImport.Result result =
        Imports.of(
            Imports.front(".if streq(\"$KEY\",s3) \"$KEY\"", ".endif"),
            Map.of("KEY", SECRET),
            Map.of());
    assertThat(result.report())
        .contains("haproxy.cfg:9:24: expected &&, || or the end of the condition")
        .doesNotContain(SECRET);
  }

  @Test
  void passwords_of_users_that_are_left_out() {
    Imported imported =
        Imports.good(
            "userlist staff\n  user a:b insecure-password s3cr3t\n  user c password s3cr3t\n"
                + Imports.front());
    assertThat(imported.report() + imported.yaml()).doesNotContain(SECRET);
    assertThat(imported.report()).contains("user c password ***");
  }

  @Rows(
      """
      # a guard of a block whose version nobody names, which the head of the dynamic file has too
      .if version_atleast(3.3) | http-request deny unless { req.hdr(x-api-key) s3cr3t } | http-request deny unless { req.hdr(x-api-key) *** }
      .if version_atleast(3.3) | http-request deny unless { req.hdr(x-api-key) "s3cr3t $UNSET" } | http-request deny unless { req.hdr(x-api-key) *** }
      # others
      .if 0 | stats auth admin:s3cr3t | stats auth ***
      .if 0 | http-request set-header Authorization "Basic s3cr3t" if TRUE | http-request set-header Authorization *** if TRUE
      .if 0 | redirect location https://bob:s3cr3t@example.com/ | redirect location ***
      .if 1 | .notice "see https://bob:s3cr3t@b.example/" | .notice ***
      .if 1 | .if streq("$UNSET","https://bob:s3cr3t@example.com/") | .if ***
      """)
  void a_line_of_a_conditional_block(String block, String line, String shown) {
    String end = line.startsWith(".if") ? ".endif" : "";
    Imported imported = Imports.good(Imports.front(block, line, end, ".endif"));
    assertThat(imported.report()).contains(": " + shown + "\n");
    assertThat(imported.report() + imported.yaml()).doesNotContain(SECRET);
  }

  @Test
  void variables_of_lines_that_do_not_count_are_not_missing() {
    Imported imported =
        Imports.good(Imports.front(".if 0", "http-request set-header X-A \"$UNSET\"", ".endif"));
    assertThat(imported.report()).doesNotContain("Environment variables");
  }

  private static List<String> comments(HaproxyImport.Result result) {
    return result instanceof Imported imported
        ? imported.yaml().lines().map(String::strip).filter(each -> each.startsWith("#")).toList()
        : List.of();
  }
}
