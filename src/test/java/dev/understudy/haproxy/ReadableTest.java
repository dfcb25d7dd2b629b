package dev.understudy.haproxy;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Tag;

/** No line that HAProxy accepts makes the whole file unreadable. */
@Tag(Extent.SLOW)
class ReadableTest {
  @Rows(
      """
      # a line of a frontend is read
      > maxconn 0 ; > maxconn 10k ; > maxconn any ; > http-request deny if { path -n /a } ; > http-request deny if { path -M -f /dev/null } | says no the import does not read
      > http-request deny if { path -u 5 /x } ; > http-request deny if { path -f /a -f /b -i } ; > redirect location /a if | says no the import does not read
      > http-request deny status 404 ; > http-request deny deny_status 200 ; > http-request return | says no the import does not read
      > http-request return status 499 content-type text/plain string x hdr A b ; > http-request track-sc0 src,ipmask(24) | says no the import does not read
      > http-request set-path "%[path,regsub('^/a\\(','/b')]" ; > http-request deny if { path,regsub('\\(',x) -m str a } | says no the import does not read
      > http-request set-header X-A %[path,regsub(a,b)] ; > timeout client 2147483647 ; > timeout http-request 0 ; > errorfile 404 /dev/null | says no the import does not read
      > errorfile 200 /dev/null ; > bind ipv6@:8099 ; > bind localhost:8083 ; > bind unix@/tmp/s ; > bind /tmp/s ; > bind abns@s | says no the import does not read
      bind :8443 ssl crt-list /none | says no the import does not read
      > acl a src -n 10.0.0.1 ; > acl a path -M -f /dev/null ; > rate-limit sessions 10 | says no the import does not read
      > stick-table type ip size 1k expire 1s store gpc0,conn_cur ; > http-request capture req.hdr(A) len 10 | says no the import does not read
      # a line of a backend is read
      backend app ; option httpchk ; retry-on all-retryable-errors ; server two unix@/tmp/x | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; server two abns@x | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; server two /tmp/x.sock | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; server two 127.0.0.1 | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; server two 127.0.0.1:+5 | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; server two 127.0.0.1:81 maxconn 0 | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; server two 127.0.0.1:81 check fall 1000 | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; server two 127.0.0.1:81 check inter 2d | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; server two 127.0.0.1:81 check inter 500us | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; server two 127.0.0.1:81 check port 70000 | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; > server-template a 500 127.0.0.1:80 ; > server-template a 5-7 127.0.0.1:80 | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; > retries 0 ; > retries -1 ; > timeout queue 0 ; > timeout check 0 | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; > timeout server 0 ; > option redispatch 3 ; > balance ; > fullconn any | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; > cookie A ; > stick on src,ipmask(24) ; > stick on url_param(a) | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; http-check expect status 200,301-303 | says no the import does not read
      backend app ; option httpchk ; retry-on all-retryable-errors ; option httpchk GET /x HTTP/1.1\\r\\nHost:\\ a | says no the import does not read
      # a backend that is left out leaves the file readable
      defaults ; mode http ; frontend web ; bind :80 ; > use_backend other if TRUE ; default_backend app ; backend app ; server a 127.0.0.1:81 ; backend other ; disabled | no://op \
          && Deny=503 && no pool://app && no pool: app
      defaults ; mode http ; frontend web ; bind :80 ; > use_backend other if TRUE ; default_backend app ; backend app ; server a 127.0.0.1:81 ; backend other ; stats enable | no://op \
          && Deny=503 && no pool://app && no pool: app
      defaults ; mode tcp ; frontend web ; bind :80 ; > use_backend other if TRUE ; default_backend app ; backend app ; server a 127.0.0.1:81 ; backend other ; disabled | UNSUPPORTED! \
          && no pool://app && no pool: app
      defaults ; mode tcp ; frontend web ; bind :80 ; > use_backend other if TRUE ; default_backend app ; backend app ; server a 127.0.0.1:81 ; backend other ; stats enable | UNSUPPORTED! \
          && no pool://app && no pool: app
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
    ImportRow.check(lines, expected);
  }
}
