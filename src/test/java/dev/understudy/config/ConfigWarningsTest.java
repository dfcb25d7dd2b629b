package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import dev.understudy.testing.Rows;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  void clients_that_can_move_the_role_of_a_failover_pool() {
    String servers = "servers: { a: { url: \"http://a\" } }\n    passive: { window: 10s }";
    assertThat(warnings(pool(servers)))
        .containsExactly(
            "gateway.yaml:4: warning: pools.sense.passive: in a failover pool, any client that"
                + " finds a request which fails moves the role to another server; expected it in"
                + " pools of mode: balance, or with clients that are trusted");
    assertThat(warnings(pool("mode: balance\n    " + servers))).isEmpty();
  }

  @Test
  void a_second_master_in_a_failover_pool() {
    String servers =
        "servers: { a: { url: \"http://a\", role: master }, b: { url: \"http://b\", %s } }";
    assertThat(warnings(pool(servers.formatted("role: master"))))
        .containsExactly(
            "gateway.yaml:3: warning: pools.sense.servers.b.role: expected backup: a is the master,"
                + " and in a failover pool one server gets all requests (mode: balance shares"
                + " them), found \"master\"");
    assertThat(warnings(pool(servers.formatted("role: backup")))).isEmpty();
    assertThat(warnings(pool("mode: balance\n    " + servers.formatted("role: master")))).isEmpty();
  }

  @Rows(
      """
      http://a          | http://a:80
      http://A.test:8079| http://a.TEST:8079
      https://a:443     | https://a
      http://127.0.0.1  | http://127.0.0.1
      http://localhost:8080 | http://127.0.0.1:8080
      http://127.0.0.1  | http://LOCALHOST:80
      http://[::1]:81   | http://[0:0:0:0:0:0:0:1]:81
      http://[2001:DB8::a] | http://[2001:db8:0::A]:80
      """)
  void one_address_twice_in_a_pool(String first, String second) {
    assertThat(
            warnings(
                pool(
                    "servers: { m: { url: \"%s\" }, b: { url: \"%s\", role: backup } }"
                        .formatted(first, second))))
        .containsExactly(
            "gateway.yaml:3: warning: pools.sense.servers.b.url: expected an address other than"
                + " that of server \"m\" in line 3: both fail together, found \""
                + second
                + "\"");
  }

  @Rows(
      """
      http://a            | https://a
      http://a:80         | http://a:81
      http://a            | http://a.test
      http://[::1]        | http://[::2]
      http://localhost    | http://[::1]
      http://localhost:81 | http://127.0.0.1:82
      http://localhost    | http://127.0.0.2
      """)
  void two_addresses_are_two(String first, String second) {
    assertThat(
            warnings(
                pool(
                    "servers: { m: { url: \"%s\" }, b: { url: \"%s\", role: backup } }"
                        .formatted(first, second))))
        .isEmpty();
  }

  @Test
  void a_pool_that_no_route_leads_to() {
    String pools =
        """
        pools:
          sense: { servers: { a: { url: "http://a" } } }
          idle: { servers: { a: { url: "http://a" } } }
        """;
    assertThat(warnings(pools + Texts.ROUTE))
        .containsExactly(
            "gateway.yaml:3: warning: pools.idle: no route leads to this pool: add one with uri"
                + " pool://idle, or remove it");
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
      assertThat(
              warnings(
                  routes(
                      "[]",
                      "  - { id: a, uri: 'pool://sense', predicates: ['Path=/'] }\n",
                      "  - { id: disabled, uri: 'pool://sense', predicates: ['Path=/'], enabled:"
                          + " false }\n",
                      "  - { id: b, uri: 'pool://sense', predicates: ['Path=/'] }\n",
                      "  - id: c\n    uri: 'pool://sense'\n    predicates: ['Path=/']\n")))
          .containsExactly(
              "gateway.yaml:9: warning: routes[2].predicates: never matches: route \"a\" in line 7"
                  + " comes first and matches every request that it matches; put it before, or"
                  + " remove it",
              "gateway.yaml:12: warning: routes[3].predicates: never matches: its predicates"
                  + " exclude one another");
    } finally {
      SHADOWED.clear();
    }
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

  @ParameterizedTest
  @ValueSource(strings = {"config/gateway.yaml", "config/sense.yaml"})
  void examples_have_none(String file) {
    assertThat(warnings(new ConfigLoader(RouteChecker.NONE).load(Path.of(file)))).isEmpty();
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
      { after: 10m }                  | failover | has no effect with the policy immediate
      { policy: manual, after: 10m }  | failover | has no effect with the policy manual
      { policy: delayed, after: 10m } | failover |
      { policy: manual }              | failover |
      { policy: manual }              | balance  | has no effect in a balance pool
      """)
  void a_failback_that_does_not_wait_or_never_comes(
      String failback, String mode, @Nullable String expected) {
    String servers =
        "servers: { m: { url: \"http://a\" } }\n    mode: " + mode + "\n    failback: ";
    List<String> found = warnings(pool(servers + failback));
    assertThat(found).hasSize(expected == null ? 0 : 1);
    assertThat(found).allMatch(line -> line.contains(String.valueOf(expected)));
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
