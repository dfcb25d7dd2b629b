package dev.understudy.haproxy;

import dev.understudy.testing.Rows;

/** Lines whose loss would let clients pass for others, or pass by a login or a decision. */
class ForgeryTest {
  @Rows(
      """
      # a field that cannot be set is removed
      http-request set-header X-Cert %[ssl_c_der,base64] | APPROXIMATED! && says client forges it && - "RemoveRequestHeader=X-Cert"
      http-request set-header X-Mail %[ssl_c_s_dn(emailAddress)] | APPROXIMATED! && says client forges it && - "RemoveRequestHeader=X-Mail"
      http-request set-header X-By %[ssl_c_i_dn(CN)] | APPROXIMATED! && says client forges it && - "RemoveRequestHeader=X-By"
      http-request set-header X-User %[http_auth_user] if { path /a } | APPROXIMATED! && says client forges it && - "RemoveRequestHeader=X-User when path(/a)"
      http-request set-header X-Role admin if { rand(2) 1 } { path /a } | APPROXIMATED! && says client forges it && - "RemoveRequestHeader=X-Role when path(/a)"
      http-request set-header X-Role admin if { rand(2) 1 } | APPROXIMATED! && says client forges it && - "RemoveRequestHeader=X-Role"
      http-request set-header X-Role admin unless { rand(2) 1 } | APPROXIMATED! && says client forges it && - "RemoveRequestHeader=X-Role"
      http-request set-header X-Of %[var(txn.agent)] | APPROXIMATED! && says client forges it && - "RemoveRequestHeader=X-Of"
      http-request set-header X-A %[req.hdr(X-B,1)] | APPROXIMATED! && says client forges it && - "RemoveRequestHeader=X-A"
      # a field of a backend that cannot be set is removed
      backend app ; http-request set-header X-Cert %[ssl_c_der,base64] | - "RemoveRequestHeader=X-Cert"
      # a field with a time is removed and is no guard
      http-request set-header X-Start t=%[date_us] | UNSUPPORTED && - "RemoveRequestHeader=X-Start"
      # what a connection decides is said by conditions
      > http-request set-header X-SSL %[ssl_fc] ; http-request del-header A | EXACT && X-SSL, 1 when tls && X-SSL, 0 when not tls
      > http-request set-header X-SSL tls=%[ssl_fc] if { path /a } ; http-request del-header A | EXACT && X-SSL, tls=1 when path(/a) and tls && X-SSL, tls=0 when path(/a) and not tls
      > http-request set-header X-SSL %[ssl_fc] if { ssl_fc } ; http-request del-header A | EXACT && X-SSL, 1 when tls && RemoveRequestHeader=A
      > http-request set-header X-V %[ssl_c_verify] ; http-request del-header A | APPROXIMATED && X-V, 0 when tls && RemoveRequestHeader=X-V when not tls
      > http-request set-header X-C %[ssl_c_used] ; http-request del-header A | APPROXIMATED && X-C, 1 when client-certificate && X-C, 0 when tls and not client-certificate
      # an empty field is removed
      http-request set-header X-A "" ; http-response set-header X-B "" | - "RemoveRequestHeader=X-A" && - "RemoveResponseHeader=X-B"
      # a lost redirect to a login comes first
      http-request redirect location /login if !{ rand(2) 1 } { path_beg /a } | APPROXIMATED! && Deny=403 when path-prefix(/a) && no Redirect=
      http-request redirect location /login?to=%[url,url_enc] if { path /a } | APPROXIMATED! && Deny=403 when path(/a) && no Redirect=
      http-request redirect location /login unless { rand(2) 1 } | UNSUPPORTED! && app && no Redirect=
      http-request redirect location /login?to=%[url,url_enc] | UNSUPPORTED! && app && no Redirect=
      http-request redirect scheme https unless { rand(2) 1 } | UNSUPPORTED! && app && no Redirect=
      http-request redirect code 303 location /login unless { rand(2) 1 } | UNSUPPORTED! && app && no Redirect=
      # a lost redirect to a better name is no guard
      > http-request redirect location https://a.com code 301 if { rand(2) 1 } ; > http-request redirect prefix https://a.com code 308 if { rand(2) 1 } | UNSUPPORTED
      redirect location /login if { rand(2) 1 } { always_false } | NOT_NEEDED
      # options of a redirect come in any order
      redirect code 301 location /b | - "Redirect=301, /b"
      redirect drop-query code 307 prefix /b | - "Redirect=307, /b{path}"
      http-request redirect code 308 scheme https | - "Redirect=308, https://{host}{target}"
      redirect location /a location /b | - "Redirect=302, /b"
      redirect location /a%20b | - "Redirect=302, /a%20b"
      http-request redirect location /a%%20b | - "Redirect=302, /a%20b"
      # a filter that decides is a guard
      > filter spoe engine waf config /etc/waf.cfg ; > filter bwlim-out slow default-limit 1m default-period 1s | UNSUPPORTED!
      filter trace | UNSUPPORTED
      # what an agent decides denies more
      filter spoe engine waf config /w ; http-request deny if { var(txn.waf.action) -m str deny } { path_beg /a } | APPROXIMATED! && - "Deny=403 when path-prefix(/a)"
      # a variable has a value after the rule that sets it
      http-request set-var(txn.a) req.hdr(X-A) ; http-request deny if { var(txn.a) -m str b } { path /p } | Deny=403 when variable(txn-a, b) and path(/p)
      http-request deny if { var(txn.a) -m str b } { path /p } ; http-request set-var(txn.a) req.hdr(X-A) | Deny=403 when path(/p)"
      # a variable of the frontend has its value in the backend, and not that of another backend
      http-request set-var(txn.a) req.hdr(X-A) ; backend app ; http-request deny if { var(txn.a) -m str b } { path /p } | Deny=403 when variable(txn-a, b) and path(/p)
      use_backend other if { path_beg /o } ; backend app ; http-request deny if { var(txn.a) -m str b } { path /p } ; backend other ; server a 127.0.0.1:82 ; \
          http-request set-var(txn.a) req.hdr(X-A) | Deny=403 when path(/p)" && no Deny=403 when variable(txn-a, b) and path(/p)
      # a response knows variables that a backend sets
      http-response set-header X-A %[var(txn.a)] ; backend app ; http-request set-var(txn.a) path | SetResponseHeader=X-A, {variable.txn-a}
      """)
  void a_line(String lines, String expected) {
    ImportRow.check(lines, expected);
  }
}
