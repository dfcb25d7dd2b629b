package dev.understudy.gatewayapi.translate;

import dev.understudy.testing.Rows;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * Which backend a request gets to by the rules of its routes, and what becomes of it on the way.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GatewayRulesTest {
  private static final String GATEWAY =
      """
      kind: Gateway
      metadata: { name: gateway }
      spec:
        listeners:
          - { name: all, port: 80, protocol: HTTP }
          - { name: exact, port: 80, protocol: HTTP, hostname: exact.shop.example }
          - { name: wide, port: 80, protocol: HTTP, hostname: "*.shop.example" }
          - { name: wider, port: 80, protocol: HTTP, hostname: "*.example" }
          - { name: other, port: 8080, protocol: HTTP }
          - { name: tls, port: 443, protocol: HTTPS, tls: { certificateRefs: [ { name: a } ] } }
          - { name: mail, port: 8443, protocol: HTTPS, tls: { certificateRefs: [ { name: a } ] } }
      """;

  private static String services(String... names) {
    StringBuilder text = new StringBuilder();
    for (String each : names) {
      text.append(
          """
          ---
          kind: Service
          metadata: { name: %s }
          spec: { ports: [ { name: web, port: 80 }, { name: more, port: 81 } ] }
          """
              .formatted(each));
    }
    return text.toString();
  }

  /** Rules of a route for a host, as the elements of a list. */
  private static String route(String name, String hosts, String rules) {
    return """
    ---
    kind: HTTPRoute
    metadata: { name: %s, creationTimestamp: "2026-01-01T00:00:00Z" }
    spec:
      hostnames: [ %s ]
      rules:
    """
            .formatted(name, hosts)
        + rules.indent(4);
  }

  private static String to(String service) {
    return "  backendRefs: [ { name: " + service + ", port: 80 } ]\n";
  }

  private static final String PATHS =
      route(
          "paths",
          "paths",
          "- matches: [ { path: { type: Exact, value: /exact } } ]\n"
              + to("a")
              + "- matches: [ { path: { type: PathPrefix, value: /p } } ]\n"
              + to("b")
              + "- matches: [ { path: { value: /p/longer/ } } ]\n"
              + to("c")
              + "- matches: [ { path: { type: Exact, value: /p/longer } } ]\n"
              + to("d")
              + "- matches: [ { path: { type: RegularExpression, value: \"/r/[0-9]+\" } } ]\n"
              + to("e")
              + "- matches: [ { path: { type: PathPrefix, value: \"/s*ar/a,b\" } } ]\n"
              + to("f")
              + "- matches: [ { path: { type: Exact, value: \"/sp%20ace;v=(1)\" } } ]\n"
              + to("g")
              + "- matches: [ { path: { type: Exact, value: \"/%7Etilde/%2f\" } } ]\n"
              + to("h"));

  private static final String FIELDS =
      route(
          "fields",
          "fields",
          "- matches: [ { method: GET, path: { value: /m } } ]\n"
              + to("a")
              + "- matches: [ { path: { value: /m } } ]\n"
              + to("b")
              + "- matches: [ { headers: [ { name: X-V, value: one } ] } ]\n"
              + to("c")
              + "- matches: [ { headers: [ { name: x-v, value: one }, { name: x-w, value: two } ] }"
              + " ]\n"
              + to("d")
              + "- matches: [ { headers: [ { name: x-q, value: 'say \"a, (b)\" \\ {c}' } ] } ]\n"
              + to("e")
              + "- matches: [ { headers: [ { name: x-r, type: RegularExpression, value: 'a|b' } ] }"
              + " ]\n"
              + to("f")
              + "- matches: [ { queryParams: [ { name: animal, value: whale } ] } ]\n"
              + to("g")
              + "- matches:\n"
              + "    - queryParams: [ { name: animal, value: whale }, { name: n, type:"
              + " RegularExpression, value: '[0-9]' } ]\n"
              + "    - method: PUT\n"
              + to("h"));

  private static final String HOSTS =
      route("any", "", "-\n" + to("a"))
          + route("wildcard", "'*.wild.test'", "-\n" + to("b"))
          + route("deeper", "'*.deep.wild.test'", "-\n" + to("c"))
          + route("exact", "x.wild.test", "- matches: [ { path: { value: /only } } ]\n" + to("d"))
          + route(
              "isolated",
              "exact.shop.example",
              "- matches: [ { path: { value: /isolated } } ]\n" + to("e"))
          + route(
              "shop", "'*.shop.example'", "- matches: [ { path: { value: /shop } } ]\n" + to("f"));

  private static final String FILTERS =
      route(
          "filters",
          "filters",
          """
          - matches: [ { path: { value: /set } } ]
            filters:
              - type: RequestHeaderModifier
                requestHeaderModifier:
                  set: [ { name: X-Set, value: "new, {path} {x}" } ]
                  add: [ { name: X-Add, value: "#{1+1} ${a}" } ]
                  remove: [ X-Gone ]
              - type: ResponseHeaderModifier
                responseHeaderModifier:
                  set: [ { name: X-Of-Server, value: "{status}" } ]
                  add: [ { name: X-More, value: more } ]
                  remove: [ X-Request-Time ]
            backendRefs: [ { name: a, port: 80 } ]
          - matches: [ { path: { value: /host } } ]
            filters: [ { type: URLRewrite, urlRewrite: { hostname: other.test } } ]
            backendRefs: [ { name: a, port: 80 } ]
          - matches: [ { path: { value: /full } } ]
            filters:
              - type: URLRewrite
                urlRewrite: { path: { type: ReplaceFullPath, replaceFullPath: "/new/{path}" } }
            backendRefs: [ { name: a, port: 80 } ]
          - matches: [ { path: { value: /prefix/one/ } } ]
            filters:
              - type: URLRewrite
                urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: "/$1/two/" } }
            backendRefs: [ { name: a, port: 80 } ]
          - matches: [ { path: { value: /strip } } ]
            filters:
              - type: URLRewrite
                urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: / } }
            backendRefs: [ { name: a, port: 80 } ]
          - matches: [ { path: { value: / }, method: PUT } ]
            filters:
              - type: URLRewrite
                urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /below } }
            backendRefs: [ { name: a, port: 80 } ]
          - matches: [ { path: { value: /of-backend } } ]
            backendRefs:
              - name: a
                port: 80
                filters:
                  - type: RequestHeaderModifier
                    requestHeaderModifier: { set: [ { name: X-Set, value: backend } ] }
          """);

  private static final String REDIRECTS =
      route(
          "redirects",
          "redirects",
          """
          - matches: [ { path: { value: /host } } ]
            filters: [ { type: RequestRedirect, requestRedirect: { hostname: other.test } } ]
          - matches: [ { path: { value: /tls } } ]
            filters: [ { type: RequestRedirect, requestRedirect: { scheme: https, statusCode: 301 } } ]
          - matches: [ { path: { value: /plain } } ]
            filters: [ { type: RequestRedirect, requestRedirect: { scheme: http } } ]
          - matches: [ { path: { value: /port } } ]
            filters: [ { type: RequestRedirect, requestRedirect: { port: 8081, statusCode: 307 } } ]
          - matches: [ { path: { value: /port443 } } ]
            filters: [ { type: RequestRedirect, requestRedirect: { scheme: https, port: 443, statusCode: 308 } } ]
          - matches: [ { path: { value: /full } } ]
            filters:
              - type: RequestRedirect
                requestRedirect: { path: { type: ReplaceFullPath, replaceFullPath: "/{host}" }, statusCode: 303 }
          - matches: [ { path: { value: /old } } ]
            filters:
              - type: RequestRedirect
                requestRedirect: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /new } }
          """);

  private ClusterRig rig;

  @BeforeAll
  void start() {
    rig =
        new ClusterRig(
            new TestCluster(
                GATEWAY,
                services("a", "b", "c", "d", "e", "f", "g", "h"),
                PATHS,
                FIELDS,
                HOSTS,
                FILTERS,
                REDIRECTS));
  }

  @AfterAll
  void stop() {
    rig.close();
  }

  @Rows(
      """
      # paths
      an exact path matches itself                       | GET paths /exact              | pool gw-svc.shop.a.p80
      an exact path keeps its query                      | GET paths /exact?a=b          | GET /exact?a=b
      an exact path matches no longer one                | GET paths /exact/             | pool gw-svc.shop.a.p80
      a prefix matches its own path                      | GET paths /p                  | pool gw-svc.shop.b.p80
      a prefix matches paths below it                    | GET paths /p/x/y              | pool gw-svc.shop.b.p80
      a prefix matches whole segments alone              | GET paths /pq                 | pool gw-svc.shop.a.p80
      a longer prefix comes first                        | GET paths /p/longer/x         | pool gw-svc.shop.c.p80
      a slash at a prefix's end does not matter          | GET paths /p/longer/          | pool gw-svc.shop.c.p80
      an exact path comes before a prefix                | GET paths /p/longer           | pool gw-svc.shop.d.p80
      an expression matches the whole path               | GET paths /r/17               | pool gw-svc.shop.e.p80
      an expression matches no part of a path            | GET paths /r/17/x             | pool gw-svc.shop.a.p80
      characters of patterns mean themselves             | GET paths /s*ar/a,b/c         | pool gw-svc.shop.f.p80
      an asterisk stands for nothing else                | GET paths /star/a,b           | pool gw-svc.shop.a.p80
      """)
  void a_request_goes_where_its_path_leads(String name, String request, String expected) {
    rig.expect(80, request, expected.replace("shop.a.80", "shop.a.80"));
  }

  @Rows(
      """
      # methods
      a rule with a method comes before one without      | GET fields /m                 | pool gw-svc.shop.a.p80
      another method has the rule without                | POST fields /m                | pool gw-svc.shop.b.p80
      one match of several is enough                     | PUT fields /                  | pool gw-svc.shop.h.p80
      # header fields
      names have no letter case                          | GET fields / ; x-V: one       | pool gw-svc.shop.c.p80
      values have letter case                            | GET fields / ; X-V: ONE       | pool gw-svc.shop.a.p80
      more fields come before fewer                      | GET fields / ; X-V: one ; X-W: two | pool gw-svc.shop.d.p80
      quotes, parentheses and braces mean themselves     | GET fields / ; X-Q: say "a, (b)" \\ {c} | pool gw-svc.shop.e.p80
      an expression matches the whole value              | GET fields / ; X-R: b         | pool gw-svc.shop.f.p80
      an expression matches no part of a value           | GET fields / ; X-R: bc        | pool gw-svc.shop.a.p80
      # parameters
      a parameter matches                                | GET fields /?x=1&animal=whale | pool gw-svc.shop.g.p80
      a parameter matches decoded                        | GET fields /?animal=wh%61le   | pool gw-svc.shop.g.p80
      another value does not                             | GET fields /?animal=whales    | pool gw-svc.shop.a.p80
      more parameters come before fewer                  | GET fields /?n=1&animal=whale | pool gw-svc.shop.h.p80
      """)
  void a_request_goes_where_its_fields_lead(String name, String request, String expected) {
    rig.expect(80, request, expected);
  }

  @Rows(
      """
      # of routes
      a host without a route has the route for all       | GET nobody.test /             | pool gw-svc.shop.a.p80
      a wildcard matches one label                       | GET a.wild.test /             | pool gw-svc.shop.b.p80
      a wildcard matches several labels                  | GET a.b.wild.test /           | pool gw-svc.shop.b.p80
      a wildcard does not match the domain itself        | GET wild.test /               | pool gw-svc.shop.a.p80
      a longer wildcard comes first                      | GET a.deep.wild.test /        | pool gw-svc.shop.c.p80
      letter case and port do not matter                 | GET A.Wild.Test:8000 /        | pool gw-svc.shop.b.p80
      an exact host comes before a wildcard              | GET x.wild.test /only         | pool gw-svc.shop.d.p80
      what its route leaves goes to the wildcard's       | GET x.wild.test /             | pool gw-svc.shop.b.p80
      # of listeners
      the routes of the exact listener serve its host    | GET exact.shop.example /isolated | pool gw-svc.shop.e.p80
      what they leave goes to the route for all hosts    | GET exact.shop.example /other | pool gw-svc.shop.a.p80
      the wildcard listener serves other hosts           | GET a.shop.example /shop      | pool gw-svc.shop.f.p80
      """)
  void a_request_goes_where_its_host_leads(String name, String request, String expected) {
    rig.expect(80, request, expected);
  }

  @Rows(
      """
      # header fields
      a field is set, its braces are text     | GET filters /set ; X-Set: old ; X-Gone: 1 | x-set: new, {path} {x} ; no x-set: old ; no x-gone
      a field is added, no expression is run  | GET filters /set ; X-Add: old             | x-add: old ; x-add: #{1+1} ${a}
      fields of the response are changed      | GET filters /set                          | x-of-server: {status} ; x-more: more
      a filter of the only backend counts     | GET filters /of-backend                   | x-set: backend
      # rewriting
      the host is another one                 | GET filters /host?a                       | host: other.test ; GET /host?a
      the path is another one                 | GET filters /full/x?a=b                   | GET /new/%7Bpath%7D?a=b
      a prefix is replaced                    | GET filters /prefix/one/x?a=b             | GET /%241/two/x?a=b
      a prefix is the whole path              | GET filters /prefix/one                   | GET /%241/two
      a slash after a prefix stays            | GET filters /prefix/one/                  | GET /%241/two/
      a prefix is removed                     | GET filters /strip/x                      | GET /x
      a prefix that is all leaves a slash     | GET filters /strip                        | GET / HTTP
      a prefix and its slash leave a slash    | GET filters /strip/                       | GET / HTTP
      a prefix of everything comes before all | PUT filters /x                            | PUT /below/x
      """)
  void a_request_is_changed_on_its_way(String name, String request, String expected) {
    rig.expect(80, request, expected.replace("/ HTTP", "/\n"));
  }

  @Rows(
      """
      # 80
      the host is another one                | GET redirects /host/x?a=b | 302 ; location: http://other.test/host/x?a=b
      https has its own port                 | GET redirects:80 /tls     | 301 ; location: https://redirects/tls
      a port is named                        | GET redirects /port       | 307 ; location: http://redirects:8081/port
      443 of https is not named              | GET redirects /port443    | 308 ; location: https://redirects/port443
      the whole path is another one          | GET redirects /full/x?a=b | 303 ; location: http://redirects/%7Bhost%7D?a=b
      a prefix is another one                | GET redirects /old/x?a=b  | 302 ; location: http://redirects/new/x?a=b
      """)
  void a_request_is_redirected(String name, String request, String expected) {
    rig.expect(80, request, expected);
  }

  @Rows(
      """
      http at a port of its own names it     | 8080 | GET redirects:8080 /host  | location: http://other.test:8080/host
      https at its port names none           | 443  | GET redirects /old        | location: http
      https at a port of its own names it    | 8443 | GET redirects:8443 /host  | location: https://other.test:8443/host
      another scheme names no port           | 8443 | GET redirects:8443 /plain | location: http://redirects/plain
      """)
  void a_redirect_is_to_the_port_of_the_listener(
      String name, int port, String request, String expected) {
    rig.expect(port, request, expected);
  }
}
