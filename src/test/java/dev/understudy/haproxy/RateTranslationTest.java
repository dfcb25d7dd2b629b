package dev.understudy.haproxy;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Tag;

/** What counters and limits become. */
@Tag(Extent.SLOW)
class RateTranslationTest {
  private static final String TABLES =
      " ; backend rates ; stick-table type ip size 1k expire 10m store"
          + " http_req_rate(10s),conn_rate(3s),conn_cur ; backend keys ; stick-table type string"
          + " len 64 size 2k expire 10m store http_req_rate(20s)";

  @Rows(
      """
      # the first rule that applies says what a slot counts
      http-request track-sc0 src table rates if { path_beg /a } ; http-request track-sc0 req.hdr(X-Key) table keys if { path_beg /api } ; \
          > http-request deny deny_status 429 if { sc_http_req_rate(0) gt 9 } | EXACT \
          && requests: 9, period: 10s, key: client-address, entries: 1024, status: 429, table: web-11 }, when: "path-prefix(/a)" } \
          && requests: 9, period: 20s, key: "header:X-Key", entries: 2048, status: 429, table: web-11-2 }, when: "not path-prefix(/a) and path-prefix(/api)" }
      # rules that track the same count together
      tcp-request connection track-sc0 src table rates if { src 10.0.0.1 } ; http-request track-sc0 src table rates if { path_beg /api } ; \
          > http-request deny if { sc0_http_req_rate gt 9 } | when: "client-address(10.0.0.1) or path-prefix(/api)" && no web-11-2
      # a rule after one that always tracks is not needed
      http-request track-sc0 src table rates ; > http-request track-sc0 req.hdr(X-Key) table keys ; http-request deny if { sc0_http_req_rate gt 9 } | NOT_NEEDED && key: client-address \
          && no header:X-Key
      # what is tracked by an unsupported key is not limited by another
      http-request track-sc0 base32+src table rates if { path_beg /a } ; http-request track-sc0 src table rates ; > http-request deny if { sc0_http_req_rate gt 9 } | UNSUPPORTED! \
          && when: "not path-prefix(/a)" }
      # the lowest number of connections counts
      http-request track-sc0 src table rates ; http-request deny if { sc0_conn_cur gt 10 } ; > http-request deny if { sc0_conn_cur gt 500 } | APPROXIMATED! \
          && says the lowest number counts && setting understudy.client.max-connections-per-address=10
      # a limit that does otherwise says so
      > http-request tarpit deny_status 429 if { src_http_req_rate(rates) gt 9 } | APPROXIMATED! && name: RateLimit && says with 429 at once, without the delay
      > http-request silent-drop if { src_http_req_rate(rates) gt 9 } | APPROXIMATED! && name: RateLimit && says with 429 instead of closing
      > tcp-request content reject if { src_http_req_rate(rates) gt 9 } | APPROXIMATED! && name: RateLimit && says with 429 instead of closing
      > http-request deny if { src_http_req_rate(rates) gt 9 } { path /a } { rand(2) 1 } | APPROXIMATED! && name: RateLimit && says limits more requests than HAProxy
      > http-request deny if { src_http_req_rate(rates) gt 9 } { path /a } | APPROXIMATED! && name: RateLimit && says counts only requests for which the rest
      # an untranslated part of a condition is not reported as counted
      > http-request deny if { src_http_req_rate(rates) gt 9 } { rand(2) 1 } | name: RateLimit && no when: && says limits more requests than HAProxy && says no counts only
      # a backend limits by what the frontend tracks
      http-request track-sc0 src table rates ; backend app ; > http-request deny if { sc0_http_req_rate gt 9 } | name: RateLimit && says counts only requests led to this backend
      # a backend does not limit by what another tracks
      use_backend other if { path_beg /o } ; backend app ; > http-request deny if { sc0_http_req_rate gt 9 } ; backend other ; http-request track-sc0 src table rates ; \
          server a 127.0.0.1:82 | UNSUPPORTED! && no name: RateLimit
      # a table of peers has its period
      http-request track-sc0 src table lbs/shared ; http-request deny if { sc0_http_req_rate gt 9 } ; peers lbs ; peer a 127.0.0.1:1024 ; \
          table shared type ip size 1k expire 1m store http_req_rate(30s) | period: 30s && entries: 1024
      """)
  void a_rule(String lines, String expected) {
    ImportRow.check(lines + TABLES, expected);
  }
}
