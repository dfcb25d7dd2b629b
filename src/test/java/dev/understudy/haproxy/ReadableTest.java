package dev.understudy.haproxy;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Tag;

/** No line that HAProxy accepts makes the whole file unreadable. */
@Tag(Extent.SLOW)
class ReadableTest {
  private static final String OTHER =
      "frontend web ; bind :80 ; > use_backend other if TRUE ; default_backend app ; backend app ;"
          + " server a 127.0.0.1:81 ; backend other";

  @Rows(
      """
      # a line that HAProxy takes with other files or tables is read; refused.txt has all others
      http-request deny if { path -f /a -f /b -i } | says no the import does not read
      http-request track-sc0 src,ipmask(24) | says no the import does not read
      bind :8443 ssl crt-list /none | says no the import does not read
      backend app ; > stick on src,ipmask(24) ; > stick on url_param(a) | says no the import does not read
      # a backend that is left out leaves the file readable
      defaults ; mode http ; OTHER ; disabled | no://op && Deny=503 && no pool://app && no pool: app
      defaults ; mode http ; OTHER ; stats enable | no://op && Deny=503 && no pool://app && no pool: app
      defaults ; mode tcp ; OTHER ; disabled | UNSUPPORTED! && no pool://app && no pool: app
      defaults ; mode tcp ; OTHER ; stats enable | UNSUPPORTED! && no pool://app && no pool: app
      # a default backend that is left out serves nothing
      frontend web ; mode http ; bind :80 ; default_backend other ; backend other ; mode http ; disabled ; server a 127.0.0.1:81 | Deny=503 && no pool://
      # connections led by a map are a guard
      defaults ; mode tcp ; frontend web ; bind :80 ; > use_backend %[req_ssl_sni,map(/m)] ; default_backend app ; backend app ; server a 127.0.0.1:81 | UNSUPPORTED!
      # an ACL that cannot be read denies more
      acl a path -m new /a ; http-request deny if a { path /b } | APPROXIMATED! && - "Deny=403 when path(/b)"
      # a default backend that is overridden may name nothing
      defaults ; mode http ; default_backend none ; frontend web ; bind :80 ; default_backend app ; backend app ; server a 127.0.0.1:81 | app
      defaults ; mode tcp ; default_backend none ; frontend web ; bind :80 ; default_backend app ; backend app ; server a 127.0.0.1:81 | app
      """)
  void a_line(String lines, String expected) {
    ImportRow.check(lines.replace("OTHER", OTHER), expected);
  }
}
