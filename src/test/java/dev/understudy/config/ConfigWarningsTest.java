package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import dev.understudy.testing.Rows;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is said of a file that is good and hardly meant. */
class ConfigWarningsTest {
  private static final Map<String, Set<String>> SHADOWED = new LinkedHashMap<>();

  private static final RouteChecker CHECKER =
      new RouteChecker() {
        @Override
        public Map<String, Set<String>> shadowed(List<RouteSpec> routes) {
          return SHADOWED;
        }
      };

  private static List<String> warnings(String text) {
    return warnings(Texts.read(text, Map.of("POOL", "sense", "METHOD", "GETT"), CHECKER));
  }

  private static List<String> warnings(LoadResult result) {
    return switch (result) {
      case LoadResult.Loaded loaded -> loaded.warnings().stream().map(Problem::asWarning).toList();
      case LoadResult.Rejected rejected -> throw new AssertionError(rejected.problems());
    };
  }

  private static String pool(String rest) {
    return """
    pools:
      sense:
        %s
    """
            .formatted(rest)
        + Texts.ROUTE;
  }

  private static String routes(String defaults, String... routes) {
    return Texts.POOL + "default-filters: " + defaults + "\nroutes:\n" + String.join("", routes);
  }

  /** Requires the warnings that stand in their lines, each after {@code #!}, and no others. */
  private static void check(String text) {
    assertThat(warnings(text))
        .containsExactlyElementsOf(Texts.marked(text, "gateway.yaml:%d: warning: %s"));
  }

  /** The lines of a pool, divided by ¶, and words of the only warning, if there is one. */
  @Rows(
      """
      # clients that can move the role of a failover pool
      servers: { a: { url: "http://a" } }¶passive: { window: 10s } | 4: pools.sense.passive: in a failover pool, any client can move the role to another server by requests that fail; use it only in pools with mode: balance, or where all clients are trusted
      mode: balance¶servers: { a: { url: "http://a" } }¶passive: { window: 10s } |
      # a second master in a failover pool
      servers: { a: { url: "http://a", role: master }, b: { url: "http://b", role: master } } | 3: pools.sense.servers.b.role: expected backup: a is the master, and in a failover pool one server gets all requests (mode: balance shares them), found "master"
      servers: { a: { url: "http://a", role: master }, b: { url: "http://b", role: backup } } |
      mode: balance¶servers: { a: { url: "http://a", role: master }, b: { url: "http://b", role: master } } |
      # a failback that does not wait or never comes
      servers: { m: { url: "http://a" } }¶mode: failover¶failback: { after: 10m } | has no effect with the policy immediate
      servers: { m: { url: "http://a" } }¶mode: failover¶failback: { policy: manual, after: 10m } | has no effect with the policy manual
      servers: { m: { url: "http://a" } }¶mode: failover¶failback: { policy: delayed, after: 10m } |
      servers: { m: { url: "http://a" } }¶mode: failover¶failback: { policy: manual } |
      servers: { m: { url: "http://a" } }¶mode: balance¶failback: { policy: manual } | has no effect in a balance pool
      # one address twice in a pool
      servers: { m: { url: "http://a" }, b: { url: "http://a:80", role: backup } } | 3: pools.sense.servers.b.url: expected an address other than that of server "m" in line 3: both fail together, found "http://a:80"
      servers: { m: { url: "http://A.test:8079" }, b: { url: "http://a.TEST:8079", role: backup } } | 3: pools.sense.servers.b.url: expected an address other than that of server "m" in line 3: both fail together, found "http://a.TEST:8079"
      servers: { m: { url: "https://a:443" }, b: { url: "https://a", role: backup } } | 3: pools.sense.servers.b.url: expected an address other than that of server "m" in line 3: both fail together, found "https://a"
      servers: { m: { url: "http://127.0.0.1" }, b: { url: "http://127.0.0.1", role: backup } } | 3: pools.sense.servers.b.url: expected an address other than that of server "m" in line 3: both fail together, found "http://127.0.0.1"
      servers: { m: { url: "http://localhost:8080" }, b: { url: "http://127.0.0.1:8080", role: backup } } | 3: pools.sense.servers.b.url: expected an address other than that of server "m" in line 3: both fail together, found "http://127.0.0.1:8080"
      servers: { m: { url: "http://127.0.0.1" }, b: { url: "http://LOCALHOST:80", role: backup } } | 3: pools.sense.servers.b.url: expected an address other than that of server "m" in line 3: both fail together, found "http://LOCALHOST:80"
      servers: { m: { url: "http://[::1]:81" }, b: { url: "http://[0:0:0:0:0:0:0:1]:81", role: backup } } | 3: pools.sense.servers.b.url: expected an address other than that of server "m" in line 3: both fail together, found "http://[0:0:0:0:0:0:0:1]:81"
      servers: { m: { url: "http://[2001:DB8::a]" }, b: { url: "http://[2001:db8:0::A]:80", role: backup } } | 3: pools.sense.servers.b.url: expected an address other than that of server "m" in line 3: both fail together, found "http://[2001:db8:0::A]:80"
      # two addresses are two
      servers: { m: { url: "http://a" }, b: { url: "https://a", role: backup } } |
      servers: { m: { url: "http://a:80" }, b: { url: "http://a:81", role: backup } } |
      servers: { m: { url: "http://a" }, b: { url: "http://a.test", role: backup } } |
      servers: { m: { url: "http://[::1]" }, b: { url: "http://[::2]", role: backup } } |
      servers: { m: { url: "http://localhost" }, b: { url: "http://[::1]", role: backup } } |
      servers: { m: { url: "http://localhost:81" }, b: { url: "http://127.0.0.1:82", role: backup } } |
      servers: { m: { url: "http://localhost" }, b: { url: "http://127.0.0.2", role: backup } } |
      """)
  void a_pool_has_that_warning(String pool, @Nullable String warning) {
    List<String> found = warnings(pool(pool.replace("¶", "\n    ")));
    assertThat(found).hasSize(warning == null ? 0 : 1);
    assertThat(found)
        .allSatisfy(
            each -> assertThat(each.replace(": warning:", ":")).contains(String.valueOf(warning)));
  }

  @Test
  void a_pool_that_no_route_leads_to() {
    String pools =
        """
        pools:
          sense: { servers: { a: { url: "http://a" } } }
          idle: { servers: { a: { url: "http://a" } } } #! pools.idle: no route leads to this pool: add one with uri pool://idle, or remove it
        """;
    check(pools + Texts.ROUTE);
    String off = "  - { id: o, uri: \"pool://idle\", predicates: [\"Path=/\"], enabled: false }\n";
    assertThat(warnings(pools + Texts.ROUTE + off)).isEmpty();
  }

  @Test
  void a_pool_that_a_placeholder_names_is_used() {
    assertThat(
            warnings(routes("[]", "  - { id: a, uri: 'pool://${POOL}', predicates: ['Path=/'] }")))
        .isEmpty();
    assertThat(
            warnings(
                routes(
                    "[]",
                    "  - { id: a, uri: 'http://a', predicates: ['Path=/'] }\n",
                    "  - { id: b, uri: 'pool://${P:sense}', predicates: ['Path=/'], enabled: false"
                        + " }\n")))
        .isEmpty();
  }

  @Rows(
      """
      http://a/base     | true
      http://a:80/base/ | true
      https://a?x=1     | true
      WS://a/b          | true
      http://a          | false
      http://a/         | false
      forward:/path     | false
      no://op/x         | false
      pool://sense      | false
      """)
  void a_path_that_the_gateway_drops(String uri, boolean dropped) {
    List<String> found =
        warnings(
            routes(
                "[]",
                "  - { id: a, uri: 'pool://sense', predicates: ['Path=/a'] }\n",
                "  - { id: b, uri: '" + uri + "', predicates: ['Path=/'] }\n"));
    assertThat(found)
        .isEqualTo(
            dropped
                ? List.of(
                    "gateway.yaml:8: warning: routes[1].uri: expected a uri that ends with the host"
                        + " or its port: the Gateway drops the rest and keeps each request's path"
                        + " (the filter PrefixPath adds a prefix), found \""
                        + uri.replaceFirst("(//[^/?]*/?).*", "$1***")
                        + "\"")
                : List.of());
  }

  @Test
  void unknown_methods() {
    check(
        """
        pools:
          sense:
            servers: { a: { url: "http://a" } }
            health: { method: HEDA } #! pools.sense.health.method: not a registered HTTP method, did you mean "HEAD"?, found "HEDA"
            retry: { methods: [GET, PROPFIND, FOO] } #! pools.sense.retry.methods[2]: not a registered HTTP method, found "FOO"
        routes:
          - { id: a, uri: "pool://sense", predicates: ["Path=/", "Method=GETT"] } #! routes[0].predicates[1]: not a registered HTTP method, did you mean "GET"?, found "GETT"
          - { id: b, uri: "pool://sense", predicates: ["Method=GET,get"] } #! routes[1].predicates[0]: not a registered HTTP method, did you mean "GET"?, found "get"
          - { id: c, uri: "pool://sense", predicates: [{ name: Method, args: { methods: [PUT, PROPFIND] } }] } #! routes[2].predicates[0]: never matches: the predicate Method knows only GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE, found "PROPFIND"
          - { id: d, uri: "pool://sense", predicates: ["Method=${METHOD}"] } #! routes[3].predicates[0]: not a registered HTTP method, did you mean "GET"?
        """);
  }

  @Test
  void set_status_on_a_route_to_a_pool() {
    assertThat(
            warnings(
                routes(
                    "[SetStatus=401]",
                    "  - { id: a, uri: 'pool://sense', predicates: ['Path=/'], filters:"
                        + " [SetStatus=403] }\n",
                    "  - { id: b, uri: 'http://b', predicates: ['Path=/'], filters: [SetStatus=403]"
                        + " }\n")))
        .hasSize(2)
        .allMatch(each -> each.contains("SetStatus: a server executes the request"))
        .allMatch(each -> each.contains("expected Deny=403"))
        .satisfiesExactly(
            each -> assertThat(each).startsWith("gateway.yaml:5: warning: default-filters[0]: "),
            each -> assertThat(each).startsWith("gateway.yaml:7: warning: routes[0].filters[0]: "));
  }

  @Rows(
      """
      balance | client-address | ``
      failover | client-address | has no effect on TCP servers in a failover pool
      balance  | cookie         | has no effect on TCP servers, whose connections are relayed
      """)
  void sessions_of_tcp_are_of_addresses_in_balance_pools(String mode, String type, String said) {
    List<String> found =
        warnings(
            Texts.read(
                """
                pools:
                  db:
                    mode: %s
                    servers:
                      a: { url: "tcp://127.0.0.1:1" }
                      b: { url: "tcp://127.0.0.1:2" }
                    sticky: { type: %s }
                listeners:
                  db: { port: 3389, pool: db }
                """
                    .formatted(mode, type),
                Map.of(),
                CHECKER));
    if (said.isEmpty()) {
      assertThat(found).isEmpty();
    } else {
      assertThat(found).singleElement().asString().contains("sticky").contains(said);
    }
  }

  /** Filters as the file has them, and the indexes of those that are warned of, own ones first. */
  @Rows(
      """
      []               | [Deny]                          | []
      []               | [Deny, StripPrefix]             | [routes[0].filters[1]]
      []               | ['Respond=200, a', Deny, A=1]   | [routes[0].filters[1], routes[0].filters[2]]
      []               | ['RedirectTo=302, /x', SetStatus=403] | [routes[0].filters[1]]
      []               | [RedirectToHttps, StripPrefix]  | []
      []               | [Deny, LocalResponseCache]      | []
      []               | [RequireWebSocketUpgrade=/a, StripPrefix] | []
      [Deny]           | [StripPrefix]                   | [routes[0].filters[0]]
      [A=1, Deny]      | [StripPrefix, B=1]              | [routes[0].filters[0], routes[0].filters[1]]
      [A=1, 'RedirectTo=302, /x'] | [StripPrefix, B=1]   | [routes[0].filters[1]]
      ['RedirectTo=302, /x', Deny] | [StripPrefix]       | [default-filters[1], routes[0].filters[0]]
      [SetResponseHeader=A] | [Deny]                     | []
      [SetResponseHeader=A, Deny] | []                   | [default-filters[0]]
      []               | [SetResponseHeader=A, SecureHeaders, Deny] | [routes[0].filters[0], routes[0].filters[1]]
      []               | [AddResponseHeader=A, RedirectToHttps] | []
      []               | [StrictTransportSecurity=A, ModifyResponseBody, RequestSize, Deny] | []
      [Deny]           | [AddResponseHeader=A, Deny]     | [routes[0].filters[0], routes[0].filters[1]]
      [A=1, B=1]       | [Deny]                          | []
      [Deny, A=1]      | []                              | [default-filters[1]]
      """)
  void a_filter_after_one_that_ends_every_request(String defaults, String own, String warned) {
    List<String> found =
        warnings(
            routes(
                defaults,
                "  - { id: a, uri: 'pool://sense', predicates: ['Path=/'], filters: "
                    + own
                    + " }"));
    assertThat(found).allMatch(each -> each.contains(": has no effect, as "));
    assertThat(found.stream().map(each -> each.split(": ")[2]).toList()).hasToString(warned);
  }

  @Rows(
      """
      []     | [Deny, RedirectToHttps]   | RedirectToHttps: has no effect, as Deny before it ends every request; put it before that, or remove it
      []     | [Deny, SetResponseHeader] | SetResponseHeader: has no effect, as Deny before it ends every request; remove it
      []     | [SetResponseHeader, Deny] | SetResponseHeader: has no effect, as it changes only responses of servers, and Deny after it ends every request; remove it
      [Deny] | [RedirectToHttps]         | RedirectToHttps: has no effect, as Deny of default-filters before it ends every request; remove it
      """)
  void advice_about_such_a_filter(String defaults, String own, String message) {
    assertThat(
            warnings(
                routes(
                    defaults,
                    "  - { id: a, uri: 'pool://sense', predicates: ['Path=/'], filters: "
                        + own
                        + " }")))
        .singleElement()
        .asString()
        .endsWith(": routes[0].filters[" + (own.startsWith("[Deny,") ? 1 : 0) + "]: " + message);
  }

  @Test
  void a_route_that_no_request_reaches_is_named_with_those_before_it() {
    SHADOWED.put("b", Set.of("a"));
    SHADOWED.put("c", Set.of());
    try {
      check(
          Texts.POOL
              + """
              routes:
                - { id: a, uri: 'pool://sense', predicates: ['Path=/'] }
                - { id: disabled, uri: 'pool://sense', predicates: ['Path=/'], enabled: false }
                - { id: b, uri: 'pool://sense', predicates: ['Path=/'] } #! routes[2].predicates: never matches: route "a" in line 6 comes first and matches every request that this one matches; move this one up, or remove it
                - id: c
                  uri: 'pool://sense'
                  predicates: ['Path=/'] #! routes[3].predicates: never matches: its predicates exclude one another
              """);
    } finally {
      SHADOWED.clear();
    }
  }

  @Test
  void a_network_without_its_mask() {
    check(
        routes(
            "[ 'Deny=403 when client-address(172.16.0.0)' ] #! default-filters[0]:"
                + " client-address(172.16.0.0) is a single address; expected a network with its"
                + " mask, such as 172.16.0.0/16, or 172.16.0.0/32 for that address alone",
            """
              - id: a
                uri: 'pool://sense'
                predicates:
                  - Path=/
                  - When=client-address(10.1.0.0, 10.2.0.0/16, 10.3.0.0/32, 10.0.0.10) #! routes[0].predicates[1]: client-address(10.1.0.0) is a single address; expected a network with its mask, such as 10.1.0.0/16, or 10.1.0.0/32 for that address alone
                filters:
                  - Deny=403 when path(/x) and not (tls or client-address(fd00::)) #! routes[0].filters[0]: client-address(fd00::) is a single address; expected a network with its mask, such as fd00::/8, or fd00::/128 for that address alone
            """));
  }

  @Test
  void a_predicate_with_invisible_characters() {
    assertThat(
            warnings(
                routes(
                    "[]", "  - { id: a, uri: 'pool://sense', predicates: ['Path=/a\u200b'] }\n")))
        .containsExactly(
            "gateway.yaml:7: warning: routes[0].predicates[0]: expected visible characters only,"
                + " found \"Path=/a\\u200b\" (has U+200B zero width space)");
  }

  @Test
  void shares_in_a_failover_pool_are_named() {
    String shares =
        "balance: source\n    prefer-same-zone: true\n"
            + "    servers: { m: { url: \"http://a\", weight: 3 } }";
    assertThat(warnings(pool(shares)))
        .hasSize(3)
        .allSatisfy(line -> assertThat(line).contains("has no effect in a failover pool"));
    assertThat(warnings(pool("mode: balance\n    " + shares))).isEmpty();
  }

  @Rows(
      """
      ``              | 1
      policy: delayed | 0
      policy: manual  | 1
      """)
  void a_time_that_pools_inherit_is_named_if_none_of_them_waits_for_it(String own, int count) {
    String text =
        pool("servers: { m: { url: \"http://a\" } }\n    failback: { " + own + " }")
            + "pool-defaults: { failback: { after: 10m } }\n";
    assertThat(warnings(text)).hasSize(count);
  }
}
