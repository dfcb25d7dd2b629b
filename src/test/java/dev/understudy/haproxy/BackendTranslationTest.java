package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.testing.Rows;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What lines of backends mean, beside their settings. */
class BackendTranslationTest {
  private static final Map<String, String> FILES =
      Map.of(
          "/own", "HTTP/1.0 503 X\r\n\r\nown",
          "/blog/503.http", "HTTP/1.0 503 X\r\n\r\nblog",
          "/shop/503.http", "HTTP/1.0 503 X\r\n\r\nshop",
          "/page", "of a file",
          "/whole", "HTTP/1.0 404 X\r\n\r\nwhole");

  @Rows(
      """
      # a condition does not read the cookie of sessions
      > use_backend green if { req.cook(SRV) green } ; backend green ; cookie SRV insert indirect ; server a 127.0.0.1:82 cookie green | UNSUPPORTED!
      > use_backend green if { cook_beg(SRV) green } ; backend green ; cookie SRV prefix ; server a 127.0.0.1:82 cookie green | UNSUPPORTED!
      > use_backend green if { req.cook(SRV) -m str green } ; backend green ; cookie SRV rewrite ; server a 127.0.0.1:82 cookie green | UNSUPPORTED!
      > use_backend green if { req.cook(SRV) -m found } ; backend green ; cookie SRV insert ; server a 127.0.0.1:82 cookie green | EXACT
      > use_backend green if { req.cook_cnt(SRV) gt 0 } ; backend green ; cookie SRV insert ; server a 127.0.0.1:82 cookie green | EXACT
      > use_backend green if { req.cook(OTHER) green } ; backend green ; cookie SRV insert ; server a 127.0.0.1:82 cookie green | EXACT
      > use_backend green if { req.cook(SRV) green } ; backend green ; cookie SRV ; server a 127.0.0.1:82 cookie green | EXACT
      # the cookie of an application chooses the server
      backend app ; > cookie SRV nocache ; server two 127.0.0.1:82 cookie b ; server three 127.0.0.1:83 cookie c | EXACT && PreferServer=two when cookie(SRV, b) \
          && PreferServer=three when cookie(SRV, c) && no sticky
      # a server of FastCGI is left out
      backend app ; server php 127.0.0.1:9000 proto fcgi | UNSUPPORTED && no :9000"
      # a server name of the request is told
      backend app ; server two 127.0.0.1:82 ssl verify none sni req.hdr(host) | says tls.server-name
      backend app ; server two 127.0.0.1:82 ssl verify none sni ssl_fc_sni | says tls.server-name
      backend app ; server two 127.0.0.1:82 ssl verify none sni var(txn.a) | says tls.server-name
      # a time that is too long for haproxy is a problem
      backend app ; timeout server 999999999999d | problem TIME && problem '999999999999d'
      backend app ; timeout queue 999999999999d | problem TIME && problem '999999999999d'
      backend app ; timeout check 999999999999d | problem TIME && problem '999999999999d'
      backend app ; stick-table type ip size 1k expire 999999999999d | problem TIME && problem '999999999999d'
      backend app ; server two 127.0.0.1:82 check inter 999999999999d | problem TIME && problem '999999999999d'
      backend app ; server two 127.0.0.1:82 agent-check agent-port 9 agent-inter 999999999999d | problem TIME && problem '999999999999d'
      # HAProxy keeps inter in each state without an interval of its own
      backend app ; timeout check 1s ; server two 127.0.0.1:82 check inter 5s | interval: 5s && APPROXIMATED && says checks come after health.fast-interval, 250ms, while a state changes, and after health.down-interval, 1s, while a server is DOWN; in HAProxy after 'inter'
      backend app ; timeout check 1s ; server two 127.0.0.1:82 check inter 5s fastinter 1s | says checks come after health.down-interval && says no fast-interval
      backend app ; timeout check 1s ; server two 127.0.0.1:82 check inter 5s downinter 9s | says checks come after health.fast-interval && says no down-interval
      backend app ; timeout check 1s ; server two 127.0.0.1:82 check inter 5s fastinter 1s downinter 9s | EXACT
      backend app ; timeout check 1s ; server two 127.0.0.1:82 check inter 1s fastinter 1s | EXACT
      backend app ; timeout check 1s ; server two 127.0.0.1:82 check inter 200ms downinter 1s | EXACT
      backend app ; timeout check 1s ; server two 127.0.0.1:82 check | EXACT
      # no-verifyhost takes the default name away
      backend app ; default-server verifyhost a.example ; server two 127.0.0.1:82 ssl verify required no-verifyhost | no server-name
      # all backups of one master share
      backend app ; option allbackups ; server two 127.0.0.1:82 backup ; server three 127.0.0.1:83 backup | mode: balance
      backend app ; option allbackups ; server two 127.0.0.1:82 backup | mode: failover
      backend app ; server two 127.0.0.1:82 backup ; server three 127.0.0.1:83 backup | mode: failover
      # the report tells that several backups share
      backend app ; server two 127.0.0.1:82 ; server three 127.0.0.1:83 backup ; server four 127.0.0.1:84 backup | says shares the requests with the backups
      backend app ; server two 127.0.0.1:82 ; > server three 127.0.0.1:83 backup ; server four 127.0.0.1:84 backup | says no shares
      # a stick rule with a condition is approximated
      backend app ; stick on src if { path /a } | APPROXIMATED
      # connections to servers that clients must not share are not kept
      backend app ; > http-reuse never ; server two 127.0.0.1:82 | APPROXIMATED && keep-alive: 0s
      backend app ; > http-reuse safe ; server two 127.0.0.1:82 | APPROXIMATED && no keep-alive
      # a counter that guards a backend without servers shuts the listener, and is told so
      stick-table type ip size 1k expire 30s store http_req_rate(10s) ; http-request track-sc0 src ; > use_backend wall if { sc_http_req_rate(0) gt 20 } ; backend wall ; \
          http-request tarpit deny_status 429 | APPROXIMATED! && says REFUSES EVERY REQUEST
      stick-table type ip size 1k expire 30s store http_req_rate(10s) ; http-request track-sc0 src ; > use_backend wall if { path /a } { sc_http_req_rate(0) gt 20 } ; backend wall ; \
          http-request tarpit deny_status 429 | APPROXIMATED! && says leads more requests && no REFUSES EVERY
      # a key that all clients share keeps the role where it went
      backend app ; stick-table type ip size 1 ; > stick on dst ; server two 127.0.0.1:82 backup | EXACT && failback: { policy: manual } && no sticky
      backend app ; stick-table type integer size 1k ; > stick on dst_port ; server two 127.0.0.1:82 backup | EXACT && failback: { policy: manual }
      backend app ; stick-table type integer size 1k ; > stick on int(1) ; server two 127.0.0.1:82 backup | EXACT && failback: { policy: manual }
      listen db ; mode tcp ; bind :3389 ; stick-table type ip size 1 ; > stick on dst ; server one 127.0.0.1:81 ; server two 127.0.0.1:82 backup | EXACT && failback: { policy: manual }
      listen db ; mode tcp ; bind :3389 ; stick-table type ip size 2 nopurge ; > stick on dst ; server one 127.0.0.1:81 ; server two 127.0.0.1:82 backup | failback: { policy: manual }
      # but for a table that keeps its first entry
      listen db ; mode tcp ; bind :3389 ; stick-table type ip size 1 nopurge ; > stick on dst ; server one 127.0.0.1:81 ; server two 127.0.0.1:82 backup | APPROXIMATED && no failback
      # with a difference where its entry expires, or not all clients have it
      backend app ; stick-table type ip size 1 expire 1h ; > stick on dst ; server two 127.0.0.1:82 backup | APPROXIMATED && failback: { policy: manual } && says once no client has come
      backend app ; stick-table type ip size 1 ; > stick on dst if { path /a } ; server two 127.0.0.1:82 backup | APPROXIMATED && failback: { policy: manual }
      # clients of TCP that stay at the backup return here
      listen db ; mode tcp ; bind :3389 ; stick-table type ip size 1k ; > stick on src ; server one 127.0.0.1:81 ; server two 127.0.0.1:82 backup | APPROXIMATED && no failback &&           says the clients of the backup stay there
      # a check that asks for another resource is approximated
      backend app ; > option httpchk GET http://app/health ; server two 127.0.0.1:82 check | APPROXIMATED && path: /health && says in HAProxy for 'http://app/health'
      backend app ; > option httpchk GET https://app ; server two 127.0.0.1:82 check | APPROXIMATED && path: /
      backend app ; > option httpchk GET ?x=1 ; server two 127.0.0.1:82 check | APPROXIMATED && path: "/?x=1"
      backend app ; > option httpchk OPTIONS * ; server two 127.0.0.1:82 check | APPROXIMATED && path: /
      backend app ; > option httpchk get ; server two 127.0.0.1:82 check | APPROXIMATED && says the check asks for '/'
      backend app ; > option httpchk GET /a#b ; server two 127.0.0.1:82 check | EXACT && path: /a
      # flags of a replacement count
      http-request set-path "%[path,regsub(^/a,/b,i)]" | EXACT && - "RewritePath=(?i)^/a, /b"
      http-request set-path "%[path,regsub(^/a,/b)]" | EXACT && - "RewritePath=^/a, /b"
      http-request set-path "%[path,regsub(a,b,g)]" | EXACT && - "RewritePath=a, b"
      http-request set-path "%[path,regsub(a,b)]" | APPROXIMATED && - "RewritePath=a, b"
      # the first rule that names a server counts
      backend app ; cookie SRV ; server two 127.0.0.1:82 cookie b ; use-server one if { path_beg /a } ; use-server two if { path_beg / } | PreferServer=two when cookie(SRV, b) \
          && PreferServer=two when path-prefix(/) && PreferServer=one when path-prefix(/a)
      # the last error file of a status counts
      defaults ; errorfile 503 /shop/503.http ; mode http ; listen web ; bind :80 ; server a 127.0.0.1:81 ; errorfile 503 /own | APPROXIMATED && error-pages: { 503: own.html }
      # TCP has no error pages
      defaults ; > errorfile 503 /shop/503.http ; listen db ; mode tcp ; bind :5432 ; server a 127.0.0.1:81 check | NOT_NEEDED && no error-pages
      # the report names what a page of an HTTP error lacks
      backend app ; http-error status 404 content-type text/plain string gone hdr X-A b | says not as text/plain; without X-A
      # servers get the requests id in the field that is named
      unique-id-format %{+X}o\\ %ci ; unique-id-header X-Unique | APPROXIMATED && SetRequestHeader=X-Unique, {request-id}
      unique-id-format %{+X}o\\ %ci ; unique-id-header X-Request-Id | APPROXIMATED && no SetRequestHeader=X-Unique, {request-id}
      timeout client 5s ; unique-id-header X-Unique | NOT_NEEDED && no SetRequestHeader=X-Unique, {request-id}
      # a check of a role is said to keep it, as HAProxy gives a server that returns its role back at once
      listen db ; mode tcp ; bind :5432 ; > option pgsql-check user u ; server a 127.0.0.1:81 check ; server b 127.0.0.1:82 check backup | says failback is manual && # Pool db:
      listen db ; mode tcp ; bind :5432 ; > option mysql-check user u ; server a 127.0.0.1:81 check ; server b 127.0.0.1:82 check backup | says failback is manual && # Pool db:
      listen db ; mode tcp ; bind :5432 ; > option redis-check ; server a 127.0.0.1:81 check ; server b 127.0.0.1:82 check backup | says failback is manual && # Pool db:
      listen db ; mode tcp ; bind :5432 ; option tcp-check ; > tcp-check expect string role:master ; server a 127.0.0.1:81 check ; server b 127.0.0.1:82 check backup | says two primaries \
          && # Pool db:
      listen db ; mode tcp ; bind :5432 ; option tcp-check ; > tcp-check expect rstring ^role:master ; server a 127.0.0.1:81 check ; server b 127.0.0.1:82 check backup \
          | says two primaries && # Pool db:
      listen db ; mode tcp ; bind :5432 ; > option httpchk GET /primary ; server a 127.0.0.1:81 check ; server b 127.0.0.1:82 check backup | says two primaries && # Pool db:
      listen db ; mode tcp ; bind :5432 ; > option httpchk OPTIONS /master?lag=1MB ; server a 127.0.0.1:81 check ; server b 127.0.0.1:82 check backup | says two primaries && # Pool db:
      listen db ; mode tcp ; bind :5432 ; option tcp-check ; > tcp-check expect ! string role:master ; server a 127.0.0.1:81 check ; server b 127.0.0.1:82 check backup | says no failback
      listen db ; mode tcp ; bind :5432 ; option tcp-check ; > tcp-check expect string role:slave ; server a 127.0.0.1:81 check ; server b 127.0.0.1:82 check backup | says no failback
      listen db ; mode tcp ; bind :5432 ; > option httpchk GET /health ; server a 127.0.0.1:81 check ; server b 127.0.0.1:82 check backup | says no failback
      listen db ; mode http ; bind :5432 ; > option httpchk GET /primary ; server a 127.0.0.1:81 check ; server b 127.0.0.1:82 check backup | says no failback
      listen db ; mode tcp ; bind :5432 ; > option httpchk GET /primary ; server a 127.0.0.1:81 check ; server b 127.0.0.1:82 check check | says no failback
      # a server without weight never serves
      listen other ; mode http ; bind :80 ; > server a 127.0.0.1:81 check weight 0 ; server b 127.0.0.1:82 check backup | APPROXIMATED && no       a: { && b: {
      listen other ; mode http ; bind :80 ; > server a 127.0.0.1:81 check weight 1 ; server b 127.0.0.1:82 check backup weight 0 | EXACT && a: { && no       b: {
      listen other ; mode http ; bind :80 ; > server a 127.0.0.1:81 check weight 0 ; server b 127.0.0.1:82 check weight 1 | EXACT && a: { && b: {
      listen other ; mode http ; bind :80 ; server a 127.0.0.1:81 check weight 0 ; server b 127.0.0.1:82 check backup | EXACT
      listen other ; mode http ; bind :80 ; server a 127.0.0.1:81 check weight 1 ; server b 127.0.0.1:82 check backup weight 0 | APPROXIMATED
      # options that change what a check finds are told
      backend app ; option httpchk ; > http-check expect error-status L7OKC status 200 ; server two 127.0.0.1:82 check | APPROXIMATED
      backend app ; option httpchk ; > http-check expect ok-status L7OKC rstring ok ; server two 127.0.0.1:82 check | APPROXIMATED
      backend app ; option httpchk ; > http-check expect error-status L7STS status 200 ; > http-check expect comment x string min-recv ; server two 127.0.0.1:82 check | EXACT
      backend app ; option tcp-check ; > tcp-check expect min-recv 20 string ok ; server two 127.0.0.1:82 check | APPROXIMATED
      backend app ; option tcp-check ; > tcp-check expect comment min-recv string ok ; server two 127.0.0.1:82 check | EXACT
      # compression is that of gzip
      backend app ; > compression algo gzip ; compression type text/html | EXACT && Compress
      backend app ; > compression algo gzip ; option redispatch | APPROXIMATED && Compress
      backend app ; > compression algo deflate gzip ; compression type text/html | EXACT && Compress
      backend app ; > compression algo deflate ; compression type text/html | APPROXIMATED && Compress
      backend app ; > compression algo raw-deflate deflate ; compression type text/html | APPROXIMATED && Compress
      backend app ; > compression algo identity ; compression type text/html | NOT_NEEDED && no Compress
      # the limit of a check is told: without "timeout check", HAProxy waits for inter
      backend app ; option redispatch ; server two 127.0.0.1:82 check inter 10s | says health.timeout
      backend app ; option redispatch ; server two 127.0.0.1:82 check inter 1500 | says health.timeout
      backend app ; option redispatch ; server two 127.0.0.1:82 check inter 1s | says no health.timeout
      backend app ; option redispatch ; server two 127.0.0.1:82 check rise 1 | says no health.timeout
      backend app ; timeout check 2s ; server two 127.0.0.1:82 check inter 10s | says no health.timeout
      # what a proxy header lacks is told
      listen db ; mode tcp ; bind :5432 ; server a 127.0.0.1:81 check send-proxy-v2 | EXACT && proxy-protocol: v2
      listen db ; mode tcp ; bind :5432 ; server a 127.0.0.1:81 check send-proxy-v2-ssl | APPROXIMATED && proxy-protocol: v2
      listen db ; mode tcp ; bind :5432 ; server a 127.0.0.1:81 check send-proxy-v2-ssl-cn | APPROXIMATED && proxy-protocol: v2
      listen db ; mode tcp ; bind :5432 ; server a 127.0.0.1:81 check send-proxy-v2 proxy-v2-options crc32c,unique-id | UNSUPPORTED && proxy-protocol: v2
      listen db ; mode tcp ; bind :5432 ; server a 127.0.0.1:81 check send-proxy-v2 set-proxy-v2-tlv-fmt(0xE1) %[ssl_fc_sni] | UNSUPPORTED && proxy-protocol: v2
      # an HTTP error becomes a page
      backend app ; http-error status 404 string gone | APPROXIMATED && error-pages: { 404: && files [gone]
      backend app ; http-error status 404 lf-string gone | APPROXIMATED && error-pages: { 404: && files [gone]
      backend app ; http-error status 404 content-type text/plain string gone | APPROXIMATED && error-pages: { 404: && files [gone]
      backend app ; http-error status 404 file /page | APPROXIMATED && error-pages: { 404: && files [of a file]
      backend app ; http-error status 404 errorfile /whole | APPROXIMATED && error-pages: { 404: && files [whole]
      backend app ; http-error status 404 string gone hdr X-A b | APPROXIMATED && error-pages: { 404: && files [gone]
      backend app ; http-error status 404 lf-string %[src] | UNSUPPORTED && no error-pages: { 404: && files []
      backend app ; http-error status 404 default-errorfiles | UNSUPPORTED && no error-pages: { 404: && files []
      backend app ; http-error status 404 errorfiles all | UNSUPPORTED && no error-pages: { 404: && files []
      backend app ; http-error status 404 file /none | UNSUPPORTED && no error-pages: { 404: && files []
      # error files of one name become files of two
      backend app ; errorfile 503 /blog/503.http ; backend shop ; server a 127.0.0.1:82 ; errorfile 503 /shop/503.http | app: && error-pages: { 503: "503.html" } && shop: \
          && error-pages: { 503: "503-2.html" } && file 503.html=blog && file 503-2.html=shop
      """)
  void a_line_of_a_backend(String lines, String expected) {
    ImportRow.check(lines, expected, FILES);
  }

  @Test
  void what_the_first_server_decides_for_the_pool_has_one_order() {
    String line =
        "server three 127.0.0.1:83 ssl verify required sni str(b) verifyhost c ca-file d crt e";
    String text =
        Imports.verdict(
                Imports.good(Imports.back("server two 127.0.0.1:82 ssl verify none", line)), line)
            .text();
    assertThat(text.replaceAll("[^;]*'(\\S+)' of the first server[^;]*|[^;]", "$1"))
        .endsWith(";ca-file;crt;verify;verifyhost;sni");
  }

  @Rows(
      """
      http | check agent-check agent-port 9 | check agent-check agent-port 9 | agent: { port: 9 } | EXACT, EXACT
      http | check agent-check agent-port 9 | check | agent: { port: 9 } | EXACT, APPROXIMATED
      http | check | check agent-check agent-port 9 | agent: { port: 9 } | APPROXIMATED, EXACT
      http | agent-check agent-port 9 | agent-check agent-port 9 agent-inter 1s | agent: { port: 9 } | APPROXIMATED, APPROXIMATED
      http | check agent-check agent-port 8 | check agent-check agent-port 9 | `` | UNSUPPORTED, UNSUPPORTED
      http | check agent-check agent-port 9 agent-send a | check agent-check agent-port 9 agent-send b | `` | UNSUPPORTED, UNSUPPORTED
      http | check agent-check agent-port 9 agent-addr 127.0.0.3 | check agent-check agent-port 9 agent-addr 127.0.0.3 | agent: { port: 9, host: "127.0.0.3" } | EXACT, EXACT
      http | check agent-check agent-port 9 agent-addr 127.0.0.3 | check agent-check agent-port 9 agent-addr 127.0.0.4 | `` | UNSUPPORTED, UNSUPPORTED
      http | check agent-check agent-port 9 agent-addr 127.0.0.3 | check | `` | UNSUPPORTED, EXACT
      tcp | check send-proxy | check send-proxy | proxy-protocol: v1 | EXACT, EXACT
      tcp | check send-proxy | check | proxy-protocol: v1 | EXACT, UNSUPPORTED
      tcp | check | check send-proxy-v2 | `` | EXACT, UNSUPPORTED
      tcp | check send-proxy-v2 | check send-proxy | proxy-protocol: v2 | EXACT, UNSUPPORTED
      http | check proto h2 | check proto h2 | http2: true | EXACT, EXACT
      http | check proto h2 | check | `` | UNSUPPORTED, EXACT
      http | check ssl verify none alpn h2 | check | `` | UNSUPPORTED, EXACT
      http | check ssl verify none alpn h2 | check ssl verify none | http2: true | EXACT, APPROXIMATED
      http | check alpn h2 | check alpn h2 | `` | EXACT, EXACT
      """)
  void what_servers_have_differently_is_told(
      String mode, String one, String two, String written, String verdicts) {
    String first = "server one 127.0.0.1:81 " + one;
    String second = "server two 127.0.0.1:82 backup " + two;
    Imported imported =
        Imports.good(
            Imports.back()
                + "listen other\n  mode "
                + mode
                + "\n  bind :81\n  "
                + first
                + "\n  "
                + second
                + "\n");
    assertThat(
            Imports.verdict(imported, first).verdict()
                + ", "
                + Imports.verdict(imported, second).verdict())
        .isEqualTo(verdicts);
    if (written.isEmpty()) {
      assertThat(imported.yaml()).doesNotContain("agent:", "proxy-protocol: v", "http2:");
    } else {
      assertThat(imported.yaml()).contains(written);
    }
  }
}
