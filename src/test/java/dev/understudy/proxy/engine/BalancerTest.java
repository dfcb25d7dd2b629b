package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.pool.BalanceAlgorithm;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.testing.TestPools;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How each kind of {@link Balancer} spreads requests. */
class BalancerTest {
  private static final Set<String> ALL = Set.of("a", "b", "c", "d");

  private static TestPools.Builder weights(BalanceAlgorithm balance, int... weights) {
    TestPools.Builder builder = TestPools.pool().balance(balance);
    for (int i = 0; i < weights.length; i++) {
      builder.weighted("" + (char) ('a' + i), 1001 + i, weights[i]);
    }
    return builder;
  }

  private static Balancer of(PoolState pool, int ordinal) {
    return Balancer.of(pool.pool(), null, ordinal, new Random(7));
  }

  private static String next(Balancer balancer, PoolState pool, int client, Set<String> offered) {
    balancer.begin(client);
    for (int i = 0; i < pool.servers().size(); i++) {
      ServerState server = pool.servers().get(i);
      if (offered.contains(name(server)) && server.server().settings().weight() > 0) {
        balancer.offer(i, server);
      }
    }
    ServerState selected = balancer.select(true);
    return selected == null ? "-" : name(selected);
  }

  private static String name(ServerState server) {
    return server.server().id().value();
  }

  private static String turns(Balancer balancer, PoolState pool, int count, Set<String> offered) {
    StringBuilder turns = new StringBuilder();
    for (int i = 0; i < count; i++) {
      turns.append(next(balancer, pool, 0, offered));
    }
    return turns.toString();
  }

  @Test
  void equal_weights_take_turns_in_the_order_of_the_configuration() {
    PoolState pool = weights(BalanceAlgorithm.ROUND_ROBIN, 1, 1, 1).start().state();
    assertThat(turns(of(pool, 0), pool, 6, ALL)).isEqualTo("abcabc");
  }

  @Test
  void a_heavy_servers_turns_are_spread_among_those_of_the_others() {
    PoolState pool = weights(BalanceAlgorithm.ROUND_ROBIN, 5, 1, 1).start().state();
    assertThat(turns(of(pool, 0), pool, 14, ALL)).isEqualTo("aabacaa".repeat(2));
  }

  @Test
  void what_the_agent_says_of_a_weight_counts_in_hundredths() {
    PoolState pool = weights(BalanceAlgorithm.ROUND_ROBIN, 1, 1).start().state();
    List<ServerState> servers = List.of(at(pool.servers().get(0), 50), pool.servers().get(1));
    Balancer balancer = of(pool, 0);
    StringBuilder turns = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      balancer.begin(0);
      balancer.offer(0, servers.get(0));
      balancer.offer(1, servers.get(1));
      turns.append(name(balancer.select(true)));
    }
    assertThat(turns).hasToString("babbab");
  }

  private static ServerState at(ServerState state, int weightPercent) {
    return new ServerState(
        state.pool(),
        state.server(),
        state.address(),
        state.status(),
        state.statusSince(),
        state.operatorState(),
        state.operatorAct(),
        state.circuitOpen(),
        state.usable(),
        state.incarnation(),
        state.oldestIncarnation(),
        state.leftServing(),
        state.lastProbe(),
        state.traffic(),
        state.agent(),
        weightPercent,
        state.pod(),
        state.checks(),
        state.data());
  }

  @Test
  void each_event_loop_begins_at_another_server() {
    PoolState pool = weights(BalanceAlgorithm.ROUND_ROBIN, 1, 1, 1).start().state();
    List<String> first = new ArrayList<>();
    for (int loop = 0; loop < 4; loop++) {
      first.add(next(of(pool, loop), pool, 0, ALL));
    }
    assertThat(first).containsExactly("a", "b", "c", "a");
  }

  @Test
  void turns_are_fair_again_as_soon_as_a_server_returns() {
    PoolState pool = weights(BalanceAlgorithm.ROUND_ROBIN, 1, 1, 1).start().state();
    Balancer balancer = of(pool, 0);
    assertThat(turns(balancer, pool, 100, Set.of("b", "c"))).doesNotContain("a");
    String after = turns(balancer, pool, 6, ALL);
    assertThat(after.chars().filter(server -> server == 'a').count()).isEqualTo(2);
  }

  @Test
  void nobody_is_selected_where_nobody_is_offered() {
    for (BalanceAlgorithm balance : BalanceAlgorithm.values()) {
      PoolState pool = weights(balance, 1, 1).start().state();
      assertThat(next(of(pool, 0), pool, 1, Set.of())).isEqualTo("-");
    }
  }

  @ParameterizedTest
  @CsvSource({
    // requests in flight at a, tunnels at a, requests at b, weight of a, weight of b → who is next
    "0, 0, 1, 1, 1, a",
    "1, 0, 0, 1, 1, b",
    "0, 2, 1, 1, 1, b",
    "0, 0, 0, 2, 1, a",
    "2, 0, 1, 2, 1, a",
    "4, 0, 1, 2, 1, b",
    "256, 0, 0, 256, 1, b",
  })
  void the_fewest_requests_for_the_weight_win(
      int inFlight, int tunnels, int other, int weight, int otherWeight, String expected) {
    PoolState pool = weights(BalanceAlgorithm.LEAST_REQUESTS, weight, otherWeight).start().state();
    pool.servers().get(0).traffic().requests().set(inFlight);
    pool.servers().get(0).traffic().tunnels().set(tunnels);
    pool.servers().get(1).traffic().requests().set(other);
    assertThat(next(of(pool, 0), pool, 0, ALL)).isEqualTo(expected);
  }

  @Test
  void servers_with_equally_few_requests_are_taken_at_random() {
    PoolState pool = weights(BalanceAlgorithm.LEAST_REQUESTS, 1, 1, 1).start().state();
    pool.servers().get(1).traffic().requests().set(1);
    String turns = turns(of(pool, 0), pool, 1000, ALL);
    assertThat(turns).doesNotContain("b");
    assertThat(turns.chars().filter(server -> server == 'a').count()).isBetween(400L, 600L);
  }

  private static Map<Integer, String> clients(PoolState pool, Set<String> offered) {
    Balancer balancer = of(pool, 0);
    Map<Integer, String> to = new HashMap<>();
    for (int client = 0x0a000001; client < 0x0a000001 + 20_000; client++) {
      to.put(client, next(balancer, pool, client, offered));
    }
    return to;
  }

  private static double share(Map<Integer, String> clients, String server) {
    return clients.values().stream().filter(server::equals).count() / (double) clients.size();
  }

  @Test
  void a_client_gets_the_same_server_on_every_event_loop() {
    PoolState pool = weights(BalanceAlgorithm.SOURCE, 1, 1, 1).start().state();
    for (int client = 0; client < 100; client++) {
      assertThat(next(of(pool, 0), pool, client, ALL))
          .isEqualTo(next(of(pool, 5), pool, client, ALL));
    }
  }

  @Test
  void clients_are_spread_by_weight() {
    PoolState pool = weights(BalanceAlgorithm.SOURCE, 1, 2, 5).start().state();
    Map<Integer, String> clients = clients(pool, ALL);
    assertThat(share(clients, "a")).isCloseTo(1 / 8.0, within(0.02));
    assertThat(share(clients, "b")).isCloseTo(2 / 8.0, within(0.02));
    assertThat(share(clients, "c")).isCloseTo(5 / 8.0, within(0.02));
  }

  @Test
  void only_the_clients_of_a_server_that_goes_move_and_they_come_back_with_it() {
    PoolState pool = weights(BalanceAlgorithm.SOURCE, 1, 1, 1, 1).start().state();
    Map<Integer, String> before = clients(pool, ALL);
    Map<Integer, String> without = clients(pool, Set.of("a", "b", "d"));
    before.forEach(
        (client, server) -> {
          if (!server.equals("c")) {
            assertThat(without).containsEntry(client, server);
          }
        });
    assertThat(share(without, "a")).isCloseTo(1 / 3.0, within(0.02));
    assertThat(clients(pool, ALL)).isEqualTo(before);
  }

  /** Servers a and b are in the zone east, c is in west, d in none. */
  @ParameterizedTest
  @CsvSource({
    // this replica's zone, servers that are offered → servers that are selected
    "east, abcd, ab",
    "west, abcd, c",
    "west, cd, c",
    "west, abd, abd",
    "east, dcba, ab",
    "east, bc, b",
    "east, cd, cd",
    "north, abcd, abcd",
    "'', abcd, abcd",
    ", abcd, abcd",
    "east, '', -",
  })
  void servers_of_this_replica_s_zone_are_preferred(String zone, String offered, String expected) {
    for (BalanceAlgorithm balance : BalanceAlgorithm.values()) {
      PoolState pool = zones(balance).preferSameZone().start().state();
      assertThat(selected(pool, zone, offered)).as("%s", balance).isEqualTo(letters(expected));
      PoolState indifferent = zones(balance).start().state();
      assertThat(selected(indifferent, zone, offered))
          .as("%s, without the setting", balance)
          .isEqualTo(letters(offered.isEmpty() ? "-" : offered));
    }
  }

  private static TestPools.Builder zones(BalanceAlgorithm balance) {
    return TestPools.pool()
        .balance(balance)
        .zoned("a", 1001, "east")
        .zoned("b", 1002, "east")
        .zoned("c", 1003, "west")
        .zoned("d", 1004, null);
  }

  private static Set<String> letters(String text) {
    return Set.of(text.split(""));
  }

  private static Set<String> selected(PoolState pool, String zone, String offered) {
    Balancer balancer = Balancer.of(pool.pool(), zone, 0, new Random(7));
    Set<String> selected = new HashSet<>();
    for (int client = 0; client < 200; client++) {
      selected.add(next(balancer, pool, client, Set.of(offered.split(""))));
    }
    return selected;
  }

  @Test
  void turns_in_a_zone_stay_even_while_it_fills_up_now_and_then() {
    PoolState pool = zones(BalanceAlgorithm.ROUND_ROBIN).preferSameZone().start().state();
    Balancer balancer = Balancer.of(pool.pool(), "east", 0, new Random(7));
    assertThat(turns(balancer, pool, 4, ALL)).isEqualTo("abab");
    assertThat(turns(balancer, pool, 4, Set.of("c", "d"))).isEqualTo("cdcd");
    assertThat(turns(balancer, pool, 4, ALL)).isEqualTo("abab");
  }
}
