package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
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
