package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Test;

/** Rules on fields that describe the client's connection. */
class ForwardedFieldsTest {
  @Rows(
      """
      http-request set-header X-Forwarded-Proto https if { ssl_fc }       | NOT_NEEDED
      http-request set-header X-Forwarded-Proto http if !{ ssl_fc }       | NOT_NEEDED
      http-request set-header X-Forwarded-Proto http                      | NOT_NEEDED
      http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)] | NOT_NEEDED
      http-request add-header X-Forwarded-Port %[dst_port]                | NOT_NEEDED
      http-request set-header X-Forwarded-Port 80                         | NOT_NEEDED
      http-request set-header X-Forwarded-For %[src]                      | NOT_NEEDED
      http-request set-header X-Forwarded-For %ci                         | NOT_NEEDED
      http-request set-header X-Forwarded-Host %[req.hdr(host)]           | NOT_NEEDED
      http-request del-header X-Forwarded-For                             | NOT_NEEDED
      http-request set-header X-Forwarded-Proto https                     | APPROXIMATED
      http-request set-header X-Forwarded-Proto https if { path /a }      | APPROXIMATED
      http-request set-header X-Forwarded-Proto https unless { ssl_fc }   | APPROXIMATED
      http-request add-header X-Forwarded-Proto https                     | APPROXIMATED
      http-request set-header X-Forwarded-Port 443                        | APPROXIMATED
      http-request set-header X-Forwarded-For %[req.hdr(CF-Connecting-IP)] | APPROXIMATED
      http-request set-header X-Forwarded-Host app.internal               | APPROXIMATED
      http-request set-header Forwarded by=me                             | APPROXIMATED
      http-request replace-header X-Forwarded-For (.*) x                  | APPROXIMATED
      """)
  void a_field_that_is_always_sent_is_not_needed_only_with_the_same_value(
      String line, Verdict verdict) {
    Imported imported = Imports.good(Imports.front(line));
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(verdict);
    assertThat(imported.settings().containsKey("understudy.trusted-proxies"))
        .isEqualTo(verdict == Verdict.APPROXIMATED);
    assertThat(imported.yaml()).doesNotContain("RequestHeader=");
  }

  @Rows(
      """
      bind :443 ssl crt /a.pem                          | NOT_NEEDED
      bind :443 ssl crt /a.pem |
      """)
  void the_scheme_of_a_frontend_with_tls_alone_is_sent(String bind, Verdict alone) {
    String line = "http-request set-header X-Forwarded-Proto https";
    String front = "  " + bind + "\n" + (alone == null ? "  bind :80\n" : "");
    Imported imported =
        Imports.good(
            "defaults\n  mode http\nfrontend web\n"
                + front
                + "  default_backend app\nbackend app\n  "
                + line
                + "\n  server a 127.0.0.1:81\n");
    assertThat(Imports.verdict(imported, line).verdict())
        .isEqualTo(alone == null ? Verdict.APPROXIMATED : alone);
  }

  @Test
  void other_fields_of_that_kind_are_set() {
    assertThat(
            Imports.good(
                    Imports.front(
                        "http-request set-header X-Forwarded-Ssl on",
                        "http-request set-header X-Real-IP %[src]"))
                .yaml())
        .contains("SetRequestHeader=X-Forwarded-Ssl, on")
        .contains("SetRequestHeader=X-Real-IP, {client.address}");
  }

  @Rows(
      """
      option forwardfor header X-Client-IP          | SetRequestHeader=X-Client-IP, {client.address}
      option forwardfor header X-A except 10.0.0.1  | SetRequestHeader=X-A, {client.address} when not client-address(10.0.0.1)
      option forwardfor if-none header X-A          | SetRequestHeader=X-A, {client.address} when not header(X-A)
      """)
  void the_client_address_is_sent_in_a_field_of_another_name(String line, String filter) {
    for (String text : new String[] {Imports.front(line), Imports.front() + "  " + line + "\n"}) {
      Imported imported = Imports.good(text);
      assertThat(imported.yaml()).contains("- \"" + filter + "\"");
      assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.EXACT);
    }
  }

  @Test
  void a_line_that_both_inherit_counts_once() {
    String line = "option forwardfor header X-A except 10.0.0.1";
    assertThat(Imports.good("defaults\n  " + line + "\n" + Imports.front().substring(9)).yaml())
        .contains("SetRequestHeader=X-A, {client.address} when not client-address(10.0.0.1)\"")
        .containsOnlyOnce("# " + line);
  }

  @Test
  void the_name_of_the_backend_counts_and_exceptions_of_both() {
    assertThat(
            Imports.good(
                    Imports.front("option forwardfor header X-A except 10.0.0.1 if-none")
                        + "  option forwardfor header X-B\n")
                .yaml())
        .contains("SetRequestHeader=X-B, {client.address} when not client-address(10.0.0.1)\"")
        .doesNotContain("SetRequestHeader=X-A");
  }

  @Rows(
      """
      option forwardfor                      | NOT_NEEDED  |
      option forwardfor except 127.0.0.0/8   | APPROXIMATED | 127.0.0.0/8
      option forwardfor if-none | APPROXIMATED | ``
      option forwardfor header X-Forwarded-For | NOT_NEEDED |
      """)
  void the_usual_field_is_always_sent(String line, Verdict verdict, String trusted) {
    Imported imported = Imports.good(Imports.front(line));
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(verdict);
    assertThat(imported.settings().get("understudy.trusted-proxies")).isEqualTo(trusted);
  }
}
