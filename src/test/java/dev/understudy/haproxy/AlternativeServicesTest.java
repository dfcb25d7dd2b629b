package dev.understudy.haproxy;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Tag;

/** {@code Alt-Svc} announces no HTTP/3 on a listener that is left out. */
@Tag(Extent.SLOW)
class AlternativeServicesTest {
  @Rows(
      """
      # what is left of it
      bind quic4@:443 ssl crt a.pem alpn h3 ; http-response set-header alt-svc 'h3=":443"; ma=900' | APPROXIMATED && - "RemoveResponseHeader=alt-svc"
      bind quic4@:443 ssl crt a.pem alpn h3 ; http-response set-header Alt-Svc 'h3=":443";ma=60,h3-29=":443"' | APPROXIMATED && - "RemoveResponseHeader=Alt-Svc"
      bind quic4@:443 ssl crt a.pem alpn h3 ; http-response set-header alt-svc 'h3=":%[dst_port]"; ma=900' | APPROXIMATED && - "RemoveResponseHeader=alt-svc"
      bind quic4@:443 ssl crt a.pem alpn h3 ; http-response set-header alt-svc 'h2=":443", h3=":443"; ma=9' | APPROXIMATED && - "SetResponseHeader=alt-svc, h2=":443"
      bind quic4@:443 ssl crt a.pem alpn h3 ; http-response add-header alt-svc 'h3=":443"; ma=9, h2=":443"' | APPROXIMATED && - "AddResponseHeader=alt-svc, h2=":443"
      bind quic4@:443 ssl crt a.pem alpn h3 ; http-response set-header alt-svc 'h3="cdn.example.com:443"' | EXACT && - "SetResponseHeader=alt-svc, h3="cdn.example.com:443"
      bind quic4@:443 ssl crt a.pem alpn h3 ; http-response set-header alt-svc clear | EXACT && - "SetResponseHeader=alt-svc, clear"
      # a service of a QUIC listener at any address is left out
      bind quic4@:443 ssl crt a.pem ; http-response set-header alt-svc 'h3=":443"' | no ResponseHeader=alt-svc, h3
      bind quic6@:443 ssl crt a.pem ; http-response set-header alt-svc 'h3=":443"' | no ResponseHeader=alt-svc, h3
      bind quic4@*:443 ssl crt a.pem ; http-response set-header alt-svc 'h3=":443"' | no ResponseHeader=alt-svc, h3
      bind :443,quic4@:443 ssl crt a.pem ; http-response set-header alt-svc 'h3=":443"' | no ResponseHeader=alt-svc, h3
      # a field that is only added is left out
      bind quic4@:443 ssl crt a.pem alpn h3 ; http-response add-header alt-svc 'h3=":443"' | NOT_NEEDED && no alt-svc, h3
      # local and later responses do not announce it either
      bind quic4@:443 ssl crt a.pem alpn h3 ; http-after-response set-header alt-svc 'h3=":443"' ; http-request return status 204 hdr alt-svc 'h3=":443"' | RemoveResponseHeader=alt-svc \
          && no headers: { alt-svc
      # without such a listener the field is that of the file
      http-response set-header alt-svc 'h3=":443"; ma=900' | SetResponseHeader=alt-svc, h3=
      """)
  void a_field(String lines, String expected) {
    ImportRow.check(lines, expected);
  }
}
