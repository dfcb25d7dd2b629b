package dev.understudy.haproxy;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Tag;

/** What the actions of haproxy-auth-request become. */
@Tag(Extent.SLOW)
class ForwardAuthTranslationTest {
  @Rows(
      """
      # a question and what refuses by its answer is one filter
      http-request lua.auth-request auth /is-allowed ; > http-request deny if !ANSWER ; AUTH | WHOLE
      http-request lua.auth-request auth /is-allowed ; > http-request deny if ! ANSWER ; AUTH | WHOLE
      http-request lua.auth-request auth /is-allowed ; > http-request deny deny_status 401 unless ANSWER ; AUTH | WHOLE
      http-request lua.auth-request auth /is-allowed ; > http-request redirect location %[var(txn.auth_response_location)] if !ANSWER ; AUTH | WHOLE
      > http-request lua.auth-request auth /is-allowed ; http-request deny if !ANSWER ; AUTH | APPROXIMATED
      # fields that rules take of the answer are the filters
      http-request lua.auth-request auth /is-allowed ; http-request deny if !ANSWER ; > http-request set-header X-User %[var(req.auth_response_header.x_user)] ; AUTH | EXACT \
          && { name: ForwardAuth, args: { url: "pool://auth/is-allowed", response-headers: X-User } } && no SetRequestHeader
      # the form that Authelia documents is one filter on its condition
      acl protected hdr(host) -i app.test ; http-request lua.auth-intercept auth /api/authz/forward-auth HEAD * remote-user,remote-groups - if protected ; \
          http-request deny if protected !ANSWER { var(txn.auth_response_code) -m int 403 } ; http-request redirect location %[var(txn.auth_response_location)] if protected !ANSWER ; AUTH \
          | url: "pool://auth/api/authz/forward-auth", response-headers: "remote-user,remote-groups" }, when: "host(app.test)" && no Deny= && no Redirect=
      # an action that responds itself needs no rule after it
      http-request lua.auth-intercept auth /a GET cookie,x-tenant x-user location ; AUTH | response-headers: x-user, request-headers: "cookie,x-tenant"
      # a part of it alone stays to be done
      > http-request lua.auth-request auth /a ; http-request allow ; AUTH | UNSUPPORTED! && NOTHING
      > http-request lua.auth-request none /a ; http-request deny if !ANSWER ; AUTH | UNSUPPORTED! && NOTHING
      > http-request lua.auth-request auth /a ; http-request deny if { path /a } !ANSWER ; AUTH | UNSUPPORTED! && NOTHING
      > http-request lua.auth-request auth /a if { path /a } ; http-request deny if !ANSWER ; AUTH | UNSUPPORTED! && NOTHING
      > http-request lua.auth-request auth /a if { path /a } or { path /b } ; http-request deny if { path /a } or { path /b } !ANSWER ; AUTH | UNSUPPORTED! && NOTHING
      > http-request lua.auth-intercept auth /a GET * x-* location ; http-request deny if !ANSWER ; AUTH | UNSUPPORTED! && NOTHING
      > http-request lua.auth-intercept auth /a GET * - - ; http-request allow ; AUTH | UNSUPPORTED! && NOTHING
      """)
  void an_action(String lines, String expected) {
    ImportRow.check(
        lines
            .replace("ANSWER", "{ var(txn.auth_response_successful) -m bool }")
            .replace("AUTH", "backend auth ; server a 127.0.0.1:9091"),
        expected
            .replace(
                "WHOLE",
                "EXACT && \"ForwardAuth=pool://auth/is-allowed\" && no Deny= && no Redirect=")
            .replace("NOTHING", "no ForwardAuth= && no name: ForwardAuth"));
  }
}
