package dev.understudy.proxy.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.snapshot.Authority;
import dev.understudy.testing.Await;
import dev.understudy.testing.BlackHole;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code Understudy-Epoch}: ours or none, never a client's. */
class EpochFieldTest extends LaneProtocolTable {
  private static final String[] FORGED = {
    "Understudy-Epoch: 99", "understudy-epoch: 98", "UNDERSTUDY-Anything: x"
  };

  @ParameterizedTest
  @MethodSource("lanes")
  void it_goes_to_servers_only_while_it_can_be_trusted(LaneProtocol lane) {
    start(lane);
    TestClient client = client();
    client.get("/", FORGED);
    pools.trustEpoch(false);
    client.get("/", FORGED);
    client.request("POST", "/", bytes(3), FORGED).response();
    pools.failover("a", "b");
    pools.trustEpoch(true);
    client.get("/", FORGED);
    assertThat(master.calls()).hasSize(3);
    assertThat(master.calls().get(0).headers("understudy-epoch")).containsExactly("1");
    for (TestServer.Call call : master.calls().subList(1, 3)) {
      assertThat(call.head()).doesNotContainIgnoringCase("understudy");
    }
    assertThat(backup.calls().get(0).headers("understudy-epoch")).containsExactly("2");
    assertThat(backup.calls().get(0).headers("understudy-anything")).isEmpty();
  }

  /** It may have stood still, as contact is looked at, at any time. */
  @ParameterizedTest
  @MethodSource("lanes")
  void a_replica_that_must_not_decide_alone_sends_the_serving_server_nothing_without_it(
      LaneProtocol lane) {
    start(lane);
    TestClient client = client();
    for (int moment = 1; moment <= 8; moment++) {
      int out = moment;
      AtomicInteger looks = new AtomicInteger();
      pools.authority(new Authority(true, true, () -> looks.incrementAndGet() != out));
      assertThat(client.get("/").status()).isEqualTo(200);
    }
    assertThat(master.calls())
        .hasSize(8)
        .allSatisfy(call -> assertThat(call.headers("understudy-epoch")).containsExactly("1"));
  }

  /** The role moves as contact is looked at, at any time. */
  @ParameterizedTest
  @MethodSource("lanes")
  void no_request_loses_it_as_the_role_moves(LaneProtocol lane) {
    start(lane);
    TestClient client = client();
    for (int moment = 1; moment <= 8; moment++) {
      int moves = moment;
      AtomicInteger looks = new AtomicInteger();
      pools.authority(
          new Authority(
              true,
              true,
              () -> {
                if (looks.incrementAndGet() == moves) {
                  pools.serve(moves % 2 == 0 ? "a" : "b");
                }
                return true;
              }));
      assertThat(client.get("/").status()).isEqualTo(200);
    }
    assertThat(backup.calls()).isNotEmpty();
    assertThat(Stream.of(master, backup).flatMap(each -> each.calls().stream()))
        .hasSize(8)
        .allSatisfy(call -> assertThat(call.headers("understudy-epoch")).hasSize(1));
  }

  @ParameterizedTest
  @MethodSource("plain")
  void it_is_that_of_now_where_the_role_moved_while_a_connection_was_made(LaneProtocol lane)
      throws Exception {
    try (BlackHole hole = new BlackHole()) {
      start(
          lane,
          TestPools.pool().master("a", hole.port()).backup("b", backup.port()),
          TrustedProxies.NONE);
      TestClient client = client().request("GET", "/", bytes(0));
      Await.until("it tries", () -> pools.server("a").traffic().requests().get() == 1);
      pools.serve("a");
      long epoch = pools.state().epoch();
      assertThat(epoch).isGreaterThan(1);
      try (Socket server = hole.open()) {
        Stream<String> head =
            new BufferedReader(new InputStreamReader(server.getInputStream(), US_ASCII)).lines();
        assertThat(head.takeWhile(line -> !line.isEmpty())).contains("understudy-epoch: " + epoch);
      }
      client.abort();
    }
  }

  @ParameterizedTest
  @MethodSource("plain")
  void in_a_balance_pool_there_is_none(LaneProtocol lane) {
    TestPools.Builder balance =
        TestPools.pool().balance().master("a", master.port()).master("b", backup.port());
    start(lane, balance, TrustedProxies.NONE);
    TestClient client = client();
    client.get("/", FORGED);
    client.get("/", FORGED);
    assertThat(master.calls().get(0).head()).doesNotContainIgnoringCase("understudy");
    assertThat(backup.calls().get(0).head()).doesNotContainIgnoringCase("understudy");
  }
}
