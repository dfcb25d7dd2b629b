package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.pool.TimeoutSettings;
import dev.understudy.proxy.engine.EngineRig.Client;
import dev.understudy.testing.Await;
import dev.understudy.testing.BlackHole;
import dev.understudy.testing.Http2Server;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RetryReason;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What depends on the order in which things reach one event loop. */
class ExchangeTest extends Engined {
  private Client post(String body, String... fields) {
    Client client = rig.new Client("POST", "/", true, fields);
    rig.onLoop(() -> client.start().send(body).end());
    return client;
  }

  /** One connection to the master is idle; returns what was asked on it. */
  private TestServer.Call idleConnection() {
    assertThat(rig.get("/").await().status()).isEqualTo(200);
    return master.calls().get(0);
  }

  // ------------------------------------------------------------ idle connections

  @Test
  void a_post_that_a_task_starts_also_sees_that_its_connection_has_ended() {
    start(two());
    TestServer.Call idle = idleConnection();
    Client client = rig.new Client("POST", "/", true, "Content-Length: 3");
    rig.onLoop(
        () -> {
          unchecked(idle::close);
          client.start().send("abc").end();
        });
    assertThat(client.await().status()).isEqualTo(200);
    assertThat(seen.retries).containsExactly(RetryReason.STALE_CONNECTION);
  }

  @Test
  void a_post_that_input_starts_sees_that_its_connection_ended_while_that_was_read()
      throws Exception {
    start(two());
    TestServer.Call idle = idleConnection();
    Client client = rig.new Client("POST", "/", true, "Content-Length: 3");
    rig.onInput(
        () -> {
          client.start().send("abc").end();
          unchecked(idle::close);
        });
    assertThat(client.await().status()).isEqualTo(200);
    assertThat(seen.retries).containsExactly(RetryReason.STALE_CONNECTION);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void over_http2_too_whether_or_not_the_server_sends_a_goaway(boolean goAway) throws Exception {
    try (Http2Server server = new Http2Server(call -> call.reply(200, "ok"))) {
      start(TestPools.pool().master("a", server.port()).http2());
      assertThat(rig.get("/").await().status()).isEqualTo(200);
      Client client = rig.new Client("POST", "/", true, "Content-Length: 3");
      rig.onInput(
          () -> {
            client.start().send("abc").end();
            if (goAway) {
              server.leave();
            } else {
              server.cutConnections();
            }
            Await.until("the server has gone", () -> server.openConnections() == 0);
          });
      assertThat(client.await().status()).isEqualTo(200);
      assertThat(seen.retries).containsExactly(RetryReason.STALE_CONNECTION);
    }
  }

  @Test
  void a_post_whose_connection_ends_once_it_is_sent_is_not_repeated() {
    start(two());
    idleConnection();
    master.script(TestServer.Call::close);
    assertThat(post("abc", "Content-Length: 3").await().status()).isEqualTo(502);
    assertThat(seen.retries).isEmpty();
    assertThat(master.calls()).hasSize(2);
    assertThat(master.connections()).isEqualTo(1);
  }

  @Test
  void bytes_that_came_on_an_idle_connection_before_the_request_are_no_response_to_it() {
    start(two());
    TestServer.Call idle = idleConnection();
    Client client = rig.new Client("POST", "/", true, "Content-Length: 3");
    rig.onLoop(
        () -> {
          unchecked(
              () -> {
                idle.write("HTTP/1.1 408 Late\r\nContent-Length: 4\r\n\r\nlate");
                idle.close();
              });
          client.start().send("abc").end();
        });
    assertThat(client.await().status()).isEqualTo(200);
    assertThat(client.body()).isEqualTo("master");
    assertThat(client.wrong()).isEmpty();
    assertThat(seen.troubles).doesNotContain(Trouble.BROKEN);
  }

  @Test
  void a_stale_connection_does_not_move_a_session() {
    start(
        TestPools.pool()
            .balance()
            .master("a", master.port())
            .master("b", backup.port())
            .sticky(AfterFailback.KEEP));
    Client first = rig.get("/").await();
    TestServer home = first.body().equals("master") ? master : backup;
    String cookie = "Cookie: " + first.cookie().substring(0, first.cookie().indexOf(';'));
    home.script(
        call -> {
          if (home.calls().size() == 2) {
            call.close();
          } else {
            call.reply(200, "home");
          }
        });
    Client second = rig.get("/", cookie).await();
    assertThat(second.body()).isEqualTo("home");
    assertThat(second.cookie()).isEmpty();
    assertThat(seen.everHeld.get()).isZero();
  }

  // ------------------------------------------------------------ failed writes

  /** As of a server that refuses a body while it comes, and goes; RFC 9113 §8.1, §8.7. */
  @Test
  void what_an_http2_connection_has_brought_counts_although_a_write_to_it_failed_first() {
    try (Http2Server server = new Http2Server(call -> {})) {
      start(TestPools.pool().master("a", server.port()).http2());
      Client refused = sending(server, "/refused");
      Client silent = sending(server, "/silent");
      Client excluded = sending(server, "/excluded");
      List<Http2Server.Call> calls = List.copyOf(server.calls());
      server.script(call -> call.reply(200, "again"));
      rig.onLoop(
          () -> {
            calls.get(0).head(413, false);
            calls.get(0).data("too large", true);
            calls.get(2).refuseByGoAway();
            calls.get(2).breakOff();
            Await.until("the server has gone", () -> server.openConnections() == 0);
            refused.send("more");
            silent.end();
            excluded.end();
          });
      assertThat(refused.await().status()).isEqualTo(413);
      assertThat(refused.body()).isEqualTo("too large");
      assertThat(silent.await().status()).isEqualTo(502);
      assertThat(excluded.await().body()).isEqualTo("again");
      assertThat(seen.retries).containsExactly(RetryReason.REFUSED);
      assertThat(server.calls()).extracting(call -> call.header(":path")).endsWith("/excluded");
      assertThat(server.calls()).hasSize(4);
    }
  }

  /** With NO_ERROR as of RFC 9113 §8.1, or with CANCEL, as some servers do. */
  @ParameterizedTest
  @EnumSource(names = {"NO_ERROR", "CANCEL"})
  void a_whole_response_waits_for_a_slow_client_though_the_server_resets_the_stream(
      Http2Error code) {
    try (Http2Server server = new Http2Server(call -> {})) {
      start(TestPools.pool().master("a", server.port()).http2());
      Client client = slow(server);
      Http2Server.Call call = server.calls().getFirst();
      call.data("too large", true);
      call.reset(code);
      rig.ticks(1);
      rig.onLoop(() -> client.send("more").end());
      client.reads();
      assertThat(client.await().body()).isEqualTo("too large");
      assertThat(client.isAborted()).isFalse();
      assertThat(seen.troubles).isEmpty();
    }
  }

  @Test
  void what_came_of_a_response_before_its_stream_was_reset_is_delivered() {
    try (Http2Server server = new Http2Server(call -> {})) {
      start(TestPools.pool().master("a", server.port()).http2());
      Client client = slow(server);
      Http2Server.Call call = server.calls().getFirst();
      call.data("too", false);
      call.reset(Http2Error.INTERNAL_ERROR);
      rig.ticks(1);
      client.reads();
      assertThat(client.await().body()).isEqualTo("too");
      assertThat(client.isAborted()).isTrue();
      assertThat(seen.outcome().end()).isEqualTo(RequestEnd.RESPONSE_BROKEN);
    }
  }

  /** A POST that has got the head of its response, and takes no more. */
  private Client slow(Http2Server server) {
    Client client = sending(server, "/");
    client.writable = false;
    server.calls().getFirst().head(413, false);
    Await.until("the head is here", () -> client.status() == 413);
    rig.ticks(1);
    return client;
  }

  @Test
  void connections_for_all_that_waits_are_opened_at_once_if_a_server_takes_few_streams() {
    Http2Settings three = Http2Settings.defaultSettings().maxConcurrentStreams(3);
    try (Http2Server server = new Http2Server(call -> call.reply(200, "ok"), null, three)) {
      start(TestPools.pool().master("a", server.port()).http2());
      rig.get("/").await();
      server.leave();
      Await.until("it has left", () -> server.openConnections() == 0);
      server.beSilent();
      List<Client> clients = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        clients.add(rig.new Client("POST", "/", true));
      }
      rig.onLoop(() -> clients.forEach(client -> client.start().end()));
      Await.until("as many as are opened at a time", () -> server.openConnections() == 16);
      server.speak();
      clients.forEach(client -> assertThat(client.await().body()).isEqualTo("ok"));
      assertThat(server.connections()).isBetween(17, 30);
      assertThat(seen.retries).isEmpty();
    }
  }

  @Test
  void each_request_in_one_turn_on_a_dead_idle_connection_is_replayed_as_after_a_stale_one() {
    try (Http2Server server = new Http2Server(call -> call.reply(200, "ok"))) {
      start(
          TestPools.pool()
              .master("a", server.port())
              .hold(Duration.ofMillis(300), 10, 1000)
              .http2());
      rig.get("/").await();
      List<Client> clients = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        clients.add(rig.new Client("GET", "/", false));
      }
      rig.onLoop(
          () -> {
            server.cutConnections();
            Await.until("it has gone", () -> server.openConnections() == 0);
            clients.forEach(Client::start);
          });
      clients.forEach(client -> assertThat(client.await().status()).isEqualTo(200));
      assertThat(seen.retries).containsOnly(RetryReason.STALE_CONNECTION);
    }
  }

  /** As of a server that stops; RFC 9113 §6.8. */
  @Test
  void a_goaway_before_a_request_was_sent_on_its_connection_is_no_failure_of_the_server() {
    try (Http2Server server = new Http2Server(call -> {})) {
      start(TestPools.pool().master("a", server.port()).http2());
      Client last = sending(server, "/last");
      Http2Server.Call first = server.calls().getFirst();
      server.script(call -> call.reply(200, "on a new connection"));
      Client next = rig.new Client("POST", "/next", true);
      rig.onLoop(
          () -> {
            first.goAway();
            next.start().send("all").end();
          });
      assertThat(next.await().body()).isEqualTo("on a new connection");
      first.head(200, true);
      assertThat(last.await().status()).isEqualTo(200);
      assertThat(seen.troubles).isEmpty();
      assertThat(seen.everHeld).hasValue(0);
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  /** A POST whose head the server has, and whose body has begun. */
  private Client sending(Http2Server server, String target) {
    int before = server.calls().size();
    Client client = rig.new Client("POST", target, true);
    rig.onLoop(() -> client.start().send("part"));
    Await.until("the server has it", () -> server.calls().size() > before);
    return client;
  }

  @Test
  void an_unused_connection_is_closed_after_four_seconds() {
    start(two());
    idleConnection();
    Await.until("it is closed", () -> master.openConnections() == 0);
  }

  @Test
  void a_connection_that_may_not_be_kept_is_closed_behind_each_response() {
    Duration second = Duration.ofSeconds(1);
    start(two().timeouts(new TimeoutSettings(second, second, second, second, Duration.ZERO)));
    for (int requests = 1; requests <= 3; requests++) {
      assertThat(rig.get("/").await().status()).isEqualTo(200);
      assertThat(master.connections()).isEqualTo(requests);
    }
    Await.until("all are closed", () -> master.openConnections() == 0);
  }

  // ------------------------------------------------------------ snapshots

  @Test
  void a_snapshot_older_than_the_choice_judges_nothing() {
    start(two());
    idleConnection();
    rig.pools.failover("a", null);
    rig.pools.up("a");
    rig.pools.serve("a");
    assertThat(rig.get("/").await().body()).isEqualTo("master");
    rig.pools.serve(null);
    rig.pools.down("a");
    CountDownLatch go = new CountDownLatch(1);
    master.script(
        call -> {
          go.await();
          call.reply(200, "undisturbed");
        });
    Client client = rig.get("/");
    Await.until("it is held", () -> seen.held.get() == 1);
    int before = master.calls().size();
    rig.onLoop(
        () -> {
          rig.pools.reincarnate("b");
          rig.pools.serve("b");
          rig.pools.up("a");
          rig.pools.serve("a");
        });
    Await.until("the master has it", () -> master.calls().size() == before + 1);
    go.countDown();
    assertThat(client.await().body()).isEqualTo("undisturbed");
    assertThat(seen.retries).isEmpty();
    assertThat(backup.calls()).isEmpty();
  }

  @Test
  void trouble_with_a_server_began_no_sooner_than_the_attempt_there() {
    try (BlackHole hole = new BlackHole()) {
      start(
          TestPools.pool()
              .master("a", hole.port())
              .backup("b", backup.port())
              .timeouts(Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(60)));
      backup.script(TestServer.Call::reset);
      Client client = post("abc");
      rig.ticks(4);
      Instant moved = rig.pools.now();
      rig.pools.serve("b");
      assertThat(client.await().status()).isEqualTo(502);
      assertThat(seen.troubles).containsExactly(Trouble.BROKEN);
      assertThat(seen.began.getFirst()).isAfter(moved.minusMillis(50));
    }
  }

  // ------------------------------------------------------------ hold

  @Test
  void requests_that_waited_and_could_not_connect_keep_their_order() {
    start(two());
    rig.pools.serve(null);
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      clients.add(rig.get("/" + i));
    }
    Await.until("all are held", () -> seen.held.get() == 10);
    master.kill();
    rig.pools.serve("a");
    Await.until("all have tried", () -> seen.everHeld.get() >= 20 && seen.held.get() >= 9);
    master.restart();
    clients.forEach(client -> assertThat(client.await().status()).isEqualTo(200));
    assertThat(master.calls().stream().min(Comparator.comparingInt(TestServer.Call::connection)))
        .hasValueSatisfying(first -> assertThat(first.line()).startsWith("GET /0 "));
  }

  @Test
  void a_burst_from_hold_is_shared_by_all_servers_of_a_balance_pool() {
    start(TestPools.pool().balance().master("a", master.port()).master("b", backup.port()));
    rig.pools.down("a");
    rig.pools.down("b");
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      clients.add(rig.get("/" + i));
    }
    rig.onLoop(
        () -> {
          rig.pools.up("a");
          rig.pools.up("b");
        });
    clients.forEach(client -> assertThat(client.await().status()).isEqualTo(200));
    assertThat(master.calls()).hasSize(5);
    assertThat(backup.calls()).hasSize(5);
  }

  // ------------------------------------------------------------ framing

  @Test
  void a_body_shorter_than_its_length_is_not_the_start_of_the_next_request() {
    start(two());
    master.script(call -> call.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    Client shorter = post("abc", "Content-Length: 10").await();
    assertThat(shorter.isAborted() || shorter.status() == 400).isTrue();
    Await.until("the connection is not kept", () -> master.openConnections() == 0);
  }

  @Test
  void a_body_longer_than_its_length_does_not_reach_the_server() {
    start(two());
    Client longer = post("abcGET /evil HTTP/1.1\r\nHost: h\r\n\r\n", "Content-Length: 3").await();
    assertThat(longer.isAborted() || longer.status() == 400).isTrue();
    Await.until("the connection is not kept", () -> master.openConnections() == 0);
    assertThat(master.calls()).allMatch(call -> call.line().startsWith("POST / "));
  }

  @Test
  void a_target_that_can_not_be_sent_is_400() {
    start(two());
    Client client = rig.get("/a b HTTP/1.1\r\nX: y");
    assertThat(client.await().status()).isEqualTo(400);
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.BAD_REQUEST);
    assertThat(master.calls()).isEmpty();
  }

  // ------------------------------------------------------------ WebSocket

  @Test
  void a_101_before_the_end_of_the_request_is_502_and_the_body_is_let_go() {
    start(two());
    master.script(
        call ->
            call.write(
                "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"));
    for (int i = 0; i < 20; i++) {
      Client client =
          rig
          .new Client(
              "GET",
              "/ws",
              true,
              "Content-Length: 500",
              "Upgrade: websocket",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
      rig.onLoop(() -> client.start().send("x".repeat(400)));
      assertThat(client.await().status()).isEqualTo(502);
    }
  }

  // ------------------------------------------------------------ time limits

  @Test
  void a_pause_of_this_process_counts_against_no_server() {
    start(two().timeouts(Duration.ofSeconds(60), Duration.ofSeconds(2), Duration.ofSeconds(60)));
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch answered = new CountDownLatch(1);
    master.script(
        call -> {
          if (call.line().contains("/slow")) {
            go.await();
            call.reply(200, "in time");
            answered.countDown();
          } else {
            call.reply(200, "quick");
          }
        });
    Client slow = rig.get("/slow");
    Await.until("the master has it", () -> master.calls().size() == 1);
    Client quick = rig.new Client("GET", "/quick", false);
    // In the midst of the loop's input, so that its next tick comes before its next input.
    quick.onHead =
        () -> {
          long since = System.nanoTime();
          go.countDown();
          Await.until("the answer was sent", () -> answered.getCount() == 0);
          Await.until("its time has passed", () -> System.nanoTime() - since > 3_000_000_000L);
        };
    rig.onLoop(quick::start);
    assertThat(slow.await().body()).isEqualTo("in time");
  }

  @Test
  void a_listener_that_fails_disturbs_no_request() {
    Recorder failing =
        new Recorder() {
          @Override
          public void endedForwarded(
              RequestOutcome outcome, HttpHeaders request, @Nullable HttpHeaders response) {
            super.endedForwarded(outcome, request, response);
            throw new IllegalStateException("a listener's own fault");
          }
        };
    rig = new EngineRig(two().start(), failing);
    assertThat(rig.get("/").await().body()).isEqualTo("master");
    master.freeze();
    rig.pools.configure(
        two()
            .timeouts(Duration.ofSeconds(60), Duration.ofMillis(100), Duration.ofSeconds(60))
            .build());
    assertThat(rig.get("/").await().status()).isEqualTo(504);
    assertThat(rig.get("/").await().status()).isEqualTo(504);
  }

  @Test
  void a_client_side_that_fails_does_not_end_all_time_limits() {
    start(two().timeouts(Duration.ofSeconds(60), Duration.ofMillis(100), Duration.ofSeconds(60)));
    master.freeze();
    Client bad = rig.new Client("GET", "/", false);
    bad.onHead =
        () -> {
          throw new IllegalStateException("a fault while the answer is written");
        };
    rig.onLoop(bad::start);
    Await.until("it was answered", () -> bad.status() == 504);
    assertThat(rig.get("/").await().status()).isEqualTo(504);
    Await.until("both are told of", () -> seen.outcomes.size() == 2);
  }

  private interface Io {
    void run() throws IOException;
  }

  private static void unchecked(Io io) {
    try {
      io.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
