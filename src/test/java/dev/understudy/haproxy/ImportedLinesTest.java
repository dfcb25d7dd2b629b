package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lines of HAProxy by what they are about. */
@Tag(Extent.SLOW)
class ImportedLinesTest {
  private static final String OTHER =
      "frontend web ; bind :80 ; > use_backend other if TRUE ; default_backend app ; backend app ;"
          + " server a 127.0.0.1:81 ; backend other";

  @Rows(
      """
      // Redirects behind rules that change Host: HAProxy keeps its port in the location.
      # a port that a rule before sets stays
      http-request replace-value Host (.*):8080 \\1:8443 ; redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" && no RedirectToHttps
      http-request replace-header Host (.*):8080 \\1:8443 ; redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" && no RedirectToHttps
      http-request replace-header host (.*):8080 \\1:8443 if { path_beg /a } ; redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" \
          && no RedirectToHttps
      http-request set-header Host www.example.com:8443 ; redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" && no RedirectToHttps
      http-request set-header Host %[req.hdr(host),host_only]:8443 ; redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" && no RedirectToHttps
      http-request set-header Host www.example.com:8443 ; http-request redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" \
          && no RedirectToHttps
      # a backend's redirect keeps the port that its frontend has set
      http-request replace-value Host (.*):8080 \\1:8443 ; backend app ; http-request redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" \
          && no RedirectToHttps
      # a location that reads a replaced host has its port
      http-request replace-value Host (.*):8080 \\1:8443 ; http-request redirect prefix https://%[hdr(host)] | ReplaceRequestHeader=Host, && Redirect=302, https://{host}{target}
      http-request replace-value Host (.*):8080 \\1:8443 ; http-request redirect location https://%[req.hdr(Host)]/x | ReplaceRequestHeader=Host, && Redirect=302, https://{host}/x
      # without such a rule a redirect leads to the port of https
      http-request set-header X-Host www.example.com ; redirect scheme https code 301 if !{ ssl_fc } | RedirectToHttps=301
      http-request replace-value X-Forwarded-Port 80 443 ; redirect scheme https code 301 if !{ ssl_fc } | RedirectToHttps=301
      http-request set-path /a%[path] ; redirect scheme https code 301 if !{ ssl_fc } | RedirectToHttps=301
      # a rule behind the redirect changes nothing of it
      http-request redirect scheme https code 301 if !{ ssl_fc } ; http-request set-header Host a.example:8443 | RedirectToHttps=301
      // Options of HAProxy's log become the access log's form, which is a static setting.
      # an option names the form of lines
      option httplog | EXACT && setting understudy.access-log=haproxy && report --understudy.access-log=haproxy
      option tcplog | EXACT && setting understudy.access-log=haproxy && report --understudy.access-log=haproxy
      option httpslog | APPROXIMATED && setting understudy.access-log=haproxy && report --understudy.access-log=haproxy
      option httplog clf | APPROXIMATED && setting understudy.access-log=plain && report --understudy.access-log=plain
      # an option of the defaults counts as well
      defaults ; option httplog ; mode http ; listen web ; bind :80 ; server a 127.0.0.1:81 | setting understudy.access-log=haproxy
      # an option that is turned off asks for no log
      defaults ; option httplog ; mode http ; listen web ; bind :80 ; server a 127.0.0.1:81 ; no option httplog | setting no understudy.access-log
      # fields of a log format need lines that have them
      > option httplog ; log-format "%ci %sslv" | APPROXIMATED && setting understudy.access-log=plain
      # captured header fields are in HAProxy's lines, and cookies are not
      option httplog ; > capture request header Host len 40 ; capture cookie SESSION len 20 | EXACT && setting understudy.access-log=haproxy
      option httplog ; capture request header Host len 40 ; capture cookie SESSION len 20 | APPROXIMATED
      // Alt-Svc announces no HTTP/3 on a listener that is left out.
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
      // No server gets requests for what HAProxy itself responds to: statistics and services.
      # requests for statistics are refused
      stats uri /stats | "Deny=404 when path-prefix(/stats)" && report get 404, so that no server has them
      stats enable | "Deny=404 when target-prefix(/haproxy?stats)" && report get 404, so that no server has them
      stats hide-version | "Deny=404 when target-prefix(/haproxy?stats)" && report get 404, so that no server has them
      stats auth a:b | "Deny=404 when target-prefix(/haproxy?stats)" && report get 404, so that no server has them
      stats uri / | "Deny=404 when path-prefix(/)" && report get 404, so that no server has them
      stats uri /s,x | "Deny=404 when path-prefix("/s,x")" && report get 404, so that no server has them
      backend app ; stats enable | "Deny=404 when target-prefix(/haproxy?stats)" && report get 404, so that no server has them
      # the line that names a prefix counts wherever it stands
      stats enable ; stats uri /a ; stats uri /b ; stats refresh 5s | Deny=404 when path-prefix(/b) && no prefix(/a) && no /haproxy?stats
      # they are looked for behind rules and before redirects
      redirect location /x ; stats uri /stats ; http-request deny if { path /a } ; http-request set-path /stats if { path /b } | Deny=403 && SetPath=/stats && Deny=404 && Redirect=302, /x
      # a section with statistics alone is left out as before
      backend app ; listen stats ; bind :8404 ; stats uri / | no 404
      # a section of TCP has no requests to refuse
      defaults ; mode tcp ; stats enable ; listen pg ; bind :5432 ; server a 127.0.0.1:5433 | no Deny
      # requests of a service are refused
      http-request use-service prometheus-exporter if { path /metrics } | UNSUPPORTED && - "Deny=404 when path(/metrics)"
      // What a change of the request that is left out means for the rules after it.
      # a guard that reads what is not changed comes first
      http-request set-uri %[url,regsub(^/p/,/)] ; http-request deny if { path_beg /a } | APPROXIMATED! && says http-request set-uri %[url,regsub(^/p/,/)] && Deny=403 when path-prefix(/a)
      http-request set-path %[path,regsub(a,%[src])] ; http-request deny if { url_sub a } | APPROXIMATED! && says http-request set-path %[path,regsub(a,%[src])] \
          && Deny=403 when target-contains(a)
      http-request set-query %[rand] ; http-request deny if { query -m sub a } | APPROXIMATED! && says http-request set-query %[rand] && Deny=403 when query-string-contains(a)
      http-request set-method %[rand] if { path /a } ; http-request deny if { method POST } | APPROXIMATED! && says http-request set-method %[rand] if { path /a } \
          && Deny=403 when method(POST)
      http-request set-header Host %[req.hdr(X-A),lower] ; http-request deny if { hdr(host) -i a.b } | APPROXIMATED! && says http-request set-header Host %[req.hdr(X-A),lower] \
          && Deny=403 when host(a.b)
      http-request set-header Cookie %[rand] ; http-request deny if { req.cook(a) -m found } | APPROXIMATED! && says http-request set-header Cookie %[rand] && Deny=403 when cookie(a)
      http-request set-header X-A 1 if { url_len gt 60 } ; http-request deny if { hdr(X-A) 1 } | APPROXIMATED! && says http-request set-header X-A 1 if { url_len gt 60 } && Deny=403
      http-request add-header X-A %[rand] ; http-request deny if { hdr(X-A) 1 } | APPROXIMATED! && says http-request add-header X-A %[rand] && Deny=403
      http-request replace-header X-A (.*) %[src] ; http-request deny if { hdr(X-A) 1 } { path /a } | APPROXIMATED! && says http-request replace-header X-A (.*) %[src] \
          && Deny=403 when path(/a)
      http-request set-uri %[url,regsub(^/p/,/)] ; http-request tarpit if { path_beg /a } | APPROXIMATED! && says http-request set-uri %[url,regsub(^/p/,/)] \
          && Tarpit=500, 5s when path-prefix(/a)
      http-request set-uri %[url,regsub(^/p/,/)] ; http-request allow if { path_beg /a } | APPROXIMATED! && says http-request set-uri %[url,regsub(^/p/,/)] && bind
      http-request set-uri %[url,regsub(^/p/,/)] ; http-request return status 404 if { path_beg /a } | APPROXIMATED! && says http-request set-uri %[url,regsub(^/p/,/)] && path-prefix(/a)
      # a guard that reads something else is said
      http-request set-uri %[url,regsub(^/p/,/)] ; > http-request deny if { src 10.0.0.1 } ; > http-request deny if { hdr(X-A) 1 } | EXACT
      http-request set-header X-A %[rand] ; http-request deny if { hdr(X-B) 1 } | EXACT
      http-request set-path /a ; http-request deny if { path_beg /a } | EXACT
      http-request set-path %[path,lower] ; http-request deny if { path_beg /a } | EXACT
      # the verdicts of other rules name a left out change
      http-request set-uri %[url,regsub(^/p/,/)] ; > http-request set-header X-B b if { path_beg /a } ; use_backend app if { path_beg /a } | APPROXIMATED \
          && says as 'http-request set-uri
      http-request set-uri %[url,regsub(^/p/,/)] ; http-request set-header X-B b if { path_beg /a } ; use_backend app if { path_beg /a } | APPROXIMATED && says as 'http-request set-uri
      # a path in lower case is compared without case
      http-request deny if { path_beg /before } ; http-request set-path %[path,lower] ; http-request deny if { path_beg /after } ; http-request deny if !{ path_end -i .gif } \
          | Deny=403 when path-prefix(/before) && Deny=403 when path-prefix(i: /after) && Deny=403 when not path-suffix(i: .gif)
      # a variable of which one rule is left out chooses no backend
      http-request set-var(txn.a) str(none) ; http-request set-var(txn.a) req.hdr(X-A),lower if { hdr(X-A) -m found } ; use_backend %[var(txn.a)] | UNSUPPORTED! \
          && says a rule that sets the variable txn-a is left out
      # the target as it came is none after a change
      > http-request set-header X-A %[capture.req.uri] ; > http-response set-header X-A %[capture.req.uri] | EXACT
      http-request set-path /b if { path /a } ; http-request set-header X-A %[capture.req.uri] | APPROXIMATED!
      http-request set-path /b if { path /a } ; http-response set-header X-A %[capture.req.uri] | UNSUPPORTED
      // Rules on fields that describe the client's connection.
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
      // No line that HAProxy accepts makes the whole file unreadable.
      # a line that HAProxy takes with other files or tables is read; refused.txt has all others
      http-request deny if { path -f /a -f /b -i } | says no the import cannot read
      http-request track-sc0 src,ipmask(24) | says no the import cannot read
      bind :8443 ssl crt-list /none | says no the import cannot read
      backend app ; > stick on src,ipmask(24) ; > stick on url_param(a) | says no the import cannot read
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

  @Test
  void inherited_statistics_are_refused_once() {
    String yaml =
        Imports.good("defaults\n  stats uri /stats\n" + Imports.front().substring(9)).yaml();
    assertThat(yaml).containsOnlyOnce("Deny=404 when path-prefix(/stats)");
  }

  @Test
  void passwords_of_statistics_stay_named_as_a_guard() {
    Imported imported = Imports.good(Imports.front("stats auth a:b"));
    assertThat(Imports.verdict(imported, "stats auth ***").guard()).isTrue();
  }

  @Test
  void a_line_that_both_inherit_counts_once() {
    String line = "option forwardfor header X-A except 10.0.0.1";
    assertThat(Imports.good("defaults\n  " + line + "\n" + Imports.front().substring(9)).yaml())
        .contains("SetRequestHeader=X-A, {client.address} when not client-address(10.0.0.1)\"")
        .containsOnlyOnce("# " + line);
  }
}
