package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.DirectiveTable;
import dev.understudy.haproxy.report.KeywordVersions;
import dev.understudy.haproxy.syntax.HaproxyVersion;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What depends on the version of HAProxy whose configuration it is. */
class VersionsTest {
  @Rows(
      """
      # a release and a package count as their version
      3.4 | 3.4, 3.4.0, v3.4.1, 3.4.1-abc
      2.6 | 2.6, 2.6.12-1+deb12u4, 2.6.12~bpo
      1.8 | 1.8, 1.8.30-74b251
      # others are none
      ``  | 1.7, 1.10, 2.10, 3.5, 3.5-dev5, 4.0, 3, 3.x, x, `` , 3.4;x, -3.4
      """)
  void a_version_is_read_as_haproxy_prints_it(String version, String texts) {
    for (String each : texts.split(",", -1)) {
      assertThat(
              HaproxyVersion.parse(each.strip().replace("`", "")).map(Object::toString).orElse(""))
          .as(each)
          .isEqualTo(version);
    }
  }

  @Rows(
      """
      # without balance, servers are chosen at random from 3.3 on
      3.2 | backend app ; server b 127.0.0.1:82 check | no balance: && EXACT
      3.3 | backend app ; server b 127.0.0.1:82 check | balance: round-robin && report HAProxy from 3.3 on chooses at random
      3.4 | backend app ; balance leastconn ; server b 127.0.0.1:82 check | balance: least-requests && report no chooses at random
      3.4 | backend app ; server b 127.0.0.1:82 backup | mode: failover && report no chooses at random
      # the name in handshakes with servers is the host of requests from 3.3 on
      3.2 | backend app ; server b 127.0.0.1:82 check ssl verify none | EXACT
      3.3 | backend app ; server b 127.0.0.1:82 check ssl verify none | APPROXIMATED && says from HAProxy 3.3 on
      3.3 | backend app ; http-request set-header Host www.example.com:8443 ; server b 127.0.0.1:82 check ssl verify none | server-name: www.example.com && EXACT
      3.3 | backend app ; http-request set-header Host %[path] ; server b 127.0.0.1:82 check ssl verify none | no server-name && APPROXIMATED
      3.3 | backend app ; server b 127.0.0.1:82 check ssl verify none no-sni-auto | EXACT
      3.3 | backend app ; server b 127.0.0.1:82 check ssl verify none sni str(a.example) | server-name: a.example && EXACT
      3.3 | backend app ; default-server no-sni-auto ; server b 127.0.0.1:82 check ssl verify none sni-auto | APPROXIMATED
      3.4 | listen t ; mode tcp ; bind :82 ; server b 127.0.0.1:83 check ssl verify none | EXACT
      # listeners offer HTTP/2 without a line from 2.8 on
      2.6 | bind :443 ssl crt a.pem | http2: false
      2.8 | bind :443 ssl crt a.pem | no http2:
      2.6 | bind :443 ssl crt a.pem alpn h2,http/1.1 | no http2:
      # what differs for every file is said below the lines
      3.3 | default_backend app | report Its default is option abortonclose
      3.2 | default_backend app | report no Its default is
      2.0 | default_backend app | report TLS 1.0 and 1.1 by default
      1.8 | default_backend app | report http-reuse never
      3.4 | default_backend app | report Read as HAProxy 3.4.
      # conditional blocks are those of the version
      2.4 | .if version_atleast(2.5) ; > maxconn 10 ; .endif | NOT_NEEDED && says HAProxy 2.4.0 is assumed
      2.4 | .if version_atleast(2.5) ; > http-request deny ; .endif | NOT_NEEDED && says no --haproxy
      # and of the release, which has to be named where they ask for it
      2.6.12 | .if version_atleast(2.6.7) ; > http-request deny ; .endif | EXACT && Deny=403
      2.6.12-1+deb12u4 | .if version_before(2.6.12) ; > http-request deny ; .endif | NOT_NEEDED && says HAProxy 2.6.12 is assumed
      2.6 | .if version_atleast(2.6.7) ; > http-request deny ; .endif | UNSUPPORTED! && says HAProxy 2.6.0 is assumed && says name your release with --haproxy
      2.6.9 | > .if version_atleast(2.6.7) ; http-request deny ; .endif | NOT_NEEDED
      2.6 | > .if version_atleast(2.6.7) ; http-request deny ; .endif | APPROXIMATED && says name your release with --haproxy
      2.6 | .if version_atleast(2.6.0) ; http-request set-path / ; .else ; > http-request deny ; .endif | NOT_NEEDED
      2.6 | .if version_before(2.6.7) ; .if 0 ; > tcp-request connection reject ; .endif ; .endif | UNSUPPORTED!
      2.6 | .if version_before(2.6.7) ; maxconn 9 ; .else ; > maxconn 10 ; .endif | NOT_NEEDED && says --haproxy
      # what its machine decides is not known here: a guard in such a block is told
      2.6.12 | .if defined(RESTRICT) ; > http-request deny ; .endif | UNSUPPORTED! && says no --haproxy && says environment of this import
      2.6.12 | > .if defined(RESTRICT) ; http-request deny ; .endif | APPROXIMATED && says environment of this import
      2.6.12 | .if openssl_version_atleast(3.2.0) ; > http-request deny ; .endif | UNSUPPORTED!
      2.6.12 | .if feature(DEVICEATLAS) ; > http-request deny ; .endif | UNSUPPORTED!
      2.6.12 | .if streq("$RESTRICT",1) ; > http-request deny ; .endif | UNSUPPORTED!
      2.6.12 | .if !defined(RESTRICT) ; > http-request deny ; .endif | EXACT && Deny=403
      2.6.12 | .if streq(a,b) ; > http-request deny ; .endif | NOT_NEEDED
      # no-alpn offers nothing
      2.8 | > bind :443 ssl crt a.pem no-alpn | http2: false && EXACT
      2.8 | > bind :443 ssl crt a.pem alpn h2 no-alpn | http2: false && EXACT
      2.8 | > bind :443 ssl crt a.pem no-alpn alpn h2 | no http2: && EXACT
      2.8 | > bind :443 ssl crt a.pem no-alpn alpn http/1.1 | http2: false && EXACT
      # a protocol that is forced, on each side of TLS
      2.6 | > bind :81 proto h2 | port: 81 && http2: true && APPROXIMATED && says HTTP/1.1 is spoken beside
      2.6 | > bind :81 proto h1 | port: 81 && no http2:
      2.6 | > bind :443 ssl crt a.pem proto h2 | no http2: && APPROXIMATED
      2.8 | > bind :443 ssl crt a.pem no-alpn proto h2 | no http2: && APPROXIMATED
      2.8 | > bind :443 ssl crt a.pem proto h1 | http2: false && APPROXIMATED
      3.2 | listen t ; mode tcp ; > bind :82 proto none ; server b 127.0.0.1:83 | no http2:
      # of opposites the last one counts
      3.2 | > bind :443 ssl crt a.pem no-strict-sni strict-sni | strict-names: true && EXACT
      3.2 | > bind :443 ssl crt a.pem strict-sni no-strict-sni | no strict-names
      # and what holds for all listeners may be taken back by a line
      3.2 | global ; ssl-default-bind-options strict-sni ; listen web ; mode http ; bind :443 ssl crt a.pem ; server b 127.0.0.1:82 | strict-names: true
      3.2 | global ; ssl-default-bind-options strict-sni ; listen web ; mode http ; bind :443 ssl crt a.pem no-strict-sni ; server b 127.0.0.1:82 | no strict-names
      3.2 | global ; ssl-default-bind-options strict-sni no-strict-sni ; listen web ; mode http ; bind :443 ssl crt a.pem ; server b 127.0.0.1:82 | no strict-names
      # verifyhost counts only where certificates are verified
      3.2 | backend app ; server b 127.0.0.1:82 check ssl verify none verifyhost a.example | verify: false && no server-name && EXACT
      3.2 | backend app ; server b 127.0.0.1:82 check ssl verify none verifyhost a.example sni req.hdr(host) | no server-name && APPROXIMATED && says no `verifyhost`
      3.3 | backend app ; server b 127.0.0.1:82 check ssl verify none verifyhost a.example | no server-name && APPROXIMATED && says no `verifyhost`
      3.2 | global ; ssl-server-verify none ; listen web ; mode http ; bind :80 ; server b 127.0.0.1:82 check ssl verifyhost a.example | verify: false && no server-name && EXACT
      3.2 | global ; ssl-server-verify none ; listen web ; mode http ; bind :80 ; server b 127.0.0.1:82 ssl verify required verifyhost a.example | server-name: a.example && no verify: false
      3.2 | backend app ; server b 127.0.0.1:82 check ssl verify none verifyhost a.example ; > server c 127.0.0.1:83 check ssl verify none verifyhost b.example backup | EXACT
      3.2 | backend app ; server b 127.0.0.1:82 check ssl ca-file a.pem ; > server c 127.0.0.1:83 check ssl verify required ca-file a.pem backup | EXACT
      3.2 | backend app ; server b 127.0.0.1:82 ssl ca-file a.pem ; > server c 127.0.0.1:83 ssl verify none ca-file a.pem backup | APPROXIMATED! && says 'verify' of the first server
      # HAProxy verifies verifyhost only where it sends no name in the handshake
      3.2 | backend app ; server b 127.0.0.1:82 check ssl ca-file a.pem verifyhost a.example | server-name: a.example && EXACT
      3.2 | backend app ; server b 127.0.0.1:82 check ssl ca-file a.pem verifyhost a.example sni str(b.example) | server-name: b.example && EXACT
      3.2 | backend app ; server b 127.0.0.1:82 check ssl ca-file a.pem verifyhost a.example sni req.hdr(host) | server-name: a.example && APPROXIMATED! && says `verifyhost`
      3.3 | backend app ; server b 127.0.0.1:82 check ssl ca-file a.pem verifyhost a.example | server-name: a.example && APPROXIMATED! && says `verifyhost`
      3.3 | backend app ; server b 127.0.0.1:82 check ssl ca-file a.pem verifyhost a.example no-sni-auto | server-name: a.example && EXACT
      3.3 | backend app ; http-request set-header Host b.example ; server b 127.0.0.1:82 check ssl ca-file a.pem verifyhost a.example | server-name: b.example && EXACT
      3.4 | listen t ; mode tcp ; bind :82 ; server b 127.0.0.1:83 check ssl ca-file a.pem verifyhost a.example | server-name: a.example && EXACT
      3.3 | backend app ; http-request set-header Host a.example ; server b 127.0.0.1:82 check ssl ca-file a.pem verifyhost a.example | server-name: a.example && EXACT
      # not all requests have the host of a rule that is followed by another one, or is not reached
      3.3 | backend app ; http-request set-header Host a.example ; http-request set-header host b.example if { path /b } ; server b 127.0.0.1:82 check ssl verify none | no server-name
      3.3 | backend app ; http-request set-header Host a.example ; http-request set-header Host %[path] ; server b 127.0.0.1:82 check ssl verify none | no server-name
      3.3 | backend app ; http-request set-header Host a.example ; http-request replace-header Host a b ; server b 127.0.0.1:82 check ssl verify none | no server-name
      3.3 | backend app ; http-request set-header Host a.example ; http-request del-header Host ; server b 127.0.0.1:82 check ssl verify none | no server-name
      3.3 | backend app ; http-request set-header Host a.example ; http-request del-header ^H -m reg ; server b 127.0.0.1:82 check ssl verify none | no server-name
      3.3 | backend app ; http-request set-header Host a.example ; http-request set-uri http://b.example/ ; server b 127.0.0.1:82 check ssl verify none | no server-name
      3.3 | backend app ; http-request allow if { path /a } ; http-request set-header Host a.example ; server b 127.0.0.1:82 check ssl verify none | no server-name
      3.3 | backend app ; http-request set-header Host %[path] ; http-request set-header Host a.example ; server b 127.0.0.1:82 check ssl verify none | server-name: a.example && EXACT
      """)
  void defaults_are_those_of_the_version(String version, String configuration, String expected) {
    ImportRow.check(configuration, expected, Map.of(), HaproxyVersion.parse(version).orElseThrow());
  }

  @Rows(
      """
      # a newer keyword, and one that is gone
      3.2 | default_backend app ; backend app ; server b 127.0.0.1:82 sni-auto | 'sni-auto' is known to HAProxy from 3.3 on, and the file is read as one of 3.2 (--haproxy)
      3.3 | filter comp-res | 'comp-res' is known to HAProxy from 3.4 on, and the file is read as one of 3.3 (--haproxy)
      2.4 | timeout client-hs 5s | 'client-hs' is known to HAProxy from 2.9 on, and the file is read as one of 2.4 (--haproxy)
      1.8 | http-request return status 200 | 'return' is known to HAProxy from 2.2 on, and the file is read as one of 1.8 (--haproxy)
      2.7 | option forwarded | 'forwarded' is known to HAProxy from 2.8 on, and the file is read as one of 2.7 (--haproxy)
      2.5 | global ; nbproc 1 ; listen web ; bind :80 ; server a 127.0.0.1:81 | 'nbproc' is known to HAProxy up to 2.4, and the file is read as one of 2.5 (--haproxy)
      2.1 | reqidel ^x | 'reqidel' is known to HAProxy up to 2.0, and the file is read as one of 2.1 (--haproxy)
      3.3 | healthcheck h ; > type httpchk ; listen web ; bind :80 ; server a 127.0.0.1:81 | 'healthcheck' is known to HAProxy from 3.4 on, and the file is read as one of 3.3 (--haproxy)
      """)
  void a_keyword_of_another_version_is_named_with_both(
      String version, String configuration, String said) {
    Imported imported =
        (Imported)
            Imports.of(
                ImportRow.text(configuration.replace("> ", "")),
                Map.of(),
                Map.of(),
                HaproxyVersion.parse(version).orElseThrow());
    assertThat(imported.report()).startsWith("LINES OF ANOTHER VERSION OF HAPROXY").contains(said);
    assertThat(imported.isLossy()).isTrue();
    assertThat(imported.isOfOtherVersion()).isTrue();
  }

  @Test
  void without_a_version_a_block_that_asks_for_it_is_named() {
    String rule = "http-request deny";
    Imported imported = Imports.good(Imports.front(".if version_atleast(3.3)", rule, ".endif"));
    assertThat(Imports.verdict(imported, rule).guard()).isTrue();
    assertThat(Imports.verdict(imported, ".if version_atleast(3.3)").text())
        .contains("HAProxy 3.2.0 is assumed, with the environment of this import")
        .contains(": name your release with --haproxy");
    assertThat(imported.isLossy()).isTrue();
  }

  @Test
  void without_a_version_newer_keywords_are_named_and_old_ones_are_not() {
    Imported newer = Imports.good(Imports.front("option use-small-buffers"));
    assertThat(newer.report())
        .startsWith("LINES OF ANOTHER VERSION OF HAPROXY")
        .contains(
            "'use-small-buffers' is known to HAProxy from 3.4 on, and the file is read as one of"
                + " 3.2")
        .contains("Read as HAProxy 3.2, as --haproxy is not given");
    assertThat(newer.isLossy()).isFalse();
    assertThat(Imports.good(Imports.front("option http-tunnel")).report())
        .doesNotContain("ANOTHER VERSION");
  }

  @Test
  void every_keyword_with_versions_has_a_verdict() {
    for (String each : KeywordVersions.keywords()) {
      String place = each.substring(0, each.indexOf(' '));
      String keyword = each.substring(each.indexOf(' ') + 1);
      List<String> places =
          switch (place) {
            case "action" ->
                List.of("http-request", "http-response", "tcp-request", "quic-initial");
            default -> List.of(place, "proxy");
          };
      boolean known =
          places.stream()
              .anyMatch(
                  one ->
                      DirectiveTable.find(one, keyword) != null
                          || DirectiveTable.find("proxy", place + " " + keyword) != null
                          || DirectiveTable.hasPlace(keyword)
                          || keyword.equals("http-after-response"));
      assertThat(known).as(each).isTrue();
    }
  }

  @Rows(
      """
      # a section is the check of the pool whose server names it
      healthcheck h ; > type httpchk GET /up ; > http-check expect status 204 ; listen web ; bind :80 ; mode http ; server a 127.0.0.1:81 check healthcheck h | type: http && path: /up && status: "204" && EXACT
      healthcheck h ; > type tcp-check ; > tcp-check send PING ; listen web ; bind :80 ; mode tcp ; server a 127.0.0.1:81 check healthcheck h | type: tcp && send: PING && EXACT
      healthcheck h ; > type redis-check ; listen web ; bind :80 ; mode tcp ; server a 127.0.0.1:81 check healthcheck h | type: redis && EXACT
      # it takes the place of the backend's own
      healthcheck h ; type httpchk GET /up ; listen web ; bind :80 ; mode http ; > option httpchk GET /old ; > http-check expect status 200 ; server a 127.0.0.1:81 check healthcheck h | NOT_NEEDED && says healthcheck h takes its place && path: /up && no /old
      # a server with another one is a guard
      healthcheck h ; type httpchk GET /up ; listen web ; bind :80 ; mode http ; server a 127.0.0.1:81 check healthcheck h ; server b 127.0.0.1:82 check | APPROXIMATED! && says 'healthcheck' of server a counts for the pool
      # one that no server has is not needed
      > healthcheck h ; > type httpchk GET /up ; listen web ; bind :80 ; mode http ; server a 127.0.0.1:81 check | NOT_NEEDED && type: tcp
      healthcheck h ; > type httpchk GET /up ; listen web ; bind :80 ; mode http ; server a 127.0.0.1:81 healthcheck h | NOT_NEEDED
      # what HAProxy refuses
      healthcheck h ; type httpchk ; listen web ; bind :80 ; mode http ; server a 127.0.0.1:81 check healthcheck other | problem expected the name of a healthcheck section after 'healthcheck', found 'other'
      healthcheck h ; type external-check ; listen web ; bind :80 ; mode http ; server a 127.0.0.1:81 check healthcheck h | problem expected a kind of check such as httpchk or tcp-check, found 'external-check'
      healthcheck h ; http-check expect status 200 ; listen web ; bind :80 ; mode http ; server a 127.0.0.1:81 check | problem expected 'type' and a kind of check in the section
      healthcheck h ; type httpchk ; healthcheck h ; type httpchk ; listen web ; bind :80 ; mode http ; server a 127.0.0.1:81 check | problem expected each healthcheck once: 'h'
      healthcheck h ; type httpchk ; type tcp-check ; listen web ; bind :80 ; mode http ; server a 127.0.0.1:81 check | problem expected one type in the section
      healthcheck h ; type httpchk ; option httpchk ; listen web ; bind :80 ; mode http ; server a 127.0.0.1:81 check | problem expected type, http-check or tcp-check, found 'option'
      healthcheck h ; type tcp-check ; http-check expect status 200 ; listen web ; bind :80 ; mode http ; server a 127.0.0.1:81 check | problem expected rules of type tcp-check, found 'http-check'
      healthcheck h ; tcp-check connect ; type redis-check ; listen web ; bind :80 ; mode http ; server a 127.0.0.1:81 check | problem expected rules of type redis-check, found 'tcp-check'
      // Other keywords of 3.3 and 3.4.
      # filters that compress run if the order of responses has them
      filter comp-res ; > compression algo gzip | Compress
      filter comp-res ; filter-sequence response comp-res ; > compression algo gzip | Compress
      filter comp-res ; filter trace ; filter-sequence response trace ; > compression algo gzip | NOT_NEEDED && no Compress
      filter compression ; filter-sequence request compression ; > compression algo gzip | Compress
      filter comp-req ; > compression algo gzip | NOT_NEEDED && no Compress
      # a backend that is disabled stays so
      force-be-switch if TRUE | NOT_NEEDED
      > force-be-switch if TRUE ; backend app ; backend other ; disabled ; server x 127.0.0.1:83 | UNSUPPORTED
      force-be-switch | problem expected 'force-be-switch if|unless CONDITION'
      # fields in binary form are left out
      http-request del-headers-bin req.hdrs_bin | UNSUPPORTED!
      http-request set-headers-bin req.hdrs_bin prefix x- | UNSUPPORTED!
      http-request add-headers-bin req.hdrs_bin prefix x- | UNSUPPORTED
      http-response add-headers-bin res.hdrs_bin | UNSUPPORTED
      # a listener without signatures would let in others
      bind :81 tcp-md5sig secret | report would let in more clients without tcp-md5sig && report no secret && no secret
      """)
  void keywords_of_3_3_and_3_4_become(String configuration, String expected) {
    ImportRow.check(configuration, expected, Map.of(), HaproxyVersion.NEWEST);
  }
}
