package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.pool.BalanceAlgorithm;
import dev.understudy.pool.PodNames;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.testing.Lane;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Shares of templates are those of all their servers together. */
class ServiceSharesTest {
  private static final int REQUESTS = 6_000;

  private static ServerTemplate template(String id, int share) {
    return new ServerTemplate(
        new ServerId(id),
        TestSettings.address(false, id + ".shop", 80),
        ServerTemplate.Records.ENDPOINTS,
        100,
        TestServers.settings(Rank.MASTER, OptionalInt.empty(), 1),
        Duration.ZERO,
        "",
        null,
        PodNames.ALL,
        share);
  }

  /** Services as {@code name=share*servers}, and the requests that each of them gets. */
  @Rows(
      """
      # turns
      unlike sizes have equal shares        | ROUND_ROBIN    | s=50*1 t=50*3          | s=3000 t=3000
      a share is that of all servers        | ROUND_ROBIN    | s=90*2 t=10*40         | s=5400 t=600
      shares are relative                   | ROUND_ROBIN    | s=1*2 t=2*1 u=3*3      | s=1000 t=2000 u=3000
      great shares are as good as small     | ROUND_ROBIN    | s=1000000*3 t=500000*1 | s=4000 t=2000
      a Service without servers has none    | ROUND_ROBIN    | s=50*0 t=10*1 u=20*2   | t=2000 u=4000
      a name may begin as another one does  | ROUND_ROBIN    | s=1*1 s-t=2*2          | s=2000 s-t=4000
      # by load
      requests in flight count by shares    | LEAST_REQUESTS | s=50*1 t=50*3          | s=3000 t=3000
      shares are relative                   | LEAST_REQUESTS | s=75*3 t=25*1          | s=4500 t=1500
      # by client
      clients are divided by shares         | SOURCE         | s=50*1 t=50*3          | s=3000 t=3000
      """)
  void services_get_their_shares(
      String name, BalanceAlgorithm balance, String services, String expected) {
    TestPools.Builder builder = TestPools.pool().balance(balance);
    List<ServerTemplate> templates = new ArrayList<>();
    for (String each : services.split(" ")) {
      String[] parts = each.split("[=*]");
      templates.add(template(parts[0], Integer.parseInt(parts[1])));
      for (int i = 0; i < Integer.parseInt(parts[2]); i++) {
        builder.weighted(parts[0] + "-" + i, 1 + i, 1);
      }
    }
    PoolState pool = builder.templates(templates.toArray(ServerTemplate[]::new)).start().state();
    Balancer balancer = Balancer.of(pool.pool(), null, 0, new Random(7));
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < REQUESTS; i++) {
      balancer.begin(i);
      for (int server = 0; server < pool.servers().size(); server++) {
        balancer.offer(server, pool.servers().get(server));
      }
      ServerState selected = balancer.select(true);
      selected.traffic().requests().incrementAndGet();
      counts.merge(selected.server().id().value().replaceFirst("-[0-9]+$", ""), 1, Integer::sum);
    }
    for (String each : expected.split(" ")) {
      String[] parts = each.split("=");
      int tolerance = balance == BalanceAlgorithm.SOURCE ? 250 : 10;
      assertThat(counts.remove(parts[0])).isCloseTo(Integer.parseInt(parts[1]), within(tolerance));
    }
    assertThat(counts).isEmpty();
  }

  @Test
  void a_service_of_three_servers_gets_as_many_requests_as_one_of_a_single_server() {
    List<TestServer> servers = new ArrayList<>();
    TestPools.Builder builder =
        TestPools.pool()
            .balance(BalanceAlgorithm.ROUND_ROBIN)
            .templates(template("s", 50), template("t", 50));
    for (String each : List.of("s-1", "t-1", "t-2", "t-3")) {
      TestServer server = new TestServer(each);
      servers.add(server);
      builder.weighted(each, server.port(), 1);
    }
    try (Lane lane = Engined.front(builder.start(), new Recorder());
        RawClient client = new RawClient(lane.port())) {
      Map<String, Integer> counts = new TreeMap<>();
      for (int i = 0; i < 24; i++) {
        counts.merge(client.get("/").body(), 1, Integer::sum);
      }
      assertThat(counts).isEqualTo(Map.of("s-1", 12, "t-1", 4, "t-2", 4, "t-3", 4));
    } finally {
      servers.forEach(TestServer::close);
    }
  }
}
