package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.HealthSettings;
import dev.understudy.proxy.engine.EngineRig.Client;
import dev.understudy.testing.Await;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.Scenario.Words;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import dev.understudy.testing.TestSettings;
import dev.understudy.traffic.RetryReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that breaks connections and still takes new ones, as a process that is being killed. */
class DyingServerTest extends Engined {
  private static final Duration NEVER = Duration.ofHours(1);

  private Client client;

  /** One that was asked for before the last. */
  private Client first;

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

  /**
   * Choices lag behind a relay that accepts for a server, while replicas' votes are under way. Each
   * begins with a pool, and how long a request may wait there, in milliseconds, and how many.
   */
  @Scenario.Each(
"""
a request that broke waits for the next serving server
  failover; broken; moves; gets backup; calls 1; retry BROKEN; attempts 2
time alone clears no doubt
  fast; broken; ticks; waits; moves; gets backup; calls 1; retry BROKEN; attempts 2
a bad probe clears no doubt
  failover; broken; bad; ticks; waits; moves; gets backup; calls 1; retry BROKEN; attempts 2
any probe with a response will do for a server that serves though it is DOWN
  failover; down b; down a; serves a; broken; lives; bad; gets master; calls 2
  retry BROKEN; attempts 2
a busy connection that broke brings the probe forward too
  failover; get; gets master; broken; lives; probed; gets master; calls 3
  retry STALE_CONNECTION; attempts 2
a request that broke waits while its server is DOWN here and the choice lags
  failover; broken; silent; ticks; waits; serves b; gets backup; calls 1; retry BROKEN; attempts 2
it returns to a server that was DOWN here and is well again
  failover; broken; silent; lives; probed; up a; gets master; calls 2; retry BROKEN; attempts 2
in a balance pool a request that broke on the only master waits for the backup
  balance; broken; ticks; waits; down a; gets backup; calls 1; retry BROKEN; attempts 2
in a balance pool it is sent to the same master once a probe succeeded
  balance; broken; lives; probed; gets master; calls 2; retry BROKEN; attempts 2
it is sent again as soon as a probe succeeded, and not for the one before it was answered
  failover; probed; broken; lives; up b; waits; probed; gets master
one that broke twice on a dying server, as behind a load balancer, is served by the next
  failover; broken; probed; sent 2; held; moves; gets backup; calls 2; attempts 3
one that a living server breaks each time is sent no more than attempts
  failover; broken; probed; sent 2; held; probed; status 502; calls 2; end SERVER_FAILED
a request that broke twice waits no longer than hold time
  failover 200 10; dies; get; status 502; calls 2
it waits no longer than hold time
  failover 200 10; dies once; get; gets master; everheld 1
where nothing may wait it is sent again at once
  failover 0 10; dies; get; status 502; calls 2; everheld 0
in a balance pool where nothing may wait it is sent again at once
  balance 0 10; dies; get; status 502; calls 2; everheld 0
a full hold refuses no request that can be replayed
  failover 20000 1; broken; first; get; status 502; calls 3; lives; probed; first gets master
a request that breaks while the choice lags waits for it
  failover; dies silently; get; held; ticks; serves b; gets backup; calls 1
a request goes to the server that the replicas keep once hold time is over
  failover 200 10; silent; get; gets master; everheld 1
it goes there at once where nothing may wait
  failover 0 10; silent; get; gets master; everheld 0
it goes there at once where too many wait
  failover 20000 1; silent; get; first; get; gets master; serves b; first gets backup
""")
  void a_request_to_a_dying_server(Scenario scenario) {
    scenario.play(this::step);
  }

  private void step(Words words) {
    String word = words.at(1);
    switch (words.at(0)) {
      case "failover" -> start(hold(two(NEVER), words));
      case "balance" -> start(hold(two(NEVER).balance(), words));
      case "fast" -> start(two(Duration.ofMillis(1)));
      case "get" -> client = rig.get("/");
      case "broken" -> {
        client = broken();
        assertThat(seen.troubles).containsExactly(Trouble.BROKEN);
      }
      case "first" -> {
        if (word.isEmpty()) {
          first = client;
        } else {
          assertThat(first.await().body()).isEqualTo(words.at(2));
        }
      }
      case "gets" -> assertThat(client.await().body()).isEqualTo(word);
      case "status" -> assertThat(client.await().status()).isEqualTo(words.number(1));
      case "calls" -> assertThat(master.calls()).hasSize(words.number(1));
      case "sent" ->
          Await.until("it is sent again", () -> master.calls().size() == words.number(1));
      case "held" -> Await.until("it waits", () -> seen.held.get() == 1);
      case "waits" -> assertThat(seen.held).hasValue(1);
      case "everheld" -> assertThat(seen.everHeld).hasValue(words.number(1));
      case "retry" -> assertThat(seen.retries).containsExactly(RetryReason.valueOf(word));
      case "attempts" -> assertThat(seen.outcome().attempts()).isEqualTo(words.number(1));
      case "end" -> assertThat(seen.outcome().end()).hasToString(word);
      case "ticks" -> rig.ticks(4);
      case "lives" -> lives();
      case "dies" -> dies(word);
      case "probed" -> rig.pools.probed("a");
      case "bad" -> rig.pools.probed("a", ProbeOutcome.BAD_STATUS);
      case "silent" -> rig.pools.silent("a");
      case "moves" -> rig.pools.failover("a", "b");
      case "up" -> rig.pools.up(word);
      case "down" -> rig.pools.down(word);
      case "serves" -> rig.pools.serve(word);
      default -> throw new AssertionError(words.at(0));
    }
  }

  private static TestPools.Builder hold(TestPools.Builder pool, Words words) {
    return words.at(1).isEmpty()
        ? pool
        : pool.hold(Duration.ofMillis(words.number(1)), words.number(2), 10);
  }

  private void dies(String how) {
    switch (how) {
      case "once" -> diesOnce();
      case "silently" ->
          master.script(
              call -> {
                rig.pools.silent("a");
                call.reset();
              });
      default -> dies();
    }
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
  void a_request_leaves_a_server_that_falls_silent_only_after_it_was_judged() {
    start(two(Duration.ofMillis(300)));
    master.script(call -> {});
    Client client = rig.get("/");
    Await.until("the master has it", () -> master.calls().size() == 1);
    rig.pools.server("a").traffic().byteReceived(System.nanoTime());
    rig.pools.silent("a");
    rig.pools.serve("b");
    assertThat(client.await().body()).isEqualTo("backup");
    assertThat(seen.retries).containsExactly(RetryReason.SERVER_DOWN);
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
  void in_a_balance_pool_a_second_master_gets_it_at_once() {
    try (TestServer second = new TestServer("second")) {
      start(two(NEVER).balance().master("c", second.port()));
      dies();
      for (int i = 0; i < 4; i++) {
        assertThat(rig.get("/").await().body()).isEqualTo("second");
      }
      assertThat(master.calls()).hasSize(2);
      assertThat(seen.everHeld).hasValue(0);
    }
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
