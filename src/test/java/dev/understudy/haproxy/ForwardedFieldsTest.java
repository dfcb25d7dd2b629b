package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rules on fields that describe the client's connection. */
@Tag(Extent.SLOW)
class ForwardedFieldsTest {
  @Rows(
      """
      # a field that is always sent is not needed only with the same value
      http-request set-header X-Forwarded-Proto https if { ssl_fc } | NOT_NEEDED && no RequestHeader= && setting no understudy.trusted-proxies
      http-request set-header X-Forwarded-Proto http if !{ ssl_fc } | NOT_NEEDED && no RequestHeader= && setting no understudy.trusted-proxies
      http-request set-header X-Forwarded-Proto http | NOT_NEEDED && no RequestHeader= && setting no understudy.trusted-proxies
      http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)] | NOT_NEEDED && no RequestHeader= && setting no understudy.trusted-proxies
      http-request add-header X-Forwarded-Port %[dst_port] | NOT_NEEDED && no RequestHeader= && setting no understudy.trusted-proxies
      > http-request set-header X-Forwarded-Port 80 ; > http-request set-header X-Forwarded-For %[src] | NOT_NEEDED && no RequestHeader= && setting no understudy.trusted-proxies
      http-request set-header X-Forwarded-For %ci | NOT_NEEDED && no RequestHeader= && setting no understudy.trusted-proxies
      http-request set-header X-Forwarded-Host %[req.hdr(host)] | NOT_NEEDED && no RequestHeader= && setting no understudy.trusted-proxies
      http-request del-header X-Forwarded-For | NOT_NEEDED && no RequestHeader= && setting no understudy.trusted-proxies
      http-request set-header X-Forwarded-Proto https | APPROXIMATED && no RequestHeader= && setting understudy.trusted-proxies
      http-request set-header X-Forwarded-Proto https if { path /a } | APPROXIMATED && no RequestHeader= && setting understudy.trusted-proxies
      http-request set-header X-Forwarded-Proto https unless { ssl_fc } | APPROXIMATED && no RequestHeader= && setting understudy.trusted-proxies
      http-request add-header X-Forwarded-Proto https | APPROXIMATED && no RequestHeader= && setting understudy.trusted-proxies
      http-request set-header X-Forwarded-Port 443 | APPROXIMATED && no RequestHeader= && setting understudy.trusted-proxies
      http-request set-header X-Forwarded-For %[req.hdr(CF-Connecting-IP)] | APPROXIMATED && no RequestHeader= && setting understudy.trusted-proxies
      http-request set-header X-Forwarded-Host app.internal | APPROXIMATED && no RequestHeader= && setting understudy.trusted-proxies
      http-request set-header Forwarded by=me | APPROXIMATED && no RequestHeader= && setting understudy.trusted-proxies
      http-request replace-header X-Forwarded-For (.*) x | APPROXIMATED && no RequestHeader= && setting understudy.trusted-proxies
      # the scheme of a frontend with TLS alone is sent
      defaults ; mode http ; frontend web ; bind :443 ssl crt /a.pem ; default_backend app ; backend app ; > http-request set-header X-Forwarded-Proto https ; server a 127.0.0.1:81 \
          | NOT_NEEDED
      defaults ; mode http ; frontend web ; bind :443 ssl crt /a.pem ; bind :80 ; default_backend app ; backend app ; > http-request set-header X-Forwarded-Proto https ; \
          server a 127.0.0.1:81 | APPROXIMATED
      # other fields of that kind are set
      http-request set-header X-Forwarded-Ssl on ; http-request set-header X-Real-IP %[src] | SetRequestHeader=X-Forwarded-Ssl, on && SetRequestHeader=X-Real-IP, {client.address}
      # the client address is sent in a field of another name
      option forwardfor header X-Client-IP | EXACT && - "SetRequestHeader=X-Client-IP, {client.address}"
      option forwardfor header X-A except 10.0.0.1 | EXACT && - "SetRequestHeader=X-A, {client.address} when not client-address(10.0.0.1)"
      option forwardfor if-none header X-A | EXACT && - "SetRequestHeader=X-A, {client.address} when not header(X-A)"
      backend app ; option forwardfor header X-Client-IP | EXACT && - "SetRequestHeader=X-Client-IP, {client.address}"
      # the name of the backend counts, and exceptions of both
      option forwardfor header X-A except 10.0.0.1 if-none ; backend app ; option forwardfor header X-B | SetRequestHeader=X-B, {client.address} when not client-address(10.0.0.1)" \
          && no SetRequestHeader=X-A
      # the usual field is always sent
      option forwardfor | NOT_NEEDED && setting no understudy.trusted-proxies
      option forwardfor except 127.0.0.0/8 | APPROXIMATED && setting understudy.trusted-proxies=127.0.0.0/8
      option forwardfor if-none | APPROXIMATED && setting understudy.trusted-proxies=
      option forwardfor header X-Forwarded-For | NOT_NEEDED && setting no understudy.trusted-proxies
      """)
  void a_line(String lines, String expected) {
    ImportRow.check(lines, expected);
  }

  @Test
  void a_line_that_both_inherit_counts_once() {
    String line = "option forwardfor header X-A except 10.0.0.1";
    assertThat(Imports.good("defaults\n  " + line + "\n" + Imports.front().substring(9)).yaml())
        .contains("SetRequestHeader=X-A, {client.address} when not client-address(10.0.0.1)\"")
        .containsOnlyOnce("# " + line);
  }
}
