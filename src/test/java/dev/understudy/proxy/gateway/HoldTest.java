package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.OperatorState;
import dev.understudy.snapshot.Authority;
import dev.understudy.testing.Await;
import dev.understudy.testing.BlackHole;
import dev.understudy.testing.Response;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that wait for a server: none serves, none can be reached, or all are at their limit. */
@ParameterizedClass
@MethodSource("lanes")
class HoldTest extends StoryTable {
  private static final int MOST_OF_ONE_READ = 4 * 64 * 1024;

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void any_request_waits_for_the_next_serving_server_while_no_connection_can_be_made(
      String method) {
    start(two());
    master.kill();
    TestClient client = client().request(method, "/", bytes(1000));
    Await.until("it is held", () -> seen.held.get() == 1);
    assertThat(seen.troubles).contains(Trouble.CONNECT_FAILED);
    assertThat(seen.details).allMatch(detail -> detail.endsWith("Connection refused"));
    pools.failover("a", "b");
    assertThat(client.response().body()).isEqualTo("backup");
    assertThat(backup.calls().get(0).line()).startsWith(method);
    assertThat(seen.retries).contains(RetryReason.CONNECT_FAILED);
    assertThat(seen.outcome().heldNanos()).isPositive();
  }

  @Scenario.Each(
      """
      no request goes to the backup while the master serves
        two; master dies; GET /; held 1; master restarts; / 200 master; backup got 0
      a connect timeout ends the attempt and the request waits
        hole connect 200; POST / 10; held 1; trouble CONNECT_TIMED_OUT; failover a b
        / 200 backup
      a request that is still connecting at a switch goes to the next server
        hole; POST / 10; tries a; serve b; / 200 backup; attempts 1; retried; runs a 0
      a request that is still connecting at a failover goes to the next server
        hole; POST / 10; tries a; failover a b; / 200 backup; attempts 1; retried SERVER_DOWN
        runs a 0
      a request that is still connecting when its server drains goes to the next server
        hole; POST / 10; tries a; drain a b; / 200 backup; attempts 1; retried; runs a 0
      a request that is still connecting at maintenance of its server goes to the next one
        hole; POST / 10; tries a; operator a MAINTENANCE; serve b; / 200 backup; attempts 1
        retried; runs a 0
      a request that is still connecting at a planned switch goes to the next server
        hole; POST / 10; tries a; pause b; move; / 200 backup; attempts 1; retried; runs a 0
      a request that is still connecting to an address that has changed goes to the next server
        hole; POST / 10; tries a; reincarnate a; serve b; / 200 backup; attempts 1; retried
        runs a 0
      a request that is still connecting when the pool goes into maintenance is refused
        hole; POST / 10; tries a; maintenance; / 503; end MAINTENANCE
      requests beyond the hold limit do not wait
        two hold 2; serve none; GET /1; GET /2; held 2; GET /3; /3 503; end HOLD_FULL; serve a
        /1 200; /2 200
      when we stop what waits for a server gets 503
        two; serve none; GET /; held 1; stop 150; / 503; end STOPPING
      a client that disconnects while held leaves nothing behind
        two; serve none; POST / 100; held 1; / leaves; held 0; end CLIENT_GONE
      """)
  void a_request_that_has_no_server_yet(Scenario story) {
    play(story);
  }

  private TestClient trying() {
    TestClient client = client().request("POST", "/", bytes(10));
    Await.until("it tries", () -> pools.server("a").traffic().requests().get() == 1);
    return client;
  }

  @Test
  void a_replica_that_is_out_of_touch_before_a_snapshot_says_so_sends_nothing_on_a_new_connection()
      throws IOException {
    AtomicBoolean inTouch = new AtomicBoolean(true);
    try (BlackHole hole = new BlackHole()) {
      start(TestPools.pool().master("a", hole.port()).backup("b", backup.port()));
      pools.authority(new Authority(true, true, inTouch::get));
      TestClient client = trying();
      inTouch.set(false);
      try (Socket server = hole.open()) {
        assertThat(server.getInputStream().readAllBytes()).isEmpty();
      }
      Await.until("it is held", () -> seen.held.get() == 1);
      client.abort();
    }
  }

  @Test
  void a_request_that_is_still_connecting_in_a_balance_pool_leaves_a_server_that_drains() {
    try (BlackHole hole = new BlackHole()) {
      start(
          TestPools.pool().balance().weighted("a", hole.port(), 1).weighted("b", backup.port(), 0));
      TestClient client = trying();
      pools.operator("a", OperatorState.DRAIN);
      Await.until("it is held", () -> seen.held.get() == 1);
      assertThat(pools.server("a").traffic().requests().get()).isZero();
      client.abort();
    }
  }

  @Test
  void after_the_hold_time_without_a_server_the_response_is_503_with_retry_after() {
    start(two().hold(Duration.ofMillis(200), 10, 1000));
    pools.serve(null);
    Response page = client().get("/", "Accept: text/html,*/*");
    assertThat(page.status()).isEqualTo(503);
    assertThat(page.header("retry-after")).isEqualTo("2");
    assertThat(page.header("content-type")).startsWith("text/html");
    Response problem = client().get("/", "Accept: */*");
    assertThat(problem.status()).isEqualTo(503);
    assertThat(problem.header("content-type")).isEqualTo("application/problem+json");
    assertThat(problem.body()).contains("\"status\":503");
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.NO_SERVER);
    assertThat(seen.outcome().server()).isNull();
  }

  @Test
  void held_requests_are_sent_with_their_bodies_when_a_server_serves() {
    start(two());
    pools.serve(null);
    backup.script(call -> call.reply(200, call.text()));
    List<TestClient> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      clients.add(client().request("POST", "/", bytes(1000 + i)));
    }
    Await.until("all are held", () -> seen.held.get() == 100);
    pools.serve("b");
    for (int i = 0; i < 100; i++) {
      assertThat(clients.get(i).response().body()).hasSize(1000 + i);
    }
  }

  @Test
  void a_held_body_larger_than_the_limit_is_finally_sent_whole() {
    start(two().hold(Duration.ofSeconds(20), 10, 1000));
    pools.serve(null);
    backup.script(call -> call.reply(200, "" + call.skipBody()));
    TestClient client = client().request("POST", "/", bytes(300_000));
    Await.until("it is held", () -> seen.held.get() == 1);
    AtomicLong kept = pools.state().traffic().heldBytes();
    Await.until("as much is read as may be kept", () -> kept.get() >= 1000);
    assertThat(kept.get()).isLessThanOrEqualTo(1000 + MOST_OF_ONE_READ);
    pools.serve("b");
    assertThat(client.response().body()).isEqualTo("300000");
  }

  @Test
  void requests_beyond_max_requests_wait_and_the_oldest_is_sent_first() {
    start(TestPools.pool().limited("a", master.port(), 1));
    master.script(later(call -> call.reply(200, call.line())));
    TestClient first = client().request("GET", "/1");
    Await.until("the first is there", () -> master.calls().size() == 1);
    TestClient second = client().request("GET", "/2");
    Await.until("the second waits", () -> seen.held.get() == 1);
    TestClient third = client().request("GET", "/3");
    Await.until("the third waits", () -> seen.held.get() == 2);
    assertThat(master.calls()).hasSize(1);
    go.countDown();
    assertThat(first.response().body()).contains("/1");
    assertThat(second.response().body()).contains("/2");
    assertThat(third.response().body()).contains("/3");
  }
}
