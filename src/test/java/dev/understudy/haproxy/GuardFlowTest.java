package dev.understudy.haproxy;

import dev.understudy.testing.Rows;
import java.util.Map;

/** What feeds a guard: its conditions ask for that, in any form of the path, or it comes first. */
class GuardFlowTest {
  /** The default backend, and one that refuses as each row says. */
  private static final String OPEN =
      "backend open ; server a 127.0.0.1:81 ; backend wall ; server b 127.0.0.1:82";

  private static final String FRONT = "defaults ; mode http ; frontend web ; bind :80";
  private static final Map<String, String> FILES =
      Map.of("hosts.map", "a.example open\n", "addresses.map", "10.0.0.1 open\n");

  @Rows(
      """
      # A sample without a value sets no variable.
      http-request set-var(txn.a) req.hdr(x-token) ; http-request deny unless { var(txn.a) -m found } | EXACT && - "Deny=403 when not header(x-token)"
      http-request set-var(txn.a) req.cook(sid) ; http-request deny unless { var(txn.a) -m found } | EXACT && - "Deny=403 when not cookie(sid)"
      http-request set-var(txn.a) url_param(key) ; http-request deny unless { var(txn.a) -m found } | EXACT && - "Deny=403 when not query(key)"
      http-request set-var(req.a) hdr(x-token) ; http-request deny if !{ var(req.a) -m found } | EXACT && - "Deny=403 when not header(x-token)"
      # A variable of the path, or set by a condition on it.
      http-request set-var(txn.p) path ; http-request deny if { var(txn.p) -m beg /admin } | EXACT && - "Deny=403 when path-prefix(/admin)"
      http-request set-var(txn.p) path,lower ; http-request deny if { var(txn.p) -m end .git } | EXACT && - "Deny=403 when path-suffix(i: .git)"
      http-request set-var-fmt(txn.p) %[path] ; http-request deny if { var(txn.p) -m sub .. } | EXACT && - "Deny=403 when path-contains(..)"
      http-request set-var(txn.b) str(1) if { path_sub ../ } ; http-request deny if { var(txn.b) -m found } | EXACT && - "Deny=403 when path-contains(../)"
      http-request set-var(txn.b) bool(true) if { path_sub ../ } ; http-request deny if { var(txn.b) -m bool } | EXACT && - "Deny=403 when path-contains(../)"
      http-request set-var(txn.b) int(1) if { path_reg ^/x } ; http-request deny if { var(txn.b) -m str 1 } | EXACT && - "Deny=403 when path-matches("^/x")"
      http-request set-var(txn.b) str(yes) if { path_beg /p } ; http-request deny unless { var(txn.b) -m str yes } | EXACT && - "Deny=403 when not path-prefix(/p)"
      # What is of one host, method or connection.
      http-request set-var(txn.h) hdr(host) ; http-request deny if { var(txn.h) -m str -i a.example } | APPROXIMATED && - "Deny=403 when host(a.example)"
      http-request set-var(txn.h) req.hdr(host),lower ; http-request deny if { var(txn.h) -m reg ^a\\. } | EXACT && - "Deny=403 when host-matches("^a\\\\.")"
      http-request set-var(txn.s) src ; http-request deny if { var(txn.s) -m ip 10.0.0.0/8 } | EXACT && - "Deny=403 when client-address(10.0.0.0/8)"
      http-request set-var(txn.t) ssl_fc ; http-request deny unless { var(txn.t) -m bool } | EXACT && - "Deny=403 when not tls"
      # A value that may be empty is there.
      http-request set-header X-Guard %[req.hdr(x)] ; http-request deny if { hdr(x-guard) -m found } !{ src 10.0.0.1 } | EXACT && - "Deny=403 when not client-address(10.0.0.1)"
      http-request set-header X-Guard %[src] if { method GET } ; http-request deny if { hdr(x-guard) -m found } | EXACT && - "Deny=403 when header(x-guard) or method(GET)"
      http-request add-header X-Guard %[req.hdr(x)] if { method GET } ; http-request deny if !{ hdr(x-guard) -m found } | EXACT && - "Deny=403 when not (header(x-guard) or method(GET))"
      http-request replace-header X-Guard a b ; http-request deny if { hdr(x-guard) -m found } | EXACT && - "Deny=403 when header(x-guard)"
      # A field that only rules set.
      http-request del-header X-In ; http-request deny unless { hdr(X-In) 1 } | EXACT && - "Deny=403 when not header(X-In, 1)"
      # the last rule that sets a variable counts
      http-request set-var(txn.a) str(no) ; http-request set-var(txn.a) str(yes) if { path_beg /p } ; http-request set-var(txn.a) str(no) if { path_beg /p/x } ; \
          http-request deny if { var(txn.a) -m str no } | Deny=403 when path-prefix(/p/x) or not (path-prefix(/p/x) or path-prefix(/p))
      # a field set by the path alone is asked for by its conditions
      http-request del-header X-Area ; http-request set-header X-Area admin if { path_beg /admin } ; http-request deny if { hdr(X-Area) admin } !{ src 10.0.0.1 } \
          | Deny=403 when path-prefix(/admin) and not client-address(10.0.0.1)
      # a guard that reads what is set otherwise comes first
      http-request set-header X-Area admin if { path_beg /a } ; http-request deny if { hdr(X-Area) admin } | APPROXIMATED!
      http-request set-header X-Area %[path] ; http-request deny if { hdr(X-Area) /a } | APPROXIMATED!
      http-request set-var-fmt(txn.a) %[path]-%[method] ; http-request deny if { var(txn.a) -m sub admin } | APPROXIMATED!
      http-request set-var(sess.a) str(1) if { path /a } ; http-request deny if { var(sess.a) -m found } | APPROXIMATED!
      http-request add-header X-Area a if !{ hdr(host) -i a.example } ; http-request deny if { hdr(X-Area) a } | APPROXIMATED!
      http-request set-var(req.a) url_param(q) ; http-request deny if !{ var(req.a) -m str 1 } | APPROXIMATED!
      http-request set-var(sess.a) src if { path /a } ; http-request deny unless { var(sess.a) -m found } | APPROXIMATED!
      # a variable keeps the path of its time
      http-request set-var(txn.p) path ; http-request set-path /x ; http-request deny if { var(txn.p) -m beg /admin } | APPROXIMATED! && Deny=403 when variable-prefix(txn-p, /admin)
      # a guard denies at least what haproxy denies
      http-request deny if { path,url_dec -m sub <script } | path-matches("(?:<|%3[Cc])(?:s|%73)(?:c|%63)
      http-request deny if { path,url_dec,lower -m beg /a } | path-matches(i: "^(?:/|%2[Ff])(?:a|%41|%61)")
      http-request deny if { query,url_dec -m sub "a b" } | query-string-matches("(?:a|%61)(?: |%20|\\\\+)
      http-request deny if { req.body_size gt 100 } | content-length(> 100) or header(Transfer-Encoding)
      http-request deny if { req.body_len lt 5 } | content-length(< 5) or (not header(Transfer-Encoding) and not header(Content-Length)) or header(Transfer-Encoding)
      http-request deny if { src ::/0 } | client-address(0.0.0.0/0, ::/0)
      http-request deny if { src ::ffff:10.0.0.0/104 ::ffff:192.0.2.7 } | client-address(::ffff:10.0.0.0/104, ::ffff:192.0.2.7)
      http-request deny if { src 10.0.0.0/255.255.0.0 192.168.1.0/255.255.255.0 } | client-address(10.0.0.0/16, 192.168.1.0/24)
      http-request deny if { src 10.0.0.0/255.0.255.0 1.2.3.4 } | client-address(1.2.3.4) or client-address(10.0.0.0/8)
      http-request deny if { src 0.0.0.1/0.0.0.255 } | Deny=403
      # conditions on variables choose backends
      http-request set-var(txn.txnhost) hdr(host) ; > use_backend other if { var(txn.txnhost) -m str -i www.example.com } ; backend other ; server a 127.0.0.1:82 | APPROXIMATED \
          && predicates: ["Host=www.example.com"]
      # paths of which a form leads to a backend that refuses are denied elsewhere
      FRONT ; use_backend wall if { path_sub ../ } ; default_backend open ; OPEN ; http-request deny | id: web-wall && id: web-open && "Deny=403 when path-contains(../)"
      FRONT ; use_backend wall if { path_sub %2e%2e } ; default_backend open ; OPEN ; http-request deny | id: web-wall && id: web-open && "Deny=403 when path-contains(%2e%2e)"
      FRONT ; use_backend wall if { path_beg /admin } ; default_backend open ; OPEN ; http-request reject | id: web-wall && id: web-open && "Deny=403 when path-prefix(/admin)"
      FRONT ; use_backend wall if !{ path_beg /public } ; default_backend open ; OPEN ; http-request return status 403 | id: web-wall && id: web-open \
          && "Deny=403 when not path-prefix(/public)"
      FRONT ; use_backend wall if { path_beg /admin } ; default_backend open ; OPEN ; http-request auth unless { path_end .css } | id: web-wall && id: web-open \
          && "Deny=403 when path-prefix(/admin) and not path-suffix(.css)"
      FRONT ; use_backend wall if { path_beg /a } ; default_backend open ; OPEN ; http-request deny if { hdr(x) 1 } | id: web-wall && id: web-open && "Deny=403 when path-prefix(/a)"
      # a path that leads away from a guard has no other form
      FRONT ; use_backend open if { path /a } ; use_backend wall ; OPEN ; http-request deny | id: web-open && "Deny=403 when not path(/a)" && id: web-wall
      # a choice after a change of the path denies other forms too
      FRONT ; http-request replace-path /x/(.*) /\\1 ; use_backend wall if { path_sub ../ } ; default_backend open ; OPEN ; http-request deny \
          | "Deny=403 when path-contains(../) and not variable(understudy.backend, wall)"
      # a choice before, which is not of the path, keeps its requests: /admin there is not the wall's
      FRONT ; http-request replace-path /x/(.*) /\\1 ; use_backend open if { hdr(host) a.example } ; use_backend wall if { path_beg /admin } ; default_backend open ; OPEN ; \
          http-request deny | "Deny=403 when path-prefix(/admin) and not host(a.example) and not variable(understudy.backend, wall)"
      # a backend whose rules protect no path gets no filter elsewhere
      FRONT ; use_backend wall if { path_beg /a } ; default_backend open ; OPEN ; cookie A insert | no Deny=
      FRONT ; use_backend wall if { path_beg /a } ; default_backend open ; OPEN ; redirect scheme https if !{ ssl_fc } | no Deny=
      FRONT ; use_backend wall if { path_beg /a } ; default_backend open ; OPEN ; stick-table type ip size 1k expire 1m store http_req_rate(1m) ; http-request track-sc0 src ; \
          http-request deny if { sc_http_req_rate(0) gt 9 } | no Deny=
      # requests that may be led away are refused
      FRONT ; > use_backend wall if { path_beg /p } !{ var(txn.ok) -m bool } ; default_backend open ; OPEN ; http-request set-header X-A b | APPROXIMATED! && When=path-prefix(/p) \
          && Deny=403 && default_backend open
      FRONT ; > use_backend wall if { path_beg /p } !{ rand(2) 1 } ; default_backend open ; OPEN ; http-request set-header X-A b | APPROXIMATED! && When=path-prefix(/p) && Deny=403 \
          && default_backend open
      FRONT ; > use_backend wall if { path_beg /p } or { path /q } { rand(2) 1 } ; default_backend open ; OPEN ; http-request set-header X-A b | APPROXIMATED! && When=path-prefix(/p) \
          && Deny=403 && default_backend open
      # a choice of which nothing is known comes first
      FRONT ; > use_backend wall if !{ rand(2) 1 } ; default_backend open ; OPEN ; cookie A insert | UNSUPPORTED!
      # a response of its own keeps more from servers
      http-request return status 200 string no if !{ hdr_len(x) gt 3 } | APPROXIMATED! && Respond=200, no
      http-request return status 200 string no if { path /a } { rand(2) 1 } | APPROXIMATED! && Respond=200, no when path(/a)
      # a denial with a field of its own has the status of a denial
      http-request deny hdr X-Rule 8 if { path /b } | status: 403
      # a redirect by a field that only trusted proxies send comes first
      redirect location /login if { hdr(x-forwarded-for) -m found } | APPROXIMATED!
      # a condition that permits is as narrow or comes first: what ignores a port or an encoding lets more requests pass
      http-request deny if { hdr(host) -i a.example } | APPROXIMATED
      http-request deny if !{ hdr(host) -i a.example } | APPROXIMATED!
      http-request deny unless { hdr_end(host) -i .example } | APPROXIMATED!
      http-request redirect location /login if !{ hdr(host) a.example } | APPROXIMATED!
      http-request deny if { url_param(q) 1 } | EXACT
      http-request deny if !{ url_param(q) 1 } | APPROXIMATED!
      http-request deny unless { url_param(q) -m found } | EXACT
      http-request deny unless { query a=b } | EXACT
      http-request deny if !{ hdr(host),field(1,:) -i a.example } | APPROXIMATED!
      http-request deny unless { hdr_sub(host) -i admin } | APPROXIMATED!
      http-request deny if !{ ssl_fc_sni a.example } | APPROXIMATED!
      http-request allow if { hdr(host) -i a.example } | APPROXIMATED!
      http-request allow if !{ hdr(host) -i a.example } | EXACT
      http-request allow if { url_param(q) 1 } | APPROXIMATED!
      http-request allow if { url_beg /open } | APPROXIMATED!
      http-request deny if !{ url_beg /open } | APPROXIMATED!
      http-request deny if { url_beg /admin } | EXACT
      http-request deny if !{ pathq -m beg /open } | EXACT
      # a choice of a backend is a guard where that backend, or one of a later line, refuses
      FRONT ; > use_backend wall if !{ hdr(host) a.example } ; default_backend open ; OPEN ; http-request deny | APPROXIMATED!
      FRONT ; http-request set-header Host b.example if { src 10.0.0.1 } ; > use_backend wall if !{ hdr(host) a.example } ; default_backend open ; OPEN ; http-request deny | APPROXIMATED!
      FRONT ; > use_backend wall if !{ hdr(host) -i a.example } ; default_backend open ; OPEN ; http-request deny | APPROXIMATED!
      FRONT ; > use_backend wall unless { hdr(host),field(1,:) -i a.example } ; default_backend open ; OPEN ; http-request auth | APPROXIMATED!
      FRONT ; > use_backend wall if !{ hdr_end(host) -i .example } ; default_backend open ; OPEN ; http-request return status 200 | APPROXIMATED!
      FRONT ; > use_backend wall if !{ hdr_beg(host) -i a. } ; default_backend open ; OPEN ; http-request reject | APPROXIMATED!
      FRONT ; > use_backend wall if !{ url_param(q) 1 } ; default_backend open ; OPEN ; http-request redirect location /login | APPROXIMATED!
      FRONT ; > use_backend wall if !{ hdr(host) a.example } ; default_backend open ; OPEN ; cookie A insert | APPROXIMATED
      FRONT ; http-request set-header Host b.example if { src 10.0.0.1 } ; > use_backend wall if !{ hdr(host) a.example } ; default_backend open ; OPEN ; cookie A insert | APPROXIMATED
      FRONT ; > use_backend wall if { hdr(host) -i a.example } ; default_backend open ; OPEN ; http-request deny | APPROXIMATED
      FRONT ; > use_backend wall if !{ query a=b } ; default_backend open ; OPEN ; http-request deny | EXACT
      FRONT ; > use_backend open if { hdr(host) -i a.example } ; default_backend wall ; OPEN ; http-request deny | APPROXIMATED!
      FRONT ; http-request set-header Host b.example if { src 10.0.0.1 } ; > use_backend open if { hdr(host) -i a.example } ; default_backend wall ; OPEN ; http-request deny | APPROXIMATED!
      FRONT ; > use_backend open if { hdr(host) -i a.example } ; default_backend wall ; OPEN ; cookie A insert | APPROXIMATED
      FRONT ; http-request set-header Host b.example if { src 10.0.0.1 } ; > use_backend open if { hdr(host) -i a.example } ; default_backend wall ; OPEN ; cookie A insert | APPROXIMATED
      FRONT ; > use_backend open if !{ hdr(host) -i a.example } ; default_backend wall ; OPEN ; http-request deny | APPROXIMATED
      FRONT ; > use_backend %[hdr(host),lower,map(hosts.map,wall)] ; default_backend open ; OPEN ; http-request deny | APPROXIMATED!
      FRONT ; > use_backend %[hdr(host),lower,map(hosts.map,open)] ; default_backend wall ; OPEN ; http-request deny | APPROXIMATED
      FRONT ; > use_backend %[hdr(host),lower,map(hosts.map)] ; default_backend wall ; OPEN ; http-request deny | APPROXIMATED!
      FRONT ; > use_backend %[req.hdr(host),lower] ; default_backend wall ; OPEN ; http-request deny | APPROXIMATED!
      # a choice of a guard that reads what a rule left out would have set comes first
      FRONT ; http-request set-header Host a.example if { rand(2) 1 } ; > use_backend wall if { hdr(host) a.example } ; default_backend open ; OPEN ; http-request deny | APPROXIMATED!
      FRONT ; http-request set-header Host a.example if { rand(2) 1 } ; > use_backend wall if { hdr(host) a.example } ; default_backend open ; OPEN ; cookie A insert | APPROXIMATED
      # a guard that asks whether something is true denies everything
      http-request set-var(req.v) src ; http-request deny if { var(req.v) -m bool } | APPROXIMATED! && - "Deny=403"
      http-request set-var(req.v) dst_port ; http-request deny if { var(req.v) -m bool } | APPROXIMATED! && - "Deny=403"
      http-request set-var(req.v) path ; http-request deny if { var(req.v) -m bool } | APPROXIMATED! && - "Deny=403"
      http-request set-var(req.v) method ; http-request deny if { var(req.v) -m bool } | APPROXIMATED! && - "Deny=403"
      # a choice by a value without words comes first
      FRONT ; > use_backend %[src,map_ip(addresses.map,wall)] ; default_backend open ; OPEN ; http-request deny | UNSUPPORTED!
      FRONT ; > use_backend %[hdr(host),map(other.map,wall)] ; default_backend open ; OPEN ; http-request deny | UNSUPPORTED!
      FRONT ; > use_backend %[hdr(host),map_str(addresses.map)]-x ; default_backend open ; OPEN ; http-request deny | UNSUPPORTED!
      FRONT ; > use_backend %[rand(2)] ; default_backend open ; OPEN ; http-request deny | UNSUPPORTED!
      FRONT ; > use_backend %[req.hdr(host)] if { rand(2) 1 } ; default_backend open ; OPEN ; http-request deny | UNSUPPORTED!
      """)
  void a_rule(String lines, String expected) {
    ImportRow.check(lines.replace("FRONT", FRONT).replace("OPEN", OPEN), expected, FILES);
  }
}
