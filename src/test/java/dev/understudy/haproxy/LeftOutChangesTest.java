package dev.understudy.haproxy;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Tag;

/** What a change of the request that is left out means for the rules after it. */
@Tag(Extent.SLOW)
class LeftOutChangesTest {
  @Rows(
      """
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
          && says without 'http-request set-uri
      http-request set-uri %[url,regsub(^/p/,/)] ; http-request set-header X-B b if { path_beg /a } ; use_backend app if { path_beg /a } | APPROXIMATED && says without 'http-request set-uri
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
      """)
  void a_rule_after_one_that_is_left_out(String lines, String expected) {
    ImportRow.check(lines, expected);
  }
}
