package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code RateLimit} on sockets, the same in both lanes and all protocols. */
class RateLimitTest {
  private static final List<String> LANES = List.of("/express/", "/gateway/");

  /** Filters by the last segment of the paths that have them; each path is there in both lanes. */
  private static final List<List<String>> FILTERS =
      List.of(
          List.of("header", "[ 'RateLimit=3/1d, header:X-Key' ]"),
          List.of("cookie", "[ 'RateLimit=2/1d, cookie:session' ]"),
          List.of("host", "[ { name: RateLimit, args: { rate: 1/1d, key: host, status: 503 } } ]"),
          List.of(
              "address",
              "[ { name: RateLimit, args: { requests: 2, period: 1h, key: client-address } } ]"),
          List.of("hold", "[ 'RateLimit=1/1d, header:X-Key' ]"),
          List.of(
              "table",
              "[ { name: RateLimit, args: { rate: 3/1d, key: 'header:X-Key', table: t } } ]"),
          List.of(
              "table2",
              "[ { name: RateLimit, args: { rate: 3/1d, key: 'header:X-Key', table: t } } ]"),
          List.of("set", "[ 'SetRequestHeader=X-Key,all', 'RateLimit=1/1d, header:X-Key' ]"));

  private static TestServer server;
  private static Path file;
  private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = new TestServer("server");
    file = Files.writeString(folder.resolve("gateway.yaml"), text(""));
    List<String> settings = TestProxy.tlsAndPlain(folder);
    settings.add("understudy.trusted-proxies=127.0.0.1");
    proxy = new TestProxy(file, settings);
  }

  private static String text(String more) {
    StringBuilder text =
        new StringBuilder(
            """
            pools:
              p:
                servers:
                  a: { url: "http://127.0.0.1:%d" }
                health: { type: tcp }
            default-filters:
              - RateLimit=5/1d, header:X-All
            routes:
            %s
            """
                .formatted(server.port(), more));
    for (List<String> each : FILTERS) {
      text.append(
          """
            - { id: express-%1$s, uri: "pool://p", predicates: [ "Path=/express/%1$s" ], filters: %2$s }
            - { id: gateway-%1$s, uri: "pool://p", predicates: [ "Path=/gateway/%1$s", "After=2020-01-01T00:00:00Z" ], filters: %2$s }
          """
              .formatted(each.get(0), each.get(1)));
    }
    return text.toString();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    server.close();
  }

  private static List<Integer> statuses(
      int count, Protocol protocol, String path, String... headers) {
    try (TestClient client = proxy.connect(protocol)) {
      return IntStream.range(0, count).mapToObj(i -> client.get(path, headers).status()).toList();
    }
  }

  private static List<Integer> statuses(int count, String path, String... headers) {
    return statuses(count, Protocol.HTTP_1_1, path, headers);
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void requests_beyond_the_rate_of_their_key_are_refused(Protocol protocol) {
    for (String lane : LANES) {
      String key = "X-Key: " + protocol;
      assertThat(statuses(5, protocol, lane + "header", "Host: a", key))
          .containsExactly(200, 200, 200, 429, 429);
      assertThat(statuses(3, protocol, lane + "header", "Host: a", key + "2"))
          .containsExactly(200, 200, 200);
    }
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void a_refusal_says_when_to_come_back_and_leaves_the_connection_usable(Protocol protocol) {
    for (String lane : LANES) {
      try (TestClient client = proxy.connect(protocol)) {
        String[] headers = {"Host: a", "X-Key: back-" + protocol};
        assertThat(client.get(lane + "hold", headers).status()).isEqualTo(200);
        client.request("POST", lane + "hold", new byte[20_000], headers);
        Response refused = client.response("POST");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(Long.parseLong(refused.header("retry-after"))).isBetween(86_400L, 172_800L);
        assertThat(refused.header("content-type")).isEqualTo("application/problem+json");
        assertThat(refused.header("cache-control")).isEqualTo("no-store");
        assertThat(client.get(lane + "header", "Host: a").status()).isEqualTo(200);
      }
    }
  }

  @Test
  void requests_without_the_key_pass_and_are_not_counted() {
    for (String lane : LANES) {
      assertThat(statuses(6, lane + "header", "Host: a")).containsOnly(200);
      assertThat(statuses(6, lane + "header", "Host: a", "X-Key:")).containsOnly(200);
      assertThat(statuses(6, lane + "cookie", "Host: a", "Cookie: other=1")).containsOnly(200);
    }
  }

  @Test
  void cookies_and_hosts_are_keys_too() {
    for (String lane : LANES) {
      assertThat(statuses(3, lane + "cookie", "Host: a", "Cookie: other=1; session=x; b=c"))
          .containsExactly(200, 200, 429);
      assertThat(statuses(1, lane + "cookie", "Host: a", "Cookie: session=y")).containsOnly(200);
      assertThat(statuses(2, lane + "host", "Host: one.test")).containsExactly(200, 503);
      assertThat(statuses(1, lane + "host", "Host: ONE.test:80")).containsExactly(503);
      assertThat(statuses(1, lane + "host", "Host: two.test")).containsExactly(200);
    }
  }

  @Test
  void a_long_value_counts_in_full() {
    String same = "X-Key: " + "x".repeat(2_000);
    for (String lane : LANES) {
      assertThat(statuses(4, lane + "header", "Host: a", same + "1"))
          .containsExactly(200, 200, 200, 429);
      assertThat(statuses(1, lane + "header", "Host: a", same + "2")).containsExactly(200);
    }
  }

  @Test
  void behind_a_trusted_proxy_the_address_that_it_reports_is_the_clients() {
    for (String lane : LANES) {
      String path = lane + "address";
      assertThat(statuses(3, path, "Host: a", "X-Forwarded-For: 192.0.2.1"))
          .containsExactly(200, 200, 429);
      assertThat(statuses(1, path, "Host: a", "X-Forwarded-For: 198.51.100.9, 192.0.2.1"))
          .containsExactly(429);
      assertThat(statuses(1, path, "Host: a", "X-Forwarded-For: 192.0.2.1, 127.0.0.1"))
          .containsExactly(429);
      assertThat(statuses(1, path, "Host: a", "X-Forwarded-For: 192.0.2.2")).containsExactly(200);
      assertThat(statuses(2, path, "Host: a", "X-Forwarded-For: 2001:db8::1")).containsOnly(200);
      assertThat(statuses(1, path, "Host: a", "X-Forwarded-For: 2001:db8::ffff:1"))
          .containsExactly(429);
      assertThat(statuses(1, path, "Host: a", "X-Forwarded-For: [2001:db8:0:1::1]:80"))
          .containsExactly(200);
    }
  }

  @Test
  void a_key_is_read_where_the_filter_stands() {
    for (String lane : LANES) {
      assertThat(statuses(1, lane + "set", "Host: a", "X-Key: 1")).containsExactly(200);
      assertThat(statuses(1, lane + "set", "Host: a", "X-Key: 2")).containsExactly(429);
    }
  }

  @Test
  void a_default_filter_counts_the_requests_of_all_routes_in_both_lanes() {
    assertThat(statuses(3, "/express/header", "Host: a", "X-All: 1")).containsOnly(200);
    assertThat(statuses(3, "/gateway/cookie", "Host: a", "X-All: 1"))
        .containsExactly(200, 200, 429);
    assertThat(statuses(1, "/express/set", "Host: a", "X-All: 1", "X-Key: 9")).containsExactly(429);
  }

  @Test
  void routes_may_share_a_table_by_its_name() {
    assertThat(statuses(2, "/express/table", "Host: a", "X-Key: t")).containsOnly(200);
    assertThat(statuses(2, "/gateway/table2", "Host: a", "X-Key: t")).containsExactly(200, 429);
    assertThat(statuses(1, "/express/table2", "Host: a", "X-Key: t")).containsExactly(429);
  }

  @Test
  void a_refusal_is_counted_and_reaches_no_server() throws IOException {
    double before = limited();
    for (String lane : LANES) {
      statuses(2, lane + "hold?counted", "Host: a", "X-Key: counted");
    }
    Await.until("both refusals are counted", () -> limited() == before + 2);
    assertThat(server.calls().stream().filter(call -> call.line().contains("?counted"))).hasSize(2);
  }

  private static double limited() {
    try (RawClient client = new RawClient(proxy.managementPort())) {
      client.send("GET /actuator/prometheus HTTP/1.1\r\nHost: localhost\r\n\r\n");
      return client
          .response()
          .body()
          .lines()
          .filter(line -> line.startsWith("understudy_limited_total{limit=\"REQUEST_RATE\"}"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
          .sum();
    }
  }

  @Test
  void a_reload_that_does_not_change_the_filter_keeps_its_counts() throws IOException {
    for (String lane : LANES) {
      assertThat(statuses(1, lane + "hold", "Host: a", "X-Key: reload")).containsExactly(200);
    }
    Files.writeString(
        file,
        text(
            "  - { id: fresh, uri: 'pool://p', predicates: [ 'Path=/fresh' ], filters:"
                + " ['Respond=200'] }"));
    Await.until("the file is in force", () -> statuses(1, "/fresh", "Host: a").get(0) == 200);
    System.gc(); // Which must not collect what the routes in force use.
    for (String lane : LANES) {
      assertThat(statuses(1, lane + "hold", "Host: a", "X-Key: reload")).containsExactly(429);
    }
  }
}
