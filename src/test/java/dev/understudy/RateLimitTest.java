package dev.understudy;

import static dev.understudy.TestProxy.LANES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.traffic.Limit;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code RateLimit} on sockets, the same in both lanes and all protocols. */
class RateLimitTest {
  private static final String FILE =
      TestProxy.POOLS
          + "default-filters: ['RateLimit=5/1d, header:X-All']\nroutes:\n"
          + TestProxy.named(
              """
              header: [ 'RateLimit=3/1d, header:X-Key' ]
              cookie: [ 'RateLimit=2/1d, cookie:session' ]
              host: [ { name: RateLimit, args: { rate: 1/1d, key: host, status: 503 } } ]
              address: [ { name: RateLimit, args: { requests: 2, period: 1h, key: client-address } } ]
              hold: [ 'RateLimit=1/1d, header:X-Key' ]
              table: [ { name: RateLimit, args: { rate: 3/1d, key: 'header:X-Key', table: t } } ]
              table2: [ { name: RateLimit, args: { rate: 3/1d, key: 'header:X-Key', table: t } } ]
              set: [ 'SetRequestHeader=X-Key,all', 'RateLimit=1/1d, header:X-Key' ]
              """);

  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        new TestProxy(folder, FILE, TestProxy.tls(folder, "understudy.trusted-proxies=127.0.0.1"));
    proxy.requireLanesAsNamed();
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

  @EachWay
  void requests_beyond_the_rate_of_their_key_are_refused(String lane, Protocol protocol) {
    String key = "X-Key: " + protocol;
    assertThat(statuses(5, protocol, lane + "header", "Host: a", key))
        .containsExactly(200, 200, 200, 429, 429);
    assertThat(statuses(3, protocol, lane + "header", "Host: a", key + "2"))
        .containsExactly(200, 200, 200);
  }

  @EachWay
  void a_refusal_says_when_to_come_back_and_leaves_the_connection_usable(
      String lane, Protocol protocol) {
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

  @EachLane
  void requests_without_the_key_pass_and_are_not_counted(String lane) {
    assertThat(statuses(6, lane + "header", "Host: a")).containsOnly(200);
    assertThat(statuses(6, lane + "header", "Host: a", "X-Key:")).containsOnly(200);
    assertThat(statuses(6, lane + "cookie", "Host: a", "Cookie: other=1")).containsOnly(200);
  }

  @EachLane
  void cookies_and_hosts_are_keys_too(String lane) {
    assertThat(statuses(3, lane + "cookie", "Host: a", "Cookie: other=1; session=x; b=c"))
        .containsExactly(200, 200, 429);
    assertThat(statuses(1, lane + "cookie", "Host: a", "Cookie: session=y")).containsOnly(200);
    assertThat(statuses(2, lane + "host", "Host: one.test")).containsExactly(200, 503);
    assertThat(statuses(1, lane + "host", "Host: ONE.test:80")).containsExactly(503);
    assertThat(statuses(1, lane + "host", "Host: two.test")).containsExactly(200);
  }

  @EachLane
  void a_long_value_counts_in_full(String lane) {
    String same = "X-Key: " + "x".repeat(2_000);
    assertThat(statuses(4, lane + "header", "Host: a", same + "1"))
        .containsExactly(200, 200, 200, 429);
    assertThat(statuses(1, lane + "header", "Host: a", same + "2")).containsExactly(200);
  }

  @EachLane
  void behind_a_trusted_proxy_the_address_that_it_reports_is_the_clients(String lane) {
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

  @EachLane
  void a_key_is_read_where_the_filter_stands(String lane) {
    assertThat(statuses(1, lane + "set", "Host: a", "X-Key: 1")).containsExactly(200);
    assertThat(statuses(1, lane + "set", "Host: a", "X-Key: 2")).containsExactly(429);
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
  void a_refusal_is_counted_and_reaches_no_server() {
    int before = proxy.limited(Limit.REQUEST_RATE);
    for (String lane : LANES) {
      statuses(2, lane + "hold?counted", "Host: a", "X-Key: counted");
    }
    Await.until("both refusals are counted", () -> proxy.limited(Limit.REQUEST_RATE) == before + 2);
    assertThat(proxy.server.calls())
        .filteredOn(call -> call.line().contains("?counted"))
        .hasSize(2);
  }

  @Test
  void a_reload_that_does_not_change_the_filter_keeps_its_counts() {
    for (String lane : LANES) {
      assertThat(statuses(1, lane + "hold", "Host: a", "X-Key: reload")).containsExactly(200);
    }
    proxy.write(FILE + TestProxy.named("fresh: ['Respond=200']"));
    Await.until(
        "the file is in force", () -> statuses(1, "/express/fresh", "Host: a").get(0) == 200);
    System.gc(); // Which must not collect what the routes in force use.
    for (String lane : LANES) {
      assertThat(statuses(1, lane + "hold", "Host: a", "X-Key: reload")).containsExactly(429);
    }
  }
}
