package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.HealthSettings;
import dev.understudy.proxy.engine.EngineRig.Client;
import dev.understudy.testing.Await;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import dev.understudy.testing.TestSettings;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that breaks connections and still takes new ones, as a process that is being killed. */
class DyingServerTest extends Engined {
  private static final Duration NEVER = Duration.ofHours(1);

  private TestPools.Builder two(Duration fastInterval) {
    HealthSettings usual = HealthSettings.DEFAULT;
    return two()
        .health(
            TestSettings.health(usual.check(), NEVER, fastInterval, NEVER, usual.timeout(), 3, 2));
  }

  private void dies() {
    master.script(TestServer.Call::reset);
  }

  private void lives() {
    master.script(call -> call.reply(200, "master"));
  }

  private void diesOnce() {
    master.script(
        call -> {
          if (master.calls().size() == 1) {
            call.reset();
          } else {
            call.reply(200, "master");
          }
        });
  }

  private Client broken() {
    dies();
    Client client = rig.get("/");
    Await.until("it waits", () -> seen.held.get() == 1);
    return client;
  }

  /** Choices lag behind a relay that accepts for a server, while replicas' votes are under way. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      // name | pool | before it breaks | what happens then | who responds, and how often a was
      // asked
      textBlock =
          """
          a request that broke waits for the next serving server | failover || moves | backup 1
          time alone clears no doubt | fast || ticks held moves | backup 1
          a bad probe clears no doubt | failover || bad ticks held moves | backup 1
          any probe with a response will do for a server that serves though it is DOWN | failover | bDown aDown aServes | lives bad | master 2
          a busy connection that broke brings the probe forward too | failover | used | lives probed | master 3
          a request that broke waits while its server is DOWN here and the choice lags | failover || silent ticks held bServes | backup 1
          it returns to a server that was DOWN here and is well again | failover || silent lives probed aUp | master 2
          in a balance pool a request that broke on the only master waits for the backup | balance || ticks held aDown | backup 1
          in a balance pool it is sent to the same master once a probe succeeded | balance || lives probed | master 2
          """)
  void a_request_that_broke(
      String name, String pool, @Nullable String before, String then, String expected) {
    TestPools.Builder two = two(pool.equals("fast") ? Duration.ofMillis(1) : NEVER);
    start(pool.equals("balance") ? two.balance() : two);
    if (before != null) {
      play(before);
    }
    Client client = broken();
    assertThat(seen.troubles).containsExactly(Trouble.BROKEN);
    play(then);
    assertThat(client.await().body() + " " + master.calls().size()).isEqualTo(expected);
    assertThat(seen.retries)
        .containsExactly("used".equals(before) ? RetryReason.STALE_CONNECTION : RetryReason.BROKEN);
    assertThat(seen.outcome().attempts()).isEqualTo(2);
  }

  private void play(String script) {
    for (String step : script.split(" ")) {
      switch (step) {
        case "used" -> assertThat(rig.get("/").await().status()).isEqualTo(200);
        case "ticks" -> rig.ticks(4);
        case "held" -> assertThat(seen.held).hasValue(1);
        case "lives" -> lives();
        case "probed" -> rig.pools.probed("a");
        case "bad" -> rig.pools.probed("a", ProbeOutcome.BAD_STATUS);
        case "silent" -> rig.pools.silent("a");
        case "moves" -> rig.pools.failover("a", "b");
        case "aUp" -> rig.pools.up("a");
        case "aDown" -> rig.pools.down("a");
        case "bDown" -> rig.pools.down("b");
        case "aServes" -> rig.pools.serve("a");
        case "bServes" -> rig.pools.serve("b");
        default -> throw new AssertionError(step);
      }
    }
  }

  @Test
  void it_is_sent_again_as_soon_as_a_probe_succeeded() {
    start(two(NEVER));
    rig.pools.probed("a");
    Client client = broken();
    lives();
    rig.pools.up("b");
    assertThat(seen.held).as("only the probe before it was answered").hasValue(1);
    rig.pools.probed("a");
    assertThat(client.await().body()).isEqualTo("master");
  }

  /** As behind a load balancer that accepts for it: each send breaks, until the choice moves. */
  @Test
  void a_request_that_broke_twice_on_a_dying_server_is_served_by_the_next() {
    start(two(NEVER));
    Client client = broken();
    rig.pools.probed("a");
    Await.until("it is sent again", () -> master.calls().size() == 2);
    Await.until("it waits again", () -> seen.held.get() == 1);
    rig.pools.failover("a", "b");
    assertThat(client.await().body()).isEqualTo("backup");
    assertThat(master.calls()).hasSize(2);
    assertThat(seen.outcome().attempts()).isEqualTo(3);
  }

  @Test
  void a_request_that_a_living_server_breaks_each_time_is_sent_no_more_than_attempts() {
    start(two(NEVER));
    Client client = broken();
    rig.pools.probed("a");
    Await.until("it is sent again", () -> master.calls().size() == 2);
    Await.until("it waits again", () -> seen.held.get() == 1);
    rig.pools.probed("a");
    assertThat(client.await().status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(2);
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.SERVER_FAILED);
  }

  @Test
  void a_request_that_broke_twice_waits_no_longer_than_hold_time() {
    start(two(NEVER).hold(Duration.ofMillis(200), 10, 10));
    dies();
    assertThat(rig.get("/").await().status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(2);
  }

  @Test
  void it_waits_no_longer_than_hold_time() {
    start(two(NEVER).hold(Duration.ofMillis(200), 10, 10));
    diesOnce();
    assertThat(rig.get("/").await().body()).isEqualTo("master");
    assertThat(seen.everHeld).hasValue(1);
  }

  @Test
  void where_nothing_may_wait_it_is_sent_again_at_once() {
    start(two(NEVER).hold(Duration.ZERO, 10, 10));
    dies();
    assertThat(rig.get("/").await().status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(2);
    assertThat(seen.everHeld).hasValue(0);
  }

  @Test
  void a_full_hold_refuses_no_request_that_can_be_replayed() {
    start(two(NEVER).hold(Duration.ofSeconds(20), 1, 10));
    Client first = broken();
    assertThat(rig.get("/").await().status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(3);
    lives();
    rig.pools.probed("a");
    assertThat(first.await().status()).isEqualTo(200);
  }

  @Test
  void over_http2_too_a_request_that_broke_waits_while_the_choice_lags() {
    start(two(NEVER).http2());
    Client client = broken();
    rig.pools.silent("a");
    rig.ticks(2);
    assertThat(seen.held).hasValue(1);
    assertThat(master.connections()).isEqualTo(1);
    rig.pools.serve("b");
    Await.until("the backup has it", () -> backup.connections() == 1);
    client.goAway();
  }

  @Test
  void a_request_that_breaks_while_the_choice_lags_waits_for_it() {
    start(two(NEVER));
    master.script(
        call -> {
          rig.pools.silent("a");
          call.reset();
        });
    Client client = rig.get("/");
    Await.until("it waits", () -> seen.held.get() == 1);
    rig.ticks(2);
    rig.pools.serve("b");
    assertThat(client.await().body()).isEqualTo("backup");
    assertThat(master.calls()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "PATCH"})
  void a_request_that_comes_while_the_choice_lags_waits_whatever_its_method(String method) {
    start(two(NEVER));
    rig.pools.silent("a");
    Client client = rig.new Client(method, "/", false);
    rig.onLoop(client::start);
    Await.until("it waits", () -> seen.held.get() == 1);
    rig.pools.serve("b");
    assertThat(client.await().body()).isEqualTo("backup");
    assertThat(master.calls()).isEmpty();
  }

  @Test
  void a_request_goes_to_the_server_that_the_replicas_keep_once_hold_time_is_over() {
    start(two(NEVER).hold(Duration.ofMillis(200), 10, 10));
    rig.pools.silent("a");
    assertThat(rig.get("/").await().body()).isEqualTo("master");
    assertThat(seen.everHeld).hasValue(1);
  }

  @Test
  void it_goes_there_at_once_where_nothing_may_wait() {
    start(two(NEVER).hold(Duration.ZERO, 10, 10));
    rig.pools.silent("a");
    assertThat(rig.get("/").await().body()).isEqualTo("master");
    assertThat(seen.everHeld).hasValue(0);
  }

  @Test
  void it_goes_there_at_once_where_too_many_wait() {
    start(two(NEVER).hold(Duration.ofSeconds(20), 1, 10));
    rig.pools.silent("a");
    Client first = rig.get("/");
    assertThat(rig.get("/").await().body()).isEqualTo("master");
    rig.pools.serve("b");
    assertThat(first.await().body()).isEqualTo("backup");
  }

  private TestPools.Builder balanced() {
    return two(NEVER).balance();
  }

  @Test
  void in_a_balance_pool_a_second_master_gets_it_at_once() {
    try (TestServer second = new TestServer("second")) {
      start(balanced().master("c", second.port()));
      dies();
      for (int i = 0; i < 4; i++) {
        assertThat(rig.get("/").await().body()).isEqualTo("second");
      }
      assertThat(master.calls()).hasSize(2);
      assertThat(seen.everHeld).hasValue(0);
    }
  }

  @Test
  void in_a_balance_pool_where_nothing_may_wait_it_is_sent_again_at_once() {
    start(balanced().hold(Duration.ZERO, 10, 10));
    dies();
    assertThat(rig.get("/").await().status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(2);
    assertThat(seen.everHeld).hasValue(0);
  }

  @Test
  void no_request_is_lost_while_a_server_dies_and_comes_back_again_and_again() {
    start(two(NEVER));
    for (int round = 0; round < 10; round++) {
      dies();
      List<Client> clients = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        clients.add(rig.get("/" + round + "-" + i));
      }
      Await.until("all wait", () -> seen.held.get() == clients.size());
      master.killIdle();
      master.restart();
      // Without a connection that rests between the rounds: its end would cost a send.
      master.script(
          call -> call.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
      rig.pools.probed("a");
      clients.forEach(client -> assertThat(client.await().status()).isEqualTo(200));
    }
    Map<String, Integer> sends = new HashMap<>();
    master.calls().forEach(call -> sends.merge(call.line(), 1, Integer::sum));
    assertThat(sends).hasSize(200).allSatisfy((line, count) -> assertThat(count).isEqualTo(2));
  }
}
