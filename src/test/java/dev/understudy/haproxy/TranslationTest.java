package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.codec.digest.Crypt;
import org.junit.jupiter.api.Test;

/** What single lines become. */
class TranslationTest {
  private static final String DB =
      "defaults ; mode tcp ; frontend fe ; bind :5432 ; default_backend db ; backend db";

  @Rows(
      """
      # a rule becomes a filter
      http-request deny | - "Deny=403"
      http-request deny deny_status 429 if { path /a } | - "Deny=429 when path(/a)"
      http-request deny unless { src 10.0.0.0/8 } | - "Deny=403 when not client-address(10.0.0.0/8)"
      http-request silent-drop if { path /a } | - "Reject when path(/a)"
      http-request tarpit deny_status 429 | - "Tarpit=429, 5s"
      http-request return status 200 string hello | - "Respond=200, hello"
      http-request redirect scheme https if !{ ssl_fc } | - "RedirectToHttps=302"
      redirect prefix https://x.com code 301 | - "Redirect=301, https://x.com{target}"
      redirect location /b code 307 if { path /a } | - "Redirect=307, /b when path(/a)"
      http-request set-header X-A %[src] | - "SetRequestHeader=X-A, {client.address}"
      http-request add-header X-A a,b | - { name: AddRequestHeader, args: { name: X-A, value: "a,b" } }
      http-request del-header X-A | - "RemoveRequestHeader=X-A"
      http-request set-path /x%[path] | - "SetPath=/x{path}"
      http-request replace-path /a/(.*) /b/\\1 | - "RewritePath=^.*?/a/(.*), /b/$1"
      http-request set-query a=1 | - "SetQuery=a=1"
      http-request set-var(txn.t) req.hdr(X-T) | - "SetVariable=txn-t, {header.X-T} when header(X-T)"
      http-response set-header X-A b | - "SetResponseHeader=X-A, b"
      http-response set-header X-A b if { status 404 } | - "SetResponseHeader=X-A, b when status(404)"
      http-response del-header Server | - "RemoveResponseHeader=Server"
      http-request return status 200 string x{host} | - "Respond=200, x(host)"
      http-request set-header X-Q %[query] | - "SetRequestHeader=X-Q, {query-string}"
      http-request set-header X-H %[req.hdr(host),host_only] | - "SetRequestHeader=X-H, {host-name}"
      http-request set-query a=1&%[query] | - "SetQuery=a=1&{query-string}"
      http-request set-pathq /p%[pathq] | - "SetPath=/p{path}"
      http-request set-uri /p%[path]?%[query] | - "SetPath=/p{path}"
      http-request set-pathq /p | - SetQuery && - "SetPath=/p"
      http-request set-pathq /p?a=%[src] | - "SetQuery=a={client.address}"
      http-request replace-uri ^/a/(.*) /b/\\1 | - "RewritePath=^/a/(.*), /b/$1"
      http-request deny if { url_sub a=b } | - "Deny=403 when target-contains(a=b)"
      http-request deny if { query -m sub a=b } | - "Deny=403 when query-string-contains(a=b)"
      redirect prefix /x drop-query append-slash | - "Redirect=302, /x{path} when path-suffix(/)"
      http-request return status 204 hdr X-A b | - { name: Respond, args: { status: 204, text: "", headers: { X-A: b } } }
      http-request set-method GET | - "SetMethod=GET"
      http-request deny if !{ query -m found } | - "Deny=403 when not target-contains(?)"
      http-request deny deny_status 401 hdr X-A b | - { name: Respond, args: { status: 401, text: "", headers: { X-A: b } } }
      http-request deny deny_status 403 string x if { src 10.0.0.1 } | - "Respond=403, x when client-address(10.0.0.1)"
      http-request redirect prefix https://www.%[hdr(host)] | - "Redirect=302, https://www.{host}{target}"
      http-request return status 403 hdr X-I %[rand] string x | - "Respond=403, x"
      http-request return content-type a/b string x | - { name: Respond, args: { status: 200, text: x, content-type: a/b } }
      monitor-uri /up | - "Respond=200, OK when path(/up)"
      tcp-request connection reject if { src 10.0.0.0/8 } | - "Reject when client-address(10.0.0.0/8)"
      # rules keep HAProxy's order, whatever that of the lines
      redirect location /r if { path /r } ; http-request set-header X-A b ; http-request deny if { path /d } ; tcp-request content reject if { path /t } ; monitor-uri /m | Reject when \
          && Respond=200 && SetRequestHeader=X-A && Deny=403 && Redirect=302
      # what an allow lets pass no later rule denies, but a redirect line still redirects
      http-request allow if { src 10.0.0.0/8 } ; http-request deny if { path_beg /admin } | Deny=403 when not client-address(10.0.0.0/8) and path-prefix(/admin)
      http-request allow if { src 10.0.0.0/8 } ; redirect scheme https if !{ ssl_fc } | - "RedirectToHttps=302"
      # a guard with an unknown part denies more and comes first
      http-request set-var(txn.lost) rand(3) ; http-request deny if { path /a } { rand(2) 1 } | APPROXIMATED! && report LINES THAT DENY, LIMIT OR AUTHENTICATE && - "Deny=403 when path(/a)"
      http-request set-var(txn.lost) rand(3) ; http-request deny if { rand(2) 1 } | APPROXIMATED! && report LINES THAT DENY, LIMIT OR AUTHENTICATE && - "Deny=403"
      http-request set-var(txn.lost) rand(3) ; http-request deny if { path /a } !{ rand(2) 1 } | APPROXIMATED! && report LINES THAT DENY, LIMIT OR AUTHENTICATE && - "Deny=403 when path(/a)"
      http-request set-var(txn.lost) rand(3) ; http-request allow if { rand(2) 1 } | APPROXIMATED! && report LINES THAT DENY, LIMIT OR AUTHENTICATE
      http-request set-var(txn.lost) rand(3) ; http-request deny if { var(txn.lost) -m found } | APPROXIMATED! && report LINES THAT DENY, LIMIT OR AUTHENTICATE && - "Deny=403"
      http-request set-var(txn.lost) rand(3) ; http-request deny if { req.hdr(X-A,-1) b } | APPROXIMATED! && report LINES THAT DENY, LIMIT OR AUTHENTICATE && - "Deny=403"
      http-request set-var(txn.lost) rand(3) ; http-request deny if { path_reg ^/(?!api) } | APPROXIMATED! && report LINES THAT DENY, LIMIT OR AUTHENTICATE && - "Deny=403"
      # a rule that does less says so
      http-request deny if { req.hdr(X-Real-IP) 192.0.2.1 } | APPROXIMATED! && says trusted-proxies && report --understudy.trusted-proxies=
      http-request deny if { hdr_cnt(X-Forwarded-For) gt 1 } | APPROXIMATED! && says trusted-proxies && report --understudy.trusted-proxies=
      http-request track-sc0 req.hdr(X-Forwarded-For) | APPROXIMATED! && says trusted-proxies && report --understudy.trusted-proxies=
      redirect scheme https if !{ ssl_fc } !{ hdr(X-Forwarded-Proto) https } | APPROXIMATED && says trusted-proxies && report --understudy.trusted-proxies=
      http-request set-header X-A %[req.hdr(X-Forwarded-For)] | APPROXIMATED! && says trusted-proxies && report --understudy.trusted-proxies=
      > http-request set-header X-A %[req.hdr(X-B)] ; http-request return status 403 if { hdr(x-a) secret } | APPROXIMATED! && says takes the last
      http-request set-var(txn.a) req.hdr(Forwarded) | APPROXIMATED! && says trusted-proxies && report --understudy.trusted-proxies=
      http-request deny unless { hdr(host) a.com:8443 } | APPROXIMATED! && says without its port
      http-request deny unless { req.fhdr(X-A) a } | APPROXIMATED! && says whole lines
      > http-request set-header X-A %[req.hdr(host),lower] ; > http-request set-var(txn.a) req.hdr(host),lower | APPROXIMATED && says letter case
      http-request return status 200 lf-string %[req.hdr(host),lower] content-type text/plain | APPROXIMATED && says letter case
      # a difference of one line is not told of the next
      http-request deny if { hdr(X-Real-IP) 192.0.2.1 } ; http-request deny if { hdr(host) a.com } | APPROXIMATED && says no X-Real-IP
      http-request deny if { hdr(X-Real-IP) 192.0.2.1 } { always_false } ; http-request deny if { hdr(host) a.com } | APPROXIMATED && says no X-Real-IP
      http-request set-header X-A %[req.hdr(X-Real-IP)]%[rand(2)] ; http-request deny if { hdr(host) a.com } | APPROXIMATED && says no X-Real-IP
      http-request capture req.hdr(X-Real-IP) len 20 ; http-request deny if { hdr(host) a.com } | APPROXIMATED && says no X-Real-IP
      # what has no words is lost
      http-request track-sc0 req.hdr(X-A,-1) | UNSUPPORTED!
      > http-request replace-path ^/(?!api)(.*) /x/\\1 ; > http-request replace-header X-A (a) \\2 ; > http-response replace-header X-A (?<=a)b c | UNSUPPORTED
      > http-request replace-header X-A (.*) %{+Q}x ; > http-response replace-header X-A (.*) %H-\\1 ; > http-response replace-header X-A (.*) %[src] | UNSUPPORTED
      > http-response set-header X-A %s ; > http-response set-header X-A %[srv_name] ; > http-request set-uri http://x/%[path] | UNSUPPORTED
      http-request replace-uri (.*)/a(.*) /b\\1\\2 | UNSUPPORTED
      # a replacement keeps what it means
      http-request replace-header X-A (.*) \\1%% | ReplaceRequestHeader= && $1%
      http-response replace-header X-A (.*) \\1%% | ReplaceResponseHeader= && $1%
      http-request replace-header X-A (.*) $\\1 | ReplaceRequestHeader= && \\$$1
      http-response replace-value X-A (.*) $\\1 | ReplaceResponseHeader= && \\$$1
      # a capture that the access log cannot have is left out
      http-request capture url_param(a) len 20 | UNSUPPORTED && setting no understudy.access-log-fields[0]
      # local responses keep their header
      http-after-response set-header X-A b | APPROXIMATED && says not on local ones
      # rules of one field of the response run in HAProxy's order
      http-response set-header X-A front if { status 404 } ; http-response set-header X-A last if { status 500 } ; backend app ; http-response set-header X-A back \
          | SetResponseHeader=X-A, last && SetResponseHeader=X-A, front && SetResponseHeader=X-A, back
      # a value that looks like a placeholder is none
      http-request set-header X-A '${HOME}' | \\${HOME}
      # who has authenticated decides who is denied
      > http-request deny if { path /a } !{ http_auth(l) } ; userlist l ; user a insecure-password b groups g | BasicAuth && path(/a) && no Deny=403 when && APPROXIMATED
      > http-request deny if { path /a } { http_auth_group(l) g } ; userlist l ; user a insecure-password b groups g | Deny=403 when path(/a) && no BasicAuth && APPROXIMATED!
      > http-request deny if { path /a } or !{ http_auth(l) } ; userlist l ; user a insecure-password b groups g | Deny=403 when path(/a) && BasicAuth && APPROXIMATED
      > http-request auth unless { http_auth(l) } ; userlist l ; user a insecure-password b groups g | BasicAuth && no Deny=403 when && EXACT
      # what is not quite the same is told
      http-request deny if { hdr(X-A),url_dec -m sub a } | APPROXIMATED! && header-contains(X-A, a)
      http-request deny if { hdr(Origin),host_only a } | APPROXIMATED! && - "Deny=403"
      http-request deny if { hdr(X-A),ltrim(a) b } | APPROXIMATED! && - "Deny=403"
      http-request deny if { path,url_dec -m beg /a } | EXACT && path-matches(
      http-response replace-value X-A a b | APPROXIMATED && ReplaceResponseHeader
      http-request redirect location https://%[url_param(a)]/ | APPROXIMATED && Redirect=302
      http-request redirect location https://a.%[req.hdr(a)].b/ | APPROXIMATED && Redirect=302
      # what tcp rules accept http rules still judge
      tcp-request content accept if HTTP ; http-request deny if { path_beg /admin } | - "Deny=403 when path-prefix(/admin)"
      tcp-request content accept if { src 10.0.0.0/8 } ; http-request deny if { path_beg /admin } | - "Deny=403 when path-prefix(/admin)"
      tcp-request connection accept if { src 10.0.0.0/8 } ; http-request deny if { path_beg /admin } | - "Deny=403 when path-prefix(/admin)"
      tcp-request session accept ; http-request deny if { path_beg /admin } | - "Deny=403 when path-prefix(/admin)"
      # a listener reads a proxy header of all clients or is left out
      tcp-request connection expect-proxy layer4 | EXACT && port: 80 && proxy-protocol: true
      tcp-request connection expect-proxy layer4 if { src 10.0.0.0/8 } | UNSUPPORTED! && no port: 80
      tcp-request connection expect-proxy layer4 unless { src 10.0.0.1 } | UNSUPPORTED! && no port: 80
      # what haproxy refuses is refused with its line
      use_backend nothing | problem haproxy.cfg:9: && problem expected the name of a backend, found 'nothing'; there are app
      bind 80 | problem haproxy.cfg:9: && problem expected an address and a port such as '*:80', found '80'
      http-request deny if nothing | problem haproxy.cfg:9: && problem expected the name of an ACL of this section, found 'nothing'
      http-request deny deny_status 4000 | problem haproxy.cfg:9: && problem expected a status after deny_status, found '4000'
      redirect to /x | problem haproxy.cfg:9: && problem expected 'redirect location|prefix|scheme TARGET', found 'to'
      acl a | problem haproxy.cfg:9: && problem expected 'acl NAME CRITERION
      # routes name only listeners that there are
      bind :::80 ; frontend other ; bind :81 ; default_backend app | "Listener=web" && no web-2
      # a section with statistics alone is left out
      backend app ; frontend stats ; > bind 127.0.0.1:8404 ; log global ; option dontlog-normal ; timeout client 5s ; stats enable | APPROXIMATED! && no port: 8404
      # rules beside statistics stay in force
      backend app ; frontend stats ; bind :8404 ; > stats enable ; http-request deny unless { src 127.0.0.1 } ; redirect scheme https | APPROXIMATED! && port: 8404 \
          && Deny=403 when not client-address(127.0.0.1) && Redirect=302
      # sections inherit from named defaults
      defaults slow ; mode http ; timeout server 9s ; defaults fast from slow ; timeout server 2s ; frontend web from fast ; bind :80 ; default_backend a ; backend a from slow ; \
          server one 127.0.0.1:81 | timeouts: { response: 9s, idle: 9s }
      # an address that a line before has gets no listener
      bind :::80 | NOT_NEEDED && port: 80 && once port: 80
      bind [::]:80 v6only | NOT_NEEDED && port: 80 && once port: 80
      bind 0.0.0.0:80 | NOT_NEEDED && port: 80 && once port: 80
      bind :::80 accept-proxy | APPROXIMATED! && port: 80 && once port: 80
      bind 127.0.0.1:80 | EXACT && port: 80 && port: 80
      bind :9000-9098 | EXACT && port: 80 && once port: 80
      bind :9000-9100 | UNSUPPORTED && port: 80 && once port: 80
      # a port from the PROXY protocol is not taken for a listener's
      frontend web ; mode http ; bind :80 accept-proxy ; default_backend app ; > http-request deny if { path_beg /a } { dst_port 443 } ; backend app ; mode http ; server a 127.0.0.1:81 \
          | APPROXIMATED! && Deny=403 when path-prefix(/a)
      frontend web ; mode http ; bind :80 accept-proxy ; default_backend app ; > http-request set-header X-Port %[dst_port] ; backend app ; mode http ; server a 127.0.0.1:81 | APPROXIMATED!
      tcp-request connection expect-proxy layer4 ; http-request deny if { path_beg /a } { dst_port 443 } | APPROXIMATED! && Deny=403 when path-prefix(/a)
      tcp-request connection expect-proxy layer4 ; http-request redirect scheme https if !{ dst_port 443 } | UNSUPPORTED!
      tcp-request connection expect-proxy layer4 ; http-request set-header X-Port %[dst_port] | APPROXIMATED!
      """)
  void a_rule_of_a_frontend(String lines, String expected) {
    ImportRow.check(lines, expected);
  }

  @Rows(
      """
      # a line of a backend becomes a setting
      backend app ; server two 127.0.0.1:82 check backup | two: { url: "http://127.0.0.1:82", role: backup }
      backend app ; server two 127.0.0.1:82 maxconn 5 | max-requests: 5
      backend app ; server two 127.0.0.1:82 weight 7 | weight: 7
      backend app ; server Two_2 [::1]:82 | two-2: { url: "http://[::1]:82" }
      # what follows the last colon of an address is a port
      backend app ; server two 2001:db8::5:82 check | two: { url: "http://[2001:db8::5]:82" } && EXACT
      backend app ; server two ipv6@::1:82 check | two: { url: "http://[::1]:82" } && EXACT
      backend app ; server two 2001:db8:0:0:0:0:0:5:82 check | two: { url: "http://[2001:db8:0:0:0:0:0:5]:82" } && EXACT
      backend app ; server two ::ffff:10.0.0.1:82 check | two: { url: "http://[::ffff:10.0.0.1]:82" } && EXACT
      backend app ; server two 127.0.0.1:82 ssl verify none | two: { url: "https://127.0.0.1:82" } && tls: { verify: false }
      backend app ; server-template t 3 app.x:82 | t: { url: "http://app.x:82", count: 3 }
      backend app ; balance leastconn | mode: failover
      backend app ; timeout queue 3s | hold: { time: 3s }
      backend app ; http-request tarpit | - "Tarpit=500, 1s"
      backend app ; cookie S insert | sticky: { cookie: S, after-failback: keep }
      backend app ; stick on src | sticky: { type: client-address, after-failback: keep }
      backend app ; compression algo gzip | - Compress
      backend app ; use-server one if { hdr(host) a.com } | - "PreferServer=one when host(a.com)"
      # a server is checked in a place of its own
      CHECKED port 8009 | EXACT && three: { url: "http://127.0.0.1:83", role: backup, health-port: 8009 }
      CHECKED port 8009 addr 127.0.0.9 | EXACT && three: { url: "http://127.0.0.1:83", role: backup, health-port: 8009, health-host: "127.0.0.9" }
      CHECKED addr 127.0.0.9:8010 | EXACT && three: { url: "http://127.0.0.1:83", role: backup, health-port: 8010, health-host: "127.0.0.9" }
      CHECKED addr 127.0.0.9:8010 port 8009 | EXACT && three: { url: "http://127.0.0.1:83", role: backup, health-port: 8009, health-host: "127.0.0.9" }
      CHECKED addr [fd00::9] port 8008 | EXACT && three: { url: "http://127.0.0.1:83", role: backup, health-host: "fd00::9" }
      CHECKED port 0 | EXACT && three: { url: "http://127.0.0.1:83", role: backup }
      # the port of connect counts for all servers
      backend app ; option httpchk ; http-check connect port 8010 ; server two 127.0.0.1:82 check port 8008 ; server three 127.0.0.1:83 check port 8009 | port: 8010 && no health-port
      # a check becomes health
      backend app ; option httpchk ; server two 127.0.0.1:82 check | method: OPTIONS
      backend app ; option httpchk /up ; server two 127.0.0.1:82 check | path: /up
      backend app ; option httpchk GET /up ; server two 127.0.0.1:82 check | method: GET
      backend app ; option httpchk ; http-check send meth GET uri /x ; server two 127.0.0.1:82 check | path: /x
      backend app ; option httpchk ; http-check expect status 200-204 ; server two 127.0.0.1:82 check | expect: { status: "200-204" }
      backend app ; option httpchk ; http-check expect ! status 500 ; server two 127.0.0.1:82 check | expect: { status: "100-499,501-599" }
      backend app ; option httpchk ; http-check expect rstatus ^[23] ; server two 127.0.0.1:82 check | expect: { status: "200-399" }
      backend app ; option httpchk ; http-check expect ! string down ; server two 127.0.0.1:82 check | expect: { not: { body: down }, status: "100-599" }
      backend app ; option tcp-check ; tcp-check send-binary 00ff ; server two 127.0.0.1:82 check | - { send-hex: "00ff" }
      backend app ; option tcp-check ; tcp-check expect rstring ^a ; server two 127.0.0.1:82 check | - { expect: { text-regex: "^a" } }
      backend app ; option pgsql-check user check ; server two 127.0.0.1:82 check | user: check
      backend app ; option redis-check ; server two 127.0.0.1:82 check | type: redis
      backend app ; option mysql-check user check ; server two 127.0.0.1:82 check | type: mysql
      # what a request of a check cannot have is told
      backend app ; option httpchk ; > http-check send meth GET uri-lf /x hdr X-A 5%% ; server two 127.0.0.1:82 check | EXACT && path: /x
      backend app ; option httpchk ; > http-check send hdr Host a.com hdr X-A b ; server two 127.0.0.1:82 check | EXACT && host: a.com
      backend app ; option httpchk ; > http-check send meth POST body-lf x ; server two 127.0.0.1:82 check | EXACT && content: x
      backend app ; option httpchk ; > http-check send uri-lf /x?%[date] hdr X-A b ; server two 127.0.0.1:82 check | UNSUPPORTED && path: /
      backend app ; option httpchk ; > http-check send hdr X-A %[date] hdr X-B b ; server two 127.0.0.1:82 check | UNSUPPORTED && headers: { X-B: b }
      backend app ; option httpchk ; > http-check send meth POST uri /x body-lf x%[uuid] ; server two 127.0.0.1:82 check | UNSUPPORTED && path: /x
      backend app ; option httpchk ; > http-check connect port 8080 linger ; server two 127.0.0.1:82 check | APPROXIMATED && port: 8080
      backend app ; option httpchk ; > http-check connect port 8080 addr 127.0.0.2 ; server two 127.0.0.1:82 check | UNSUPPORTED && port: 8080
      backend app ; option httpchk ; > http-check connect port 8080 ssl sni a.com ; server two 127.0.0.1:82 check | UNSUPPORTED && tls: true
      # what a cookie loses is told with what is different
      backend app ; cookie S insert indirect secure | APPROXIMATED && says begin anew once
      backend app ; cookie S insert indirect nocache | APPROXIMATED && says with HttpOnly, which http-only changes; without nocache)
      backend app ; cookie S insert httponly attr SameSite=None secure | APPROXIMATED && says begin anew once
      backend app ; cookie S insert httponly | APPROXIMATED && says (with SameSite=Lax, which same-site changes)
      backend app ; cookie S insert postonly maxidle 30m preserve | APPROXIMATED && says ; without postonly, maxidle, preserve)
      # a comparison of a responses field is said or told
      backend app ; option httpchk ; > http-check expect hdr name X-A ; server two 127.0.0.1:82 check | EXACT && header: { name: X-A }
      backend app ; option httpchk ; > http-check expect hdr name X-A value -m sub b ; server two 127.0.0.1:82 check | EXACT && header: { name: X-A, contains: b }
      backend app ; option httpchk ; > http-check expect fhdr name X-A value -m sub b ; server two 127.0.0.1:82 check | EXACT && header: { name: X-A, contains: b }
      backend app ; option httpchk ; > http-check expect hdr name X-A value b ; server two 127.0.0.1:82 check | APPROXIMATED && header: { name: X-A, contains: b }
      backend app ; option httpchk ; > http-check expect hdr name X-A value -m str b ; server two 127.0.0.1:82 check | APPROXIMATED && header: { name: X-A, contains: b }
      backend app ; option httpchk ; > http-check expect hdr name -m str X-A value -m beg b ; server two 127.0.0.1:82 check | APPROXIMATED && header: { name: X-A, contains: b }
      backend app ; option httpchk ; > http-check expect hdr name X-A value -m end b ; server two 127.0.0.1:82 check | APPROXIMATED && header: { name: X-A, contains: b }
      backend app ; option httpchk ; > http-check expect hdr name X-A value -m reg ^b ; server two 127.0.0.1:82 check | UNSUPPORTED && no header:
      backend app ; option httpchk ; > http-check expect fhdr name X-A value -m reg ^b ; server two 127.0.0.1:82 check | UNSUPPORTED && no header:
      backend app ; option httpchk ; > http-check expect hdr name X-A value -m dom b ; server two 127.0.0.1:82 check | UNSUPPORTED && no header:
      backend app ; option httpchk ; > http-check expect hdr name -m beg X- value b ; server two 127.0.0.1:82 check | UNSUPPORTED && no header:
      # the last kind of check counts
      defaults ; mode http ; > option httpchk ; frontend web ; bind :80 ; default_backend a ; backend a ; option tcp-check ; server one 127.0.0.1:81 check ; backend b ; \
          server one 127.0.0.1:82 check | EXACT && type: tcp
      defaults ; mode http ; > option httpchk ; frontend web ; bind :80 ; default_backend a ; backend a ; option redis-check ; server one 127.0.0.1:81 check ; backend b ; \
          server one 127.0.0.1:82 check | EXACT && type: redis
      defaults ; mode http ; > option httpchk ; frontend web ; bind :80 ; default_backend a ; backend a ; option smtpchk ; server one 127.0.0.1:81 check ; backend b ; \
          server one 127.0.0.1:82 check | EXACT && steps:
      defaults ; mode http ; > option httpchk ; frontend web ; bind :80 ; default_backend a ; backend a ; option pgsql-check user u ; server one 127.0.0.1:81 check ; backend b ; \
          server one 127.0.0.1:82 check | EXACT && type: postgresql
      defaults ; mode http ; > option httpchk ; frontend web ; bind :80 ; default_backend a ; backend a ; option spop-check ; server one 127.0.0.1:81 check ; backend b ; \
          server one 127.0.0.1:82 check | EXACT && type: tcp
      defaults ; mode http ; > option redis-check ; frontend web ; bind :80 ; default_backend a ; backend a ; option httpchk GET /up ; server one 127.0.0.1:81 check ; backend b ; \
          server one 127.0.0.1:82 check | EXACT && path: /up
      # checks speak as haproxys
      DB ; server s 127.0.0.1:1 check check-ssl verify none | tls: true && tls: { verify: false }
      DB ; option tcp-check ; tcp-check connect ssl ; server s 127.0.0.1:1 check verify none | tls: { verify: false }
      DB ; server s 127.0.0.1:1 ssl verify none check port 80 | tls: false
      DB ; server s 127.0.0.1:1 ssl verify none check addr 127.0.0.2 | tls: false
      DB ; option tcp-check ; tcp-check connect port 80 ; server s 127.0.0.1:1 ssl verify none check | tls: false
      DB ; server s 127.0.0.1:1 check send-proxy | proxy-protocol: true
      DB ; server s 127.0.0.1:1 agent-check agent-port 99 | agent: { port: 99 }
      # checks that speak as the pool say nothing of it
      DB ; server s 127.0.0.1:1 ssl verify none check | no tls: false && no tls: true && no proxy-protocol: true
      DB ; server s 127.0.0.1:1 ssl verify none check port 80 check-ssl | no tls: false && no tls: true && no proxy-protocol: true
      DB ; server s 127.0.0.1:1 check port 80 send-proxy | no tls: false && no tls: true && no proxy-protocol: true
      # a TLS hello verifies nothing
      DB ; option ssl-hello-chk ; server s 127.0.0.1:1 check | tls: { verify: false }
      # the first of a checks several connections is kept
      defaults ; mode tcp ; frontend fe ; bind :143 ; default_backend imap ; backend imap ; option tcp-check ; tcp-check connect port 143 ; tcp-check expect string OK ; \
          > tcp-check connect port 993 ssl ; tcp-check send second ; server s 127.0.0.1 check | UNSUPPORTED && port: 143 && text: OK && no 993 && no second && no tls
      defaults ; mode tcp ; frontend fe ; bind :143 ; default_backend imap ; backend imap ; option tcp-check ; tcp-check connect port 143 ; tcp-check expect string OK ; \
          tcp-check connect port 993 ssl ; > tcp-check send second ; server s 127.0.0.1 check | UNSUPPORTED
      # usable servers are counted with backups with a difference
      > http-request deny if { nbsrv(app) lt 2 } ; backend app ; server two 127.0.0.1:82 backup | APPROXIMATED! && says are always counted
      > http-request deny if { nbsrv(app) lt 1 } ; backend app ; server two 127.0.0.1:82 backup | EXACT
      # addresses stick to servers of TCP where several serve
      listen db ; mode tcp ; bind :3389 ; stick-table type ip size 1k expire 1h ; stick on src ; server one 127.0.0.1:81 ; server two 127.0.0.1:82 \
          | sticky: { type: client-address, entries: 1024, expire: 1h,
      listen db ; mode tcp ; bind :3389 ; stick-table type ip size 1k expire 1h ; stick on src ; server one 127.0.0.1:81 ; server two 127.0.0.1:82 backup | no sticky
      """)
  void a_line_of_a_backend(String lines, String expected) {
    String checked =
        "backend app ; server two 127.0.0.1:82 check port 8008 ; server three 127.0.0.1:83 backup"
            + " check";
    ImportRow.check(lines.replace("DB", DB).replace("CHECKED", checked), expected);
  }

  private static final Map<String, String> FILES =
      Map.of(
          "/list", "a.pem [ca-file ca.pem verify required] a.com\n",
          "/same", "a.pem [crl-file s.pem] a.com\nb.pem [ crl-file s.pem ] b.com\n",
          "/some", "a.pem [crl-file s.pem] a.com\nb.pem b.com\n",
          "/m", "/ web\n/api api\n/old gone\n",
          "/one", "/b one\n",
          "blocked.map", "/x 1\n/y 2\n",
          "hosts.map", "a.com green\nb.com blue\n",
          "to.map", "g green\n",
          "no.http", "HTTP/1.0 410 No\r\nContent-Type: text/html\r\nX: y\r\n\r\n<b>no</b>");

  @Rows(
      """
      # a listener that limits who may connect is left out
      listen pg ; mode tcp ; bind :5432 ; > tcp-request connection reject if !{ src 10.0.0.0/8 } ; server one 127.0.0.1:5433 check | UNSUPPORTED! && no listeners: && CHECK line 4
      # a tcp listener is left out if a backend that it leads to rejects
      DB ; server a 192.0.2.1:5432 ; tcp-request content reject if !{ src 10.0.0.0/8 } | UNSUPPORTED! && no listeners: && Nothing listens for 'fe'
      DB ; server a 192.0.2.1:5432 ; tcp-request connection reject if { src 10.0.0.1 } | UNSUPPORTED! && no listeners: && Nothing listens for 'fe'
      defaults ; mode tcp ; frontend fe ; bind :5432 ; use_backend db if { req_ssl_sni -i a.com } ; backend db ; server a 192.0.2.1:5432 ; tcp-request content reject | UNSUPPORTED! \
          && no listeners: && Nothing listens for 'fe'
      # a listener is left out if clients are led to a backend without servers
      defaults ; mode tcp ; frontend fe ; bind :5432 ; > use_backend none if !{ src 10.0.0.0/8 } ; default_backend db ; backend db ; server a 192.0.2.1:5432 ; backend none | UNSUPPORTED! \
          && no listeners:
      # a line that leads where all others go is not needed
      defaults ; mode tcp ; frontend fe ; bind :5432 ; > use_backend db if { req.ssl_hello_type 1 } ; default_backend db ; backend db ; server a 192.0.2.1:5432 | NOT_NEEDED && port: 5432 \
          && pool: db
      # a listener is left out if a crt-list asks some clients for certificates
      bind :443 ssl crt-list /list | UNSUPPORTED! && no port: 443
      # lists of revoked clients are those of the listener
      bind :443 ssl crt a.pem verify required ca-file ca.pem crl-file r.pem | EXACT && crl: r.pem
      bind :443 ssl crt a.pem verify optional ca-file ca.pem crl-file /r | EXACT && crl: /r
      bind :443 ssl crt-list /same verify required ca-file ca.pem | EXACT && crl: s.pem
      bind :443 ssl crt-list /same verify required ca-file ca.pem crl-file r.pem | EXACT && crl: s.pem
      bind :443 ssl crt-list /some verify required ca-file ca.pem crl-file s.pem | EXACT && crl: s.pem
      bind :443 ssl crt-list /same | EXACT && port: 443 && no crl:
      bind :443 ssl crt a.pem crl-file r.pem | EXACT && port: 443 && no crl:
      # a listener is left out if its certificates have different lists of revoked clients
      bind :443 ssl crt-list /some verify required ca-file ca.pem | UNSUPPORTED! && no port: 443
      # strict SNI becomes strict names
      bind :443 ssl crt a.pem strict-sni | EXACT && strict-names: true
      # a name is no address: without it, the listener would be open on all
      bind localhost:8404 | EXACT && address: "127.0.0.1"
      bind [2001:db8::1]:81 | EXACT && address: "2001:db8::1"
      bind ipv6@2001:db8::1:81 | EXACT && address: "2001:db8::1"
      bind admin.internal:8404 | UNSUPPORTED! && says 'admin.internal' is no IP address && no port: 8404
      bind 10.0.0.1:8405,admin.internal:8405 | UNSUPPORTED! && address: "10.0.0.1"
      """)
  void a_listener(String lines, String expected) {
    ImportRow.check(lines.replace("DB", DB), expected, FILES);
  }

  @Rows(
      """
      # backends are chosen by filters if conditions read what rules change
      http-request set-var(txn.t) req.hdr(X-T) ; use_backend one if { var(txn.t) -m str 1 } ; use_backend two if { var(txn.t) -m str 2 } ; backend one ; server a 127.0.0.1:82 ; \
          backend two ; server a 127.0.0.1:83 | uri: "pool://app" && SetVariable=txn-t, {header.X-T} && UsePool=two when variable(txn-t, 2) && UsePool=one when variable(txn-t, 1) \
          && no uri: "pool://one"
      # a variable chooses backends that have rules
      http-request set-path /b%[path] if { path_beg /a/ } ; > use_backend one if { path_beg /b/ } ; use_backend two if { path_beg /b/ /c/ } ; backend one ; \
          http-request set-path /x if { path /b/x } ; http-response set-header X-Of one ; server a 127.0.0.1:82 ; backend two ; http-request deny unless { path_beg /b/ } ; \
          server a 127.0.0.1:83 | EXACT && uri: "pool://app" && SetPath=/b{path} when path-prefix(/a/) && SetVariable=understudy.backend, one when path-prefix(/b/) \
          && SetVariable=understudy.backend, two when path-prefix(/b/, /c/) and not variable(understudy.backend) \
          && SetVariable=understudy.backend, app when not variable(understudy.backend) && UsePool=one when variable(understudy.backend, one) \
          && UsePool=two when variable(understudy.backend, two) && SetPath=/x when path(/b/x) and variable(understudy.backend, one) \
          && Deny=403 when not path-prefix(/b/) and variable(understudy.backend, two) && SetResponseHeader=X-Of, one when variable(understudy.backend, one) && no uri: "pool://one" \
          && no UsePool=app && no When=
      # a line that never applies leaves the others
      http-request set-path /b%[path] if { path_beg /a/ } ; > use_backend one if { path_beg /b/ } ; use_backend %[req.hdr(X-B)] ; backend one ; server a 127.0.0.1:82 | EXACT
      # a request that no condition holds for is refused
      frontend web ; mode http ; bind :80 ; http-request set-path /b if { path /a } ; use_backend one if { path /b } ; backend one ; mode http ; server a 127.0.0.1:82 | uri: "pool://one" \
          && SetVariable=understudy.backend, one when path(/b) && Deny=503 when not variable(understudy.backend)
      # a map is looked up after the rules
      http-request set-path /b if { path /a } ; use_backend %[path,map(/one)] ; backend one ; server a 127.0.0.1:82 | SetVariable=understudy.backend, one when path(/b) && no When=path(/b)
      # filters prefer servers of each pool
      http-request set-path /b if { path /a } ; use_backend two if { path /b } ; use_backend one if { path_beg /b } ; backend one ; > use-server a if { path /b/one } ; \
          server a 127.0.0.1:82 ; backend two ; use-server a if { path /b } ; server a 127.0.0.1:83 | EXACT && PreferServer=a when path(/b) and variable(understudy.backend, two) \
          && PreferServer=a when path(/b/one) and variable(understudy.backend, one)
      # the longest prefix of a map comes first, and unknown backends are named
      defaults ; mode http ; frontend web ; bind :80 ; use_backend %[path,map_beg(/m,web)] ; backend web ; server a 127.0.0.1:81 ; backend api ; server a 127.0.0.1:82 ; \
          http-request deny if { method DELETE } | names backends that do not exist: gone && path-prefix(/api) && path-prefix(/)
      # a map becomes tests of its keys, in conditions and in names of backends
      http-request deny if { path,map_beg(blocked.map) -m found } ; http-request set-header X-A 1 if { req.hdr(host),lower,map(hosts.map) -i GREEN } ; \
          use_backend %[req.hdr(X-To),lower,map(to.map,blue)] if { hdr(X-To) -m found } ; use_backend %[req.hdr(host),lower,map_dom(hosts.map,blue)] ; backend green ; mode http ; \
          server one 127.0.0.1:81 ; backend blue ; mode http ; server two 127.0.0.1:82 | header(i: X-To, g) && Deny=403 when path-prefix(/x, /y) \
          && SetRequestHeader=X-A, 1 when host(a.com) && a\\\\.com
      # a map that cannot be read does not keep other lines from choosing
      http-request set-var(txn.v) req.hdr(X-V) ; use_backend %[req.hdr(host),map(none.map)] ; > use_backend other if { var(txn.v) b } ; backend other ; http-request set-path /x ; \
          server two 127.0.0.1:82 | EXACT
      # an error file of a response brings its head
      http-request return status 404 errorfile no.http | { status: 410, text: "<b>no</b>", content-type: text/html, headers: { X: "y" } }
      """)
  void a_choice_of_a_backend(String lines, String expected) {
    ImportRow.check(lines, expected, FILES);
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
  void a_captured_field_beyond_the_access_logs_limit_is_unsupported() {
    String[] lines =
        IntStream.rangeClosed(1, 21)
            .mapToObj(each -> "capture request header X-" + each + " len 9")
            .toArray(String[]::new);
    Imported imported = Imports.good(Imports.front(lines));
    assertThat(Imports.verdict(imported, lines[19]).verdict()).isEqualTo(Verdict.EXACT);
    assertThat(Imports.verdict(imported, lines[20]).verdict()).isEqualTo(Verdict.UNSUPPORTED);
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

  @Test
  void haproxys_configuration_is_recognised() {
    assertThat(HaproxyImport.isHaproxy("# x\n\nglobal\n  daemon\n")).isTrue();
    assertThat(HaproxyImport.isHaproxy("frontend web\n")).isTrue();
    assertThat(HaproxyImport.isHaproxy("listeners:\n  a: { port: 1 }\n")).isFalse();
    assertThat(HaproxyImport.isHaproxy("")).isFalse();
  }
}
