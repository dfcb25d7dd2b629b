package dev.understudy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.RetrySettings;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.Outcome;
import dev.understudy.traffic.RetryReason;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request experiences, on real sockets: one table for every lane and protocol. */
public abstract class RequestExperience extends LaneTable {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int MOST_OF_ONE_READ = 4 * 64 * 1024;

  // ------------------------------------------------------------ the usual

  @Test
  void a_request_goes_to_the_serving_server_and_its_answer_comes_back() {
    start(two());
    Answer answer = client().get("/x?y=%7C");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("master");
    assertThat(master.calls().get(0).line()).isEqualTo("GET /x?y=%7C HTTP/1.1");
    Outcome outcome = seen.outcome();
    assertThat(outcome.end()).isEqualTo(EndReason.ANSWERED);
    assertThat(outcome.status()).isEqualTo(200);
    assertThat(outcome.server()).isEqualTo(new ServerId("a"));
    assertThat(outcome.attempts()).isEqualTo(1);
    assertThat(outcome.bytesOut()).isEqualTo(6);
  }

  @Test
  void many_requests_of_one_client_use_one_connection_to_the_server() {
    start(two());
    TestClient client = client();
    for (int i = 0; i < 20; i++) {
      assertThat(client.get("/" + i).body()).isEqualTo("master");
    }
    assertThat(master.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4096, 65_536, 65_537, 1_000_000})
  void a_body_of_any_size_arrives_as_it_was_sent(int size) {
    start(two());
    master.script(call -> call.reply(200, call.text()));
    byte[] body = bytes(size);
    Answer answer = client().request("PUT", "/", body).answer();
    assertThat(answer.reset()).isFalse();
    assertThat(answer.body()).hasSize(size);
    assertThat(answer.body()).isEqualTo(new String(body, StandardCharsets.UTF_8));
    assertThat(seen.outcome().bytesIn()).isEqualTo(size);
    assertThat(seen.outcome().bytesOut()).isEqualTo(size);
  }

  @Test
  void a_chunked_body_and_its_trailers_go_up_and_down() {
    start(two());
    List<String> trailers = new ArrayList<>();
    master.script(
        call -> {
          StringBuilder text = new StringBuilder();
          for (String line = call.readLine(); !line.equals("0"); line = call.readLine()) {
            text.append(call.readLine());
          }
          for (String line = call.readLine(); !line.isEmpty(); line = call.readLine()) {
            trailers.add(line);
          }
          call.write(
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + "3\r\n"
                  + text
                  + "\r\n0\r\nx-sum: 7\r\n\r\n");
          call.close();
        });
    Answer answer = client().begin("POST", "/", -1).body("abc").end("x-check: 9").answer();
    assertThat(answer.body()).isEqualTo("abc[x-sum: 7]");
    assertThat(trailers).containsExactly("x-check: 9");
  }

  // ------------------------------------------------------------ no connection

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void while_no_connection_can_be_made_any_request_waits_for_whoever_serves(String method) {
    start(two());
    master.kill();
    TestClient client = client().request(method, "/", bytes(1000));
    Await.until("it is held", () -> seen.held.get() == 1);
    assertThat(seen.troubles).contains(Trouble.CONNECT_FAILED);
    assertThat(seen.details).allMatch(detail -> detail.endsWith("Connection refused"));
    pools.failover("a", "b");
    assertThat(client.answer().body()).isEqualTo("backup");
    assertThat(backup.calls().get(0).line()).startsWith(method);
    assertThat(seen.retries).contains(RetryReason.CONNECT_FAILED);
    assertThat(seen.outcome().heldNanos()).isPositive();
  }

  @Test
  void it_never_goes_to_the_backup_while_the_master_serves() {
    start(two());
    master.kill();
    TestClient client = client().request("GET", "/");
    Await.until("it is held", () -> seen.held.get() == 1);
    master.restart();
    assertThat(client.answer().body()).isEqualTo("master");
    assertThat(backup.calls()).isEmpty();
  }

  @Test
  void a_black_hole_is_given_up_after_the_connect_time_out_and_the_request_waits() {
    try (BlackHole hole = new BlackHole()) {
      start(
          TestPools.pool()
              .master("a", hole.port())
              .backup("b", backup.port())
              .timeouts(Duration.ofMillis(200), LONG, LONG));
      TestClient client = client().request("POST", "/", bytes(10));
      Await.until("it is held", () -> seen.held.get() == 1);
      assertThat(seen.troubles).contains(Trouble.CONNECT_TIMED_OUT);
      pools.failover("a", "b");
      assertThat(client.answer().body()).isEqualTo("backup");
    }
  }

  @Test
  void a_request_that_is_still_connecting_when_its_server_is_judged_down_moves_at_once() {
    try (BlackHole hole = new BlackHole()) {
      start(TestPools.pool().master("a", hole.port()).backup("b", backup.port()));
      TestClient client = client().request("POST", "/", bytes(10));
      Await.until("it tries", () -> pools.server("a").traffic().requests().get() == 1);
      pools.failover("a", "b");
      assertThat(client.answer().body()).isEqualTo("backup");
      assertThat(seen.outcome().attempts()).isEqualTo(1);
    }
  }

  // ------------------------------------------------------------ broken before an answer

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE"})
  void a_connection_that_breaks_before_the_answer_is_replayed_for_idempotent_methods(
      String method) {
    start(two());
    master.script(
        call -> {
          call.body();
          if (master.calls().size() == 1) {
            call.reset();
          } else {
            call.reply(200, "again " + call.text().length());
          }
        });
    Answer answer = client().request(method, "/", bytes(5000)).answer();
    assertThat(answer.body()).isEqualTo("again 5000");
    assertThat(seen.retries).containsExactly(RetryReason.BROKEN);
    assertThat(seen.troubles).contains(Trouble.BROKEN);
    assertThat(seen.outcome().attempts()).isEqualTo(2);
  }

  @Test
  void there_are_no_more_sends_than_attempts() {
    start(two());
    master.script(TestServer.Call::reset);
    Answer answer = client().get("/");
    assertThat(answer.status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(2);
    assertThat(seen.outcome().end()).isEqualTo(EndReason.SERVER_FAILED);
  }

  @Test
  void a_post_is_never_sent_twice() {
    start(two());
    master.script(
        call -> {
          call.body();
          call.reset();
        });
    Answer answer = client().request("POST", "/", bytes(10)).answer();
    assertThat(answer.status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(1);
    assertThat(backup.calls()).isEmpty();
  }

  @Test
  void a_post_with_an_idempotency_key_is_replayed_where_that_is_allowed() {
    RetrySettings defaults = RetrySettings.DEFAULT;
    start(two().retry(new RetrySettings(2, defaults.methods(), true)));
    master.script(
        call -> {
          call.body();
          if (master.calls().size() == 1) {
            call.reset();
          } else {
            call.reply(200, "once");
          }
        });
    byte[] body = bytes(10);
    assertThat(client().request("POST", "/", body, "Idempotency-Key: 1").answer().body())
        .isEqualTo("once");
  }

  @Test
  void a_body_too_large_to_keep_is_not_replayed() {
    start(two().hold(Duration.ofSeconds(20), 10, 1000));
    master.script(
        call -> {
          call.body();
          call.reset();
        });
    assertThat(client().request("PUT", "/", bytes(1001)).answer().status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(1);
  }

  @Test
  void a_request_that_was_cut_by_a_kill_is_served_by_the_backup() {
    start(two());
    CountDownLatch never = new CountDownLatch(1);
    master.script(call -> never.await());
    TestClient client = client().request("GET", "/");
    Await.until("the master has it", () -> master.calls().size() == 1);
    master.kill();
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.failover("a", "b");
    assertThat(client.answer().body()).isEqualTo("backup");
    never.countDown();
  }

  // ------------------------------------------------------------ judged DOWN while waiting

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "OPTIONS"})
  void when_a_frozen_server_is_judged_down_safe_requests_are_replayed(String method) {
    start(two());
    master.freeze();
    TestClient client = client().request(method, "/");
    Await.until("silence is told", () -> seen.troubles.contains(Trouble.SILENT));
    pools.failover("a", "b");
    assertThat(client.answer(method).status()).isEqualTo(200);
    assertThat(backup.calls()).hasSize(1);
    assertThat(seen.retries).containsExactly(RetryReason.SERVER_DOWN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE"})
  void when_a_frozen_server_is_judged_down_all_other_requests_end_with_502(String method) {
    start(two());
    master.freeze();
    TestClient client = client().request(method, "/", bytes(10));
    Await.until("silence is told", () -> seen.troubles.contains(Trouble.SILENT));
    pools.failover("a", "b");
    assertThat(client.answer().status()).isEqualTo(502);
    assertThat(backup.calls()).isEmpty();
  }

  @Test
  void a_safe_request_waits_if_nobody_serves_when_its_server_is_judged_down() {
    start(two());
    master.freeze();
    TestClient client = client().request("GET", "/");
    Await.until("it is sent", () -> seen.troubles.contains(Trouble.SILENT));
    pools.serve(null);
    pools.down("a");
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.serve("b");
    assertThat(client.answer().body()).isEqualTo("backup");
  }

  @Test
  void a_server_that_is_down_and_then_ceases_to_serve_is_left_too() {
    start(two());
    master.freeze();
    pools.down("a");
    TestClient client = client().request("GET", "/");
    Await.until("silence is told", () -> seen.troubles.contains(Trouble.SILENT));
    pools.serve("b");
    assertThat(client.answer().body()).isEqualTo("backup");
  }

  @Test
  void a_changed_setting_of_a_server_disturbs_no_running_request() {
    start(two());
    CountDownLatch go = new CountDownLatch(1);
    master.script(
        call -> {
          go.await();
          call.reply(200, "undisturbed");
        });
    TestClient client = client().request("POST", "/", bytes(10));
    Await.until("the master has it", () -> master.calls().size() == 1);
    pools.reincarnate("a");
    go.countDown();
    assertThat(client.answer().body()).isEqualTo("undisturbed");
  }

  // ------------------------------------------------------------ idle connections

  @Test
  void an_idle_connection_that_was_closed_is_replaced_without_notice() {
    start(two());
    TestClient client = client();
    client.get("/");
    master.closeConnections();
    Await.until("it is closed", () -> master.openConnections() == 0);
    assertThat(client.request("POST", "/", bytes(3)).answer().status()).isEqualTo(200);
  }

  @Test
  void a_post_does_not_use_a_connection_that_was_idle_for_a_second() {
    start(two());
    TestClient client = client();
    client.get("/");
    long idleSince = System.nanoTime();
    Await.until("a second has passed", () -> System.nanoTime() - idleSince > 1_100_000_000L);
    client.request("POST", "/", bytes(3)).answer();
    assertThat(master.connections()).isEqualTo(2);
    Await.until(
        "one of two in quick succession uses the connection of the other",
        () -> {
          int before = master.connections();
          client.request("POST", "/", bytes(3)).answer();
          return master.connections() == before;
        });
  }

  @Test
  void a_request_that_meets_a_closing_connection_is_sent_on_a_new_one() {
    start(two());
    TestClient client = client();
    client.get("/");
    master.script(
        call -> {
          if (master.calls().size() == 2) {
            call.close();
          } else {
            call.reply(200, "new");
          }
        });
    assertThat(client.get("/").body()).isEqualTo("new");
    assertThat(seen.retries).containsExactly(RetryReason.STALE_CONNECTION);
    assertThat(master.connections()).isEqualTo(2);
  }

  @Test
  void a_connection_with_stray_bytes_after_an_answer_is_not_used_again() {
    start(two());
    master.script(
        call -> call.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n"));
    TestClient client = client();
    assertThat(client.get("/").body()).isEqualTo("ok");
    assertThat(client.get("/").body()).isEqualTo("ok");
    assertThat(master.connections()).isEqualTo(2);
  }

  @Test
  void connections_to_a_server_judged_down_are_not_kept() {
    start(two());
    client().get("/");
    Await.until("one is kept", () -> master.openConnections() == 1);
    pools.failover("a", "b");
    Await.until("it is closed", () -> master.openConnections() == 0);
  }

  // ------------------------------------------------------------ nobody can serve

  @Test
  void when_nobody_can_serve_for_too_long_the_answer_is_503_with_retry_after() {
    start(two().hold(Duration.ofMillis(200), 10, 1000));
    pools.serve(null);
    Answer page = client().get("/", "Accept: text/html,*/*");
    assertThat(page.status()).isEqualTo(503);
    assertThat(page.header("retry-after")).isEqualTo("2");
    assertThat(page.header("content-type")).startsWith("text/html");
    Answer problem = client().get("/", "Accept: */*");
    assertThat(problem.status()).isEqualTo(503);
    assertThat(problem.header("content-type")).isEqualTo("application/problem+json");
    assertThat(problem.body()).contains("\"status\":503");
    assertThat(seen.outcome().end()).isEqualTo(EndReason.NO_SERVER);
    assertThat(seen.outcome().server()).isNull();
  }

  @Test
  void those_who_wait_are_served_when_somebody_can_with_their_bodies() {
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
      assertThat(clients.get(i).answer().body()).hasSize(1000 + i);
    }
  }

  @Test
  void more_than_hold_requests_do_not_wait() {
    start(two().hold(Duration.ofSeconds(20), 2, 1000));
    pools.serve(null);
    TestClient first = client().request("GET", "/1");
    TestClient second = client().request("GET", "/2");
    Await.until("two are held", () -> seen.held.get() == 2);
    assertThat(client().get("/3").status()).isEqualTo(503);
    assertThat(seen.outcome().end()).isEqualTo(EndReason.HOLD_FULL);
    pools.serve("a");
    assertThat(first.answer().status()).isEqualTo(200);
    assertThat(second.answer().status()).isEqualTo(200);
  }

  @Test
  void a_held_body_larger_than_the_limit_is_sent_whole_in_the_end() {
    start(two().hold(Duration.ofSeconds(20), 10, 1000));
    pools.serve(null);
    backup.script(call -> call.reply(200, "" + call.skipBody()));
    TestClient client = client().request("POST", "/", bytes(300_000));
    Await.until("it is held", () -> seen.held.get() == 1);
    AtomicLong kept = pools.state().traffic().heldBytes();
    Await.until("as much is read as may be kept", () -> kept.get() >= 1000);
    assertThat(kept.get()).isLessThanOrEqualTo(1000 + MOST_OF_ONE_READ);
    pools.serve("b");
    assertThat(client.answer().body()).isEqualTo("300000");
  }

  @Test
  void a_client_that_goes_while_it_waits_leaves_nothing() {
    start(two());
    pools.serve(null);
    TestClient client = client().request("POST", "/", bytes(100));
    Await.until("it is held", () -> seen.held.get() == 1);
    client.abort();
    Await.until("it is gone", () -> seen.held.get() == 0);
    assertThat(seen.outcome().end()).isEqualTo(EndReason.CLIENT_GONE);
  }

  // ------------------------------------------------------------ slow and broken answers

  @Test
  void no_answer_in_time_is_504() {
    start(two().passive().timeouts(LONG, Duration.ofMillis(200), LONG));
    master.freeze();
    assertThat(client().get("/").status()).isEqualTo(504);
    assertThat(seen.outcome().end()).isEqualTo(EndReason.RESPONSE_TIMED_OUT);
    assertThat(seen.calls).containsExactly(true);
  }

  @Test
  void breakers_are_told_of_good_and_bad_answers() {
    start(two().passive());
    client().get("/");
    master.script(call -> call.reply(500, "no"));
    client().get("/");
    assertThat(seen.calls).containsExactly(false, true);
  }

  @ParameterizedTest
  @CsvSource({
    "499, false",
    "500, true",
    "501, false",
    "502, true",
    "503, true",
    "504, true",
    "505, false",
    "507, true",
    "599, true",
  })
  void what_a_client_can_cause_by_its_method_or_version_is_no_failure_to_a_breaker(
      int status, boolean failure) {
    start(two().passive());
    master.script(call -> call.reply(status, "no"));
    client().get("/");
    assertThat(seen.calls).containsExactly(failure);
  }

  @Test
  void a_response_to_a_request_whose_body_is_incomplete_counts_for_no_breaker() {
    start(two().passive());
    master.script(call -> call.write("HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno"));
    assertThat(client().begin("POST", "/", 10).body("half").answer().status()).isEqualTo(503);
    client().get("/");
    assertThat(seen.calls).containsExactly(true);
  }

  @Test
  void a_time_out_of_a_client_that_waits_for_100_continue_counts_for_no_breaker() {
    start(two().passive().timeouts(LONG, LONG, Duration.ofMillis(200)));
    master.freeze();
    TestClient client = client().begin("POST", "/", 1, "Expect: 100-continue");
    assertThat(client.answer().status()).isEqualTo(504);
    assertThat(seen.calls).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 100\r\n\r\nhalf",
        "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n",
      })
  void an_answer_cut_short_by_the_server_resets_the_client(String rest) {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\n" + rest);
          call.close();
        });
    Answer answer = client().get("/");
    assertThat(answer.status()).isIn(200, 0);
    assertThat(answer.reset()).isTrue();
    assertThat(seen.outcome().end()).isEqualTo(EndReason.ANSWER_BROKEN);
  }

  /**
   * @param size bytes that come: more than is kept for a client, or little more than a window
   */
  @ParameterizedTest
  @CsvSource({
    "Content-Length: 2000000, 1000000",
    "Content-Length: 2000000, 100000",
    "Transfer-Encoding: chunked, 1000000",
    "Transfer-Encoding: chunked, 100000",
  })
  void what_a_server_sent_before_it_broke_off_reaches_a_client_that_reads_late(
      String framing, int size) {
    start(two());
    CountDownLatch sent = new CountDownLatch(1);
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n");
          call.write(framing.startsWith("T") ? "1e8480\r\n" : "");
          call.write(new String(bytes(size), StandardCharsets.UTF_8));
          call.close();
          sent.countDown();
        });
    TestClient client = client().request("GET", "/");
    client.awaitBody(1);
    Await.until("the server has gone", () -> sent.getCount() == 0);
    if (size < 1_000_000) {
      assertThat(seen.outcome().end()).isEqualTo(EndReason.ANSWER_BROKEN);
    }
    Answer answer = client.answer();
    assertThat(answer.body().length()).isEqualTo(size);
    assertThat(answer.reset()).isTrue();
    assertThat(seen.outcome().end()).isEqualTo(EndReason.ANSWER_BROKEN);
    assertThat(seen.outcome().bytesOut()).isEqualTo(size);
  }

  @Test
  void an_answer_that_falls_silent_is_broken_off() {
    start(two().timeouts(LONG, LONG, Duration.ofMillis(200)));
    CountDownLatch never = new CountDownLatch(1);
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
          never.await();
        });
    assertThat(client().get("/").reset()).isTrue();
    assertThat(seen.outcome().end()).isEqualTo(EndReason.ANSWER_BROKEN);
    never.countDown();
  }

  @Test
  void an_answer_that_drips_is_relayed_as_it_comes() {
    start(two());
    CountDownLatch more = new CountDownLatch(1);
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
          more.await();
          call.write("cd");
        });
    TestClient client = client().request("GET", "/");
    client.awaitBody(2);
    more.countDown();
    assertThat(client.answer().body()).isEqualTo("abcd");
  }

  @Test
  void what_is_no_http_is_502_and_not_replayed() {
    start(two());
    master.script(
        call -> {
          call.write("SSH-2.0-x\r\n\r\n");
          call.close();
        });
    assertThat(client().get("/").status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(1);
  }

  // ------------------------------------------------------------ the client goes

  @Test
  void a_client_that_goes_cancels_its_request_and_the_connection_is_not_reused() {
    start(two());
    CountDownLatch never = new CountDownLatch(1);
    master.script(call -> never.await());
    TestClient client = client().request("GET", "/");
    Await.until("the master has it", () -> master.calls().size() == 1);
    client.abort();
    assertThat(seen.outcome().end()).isEqualTo(EndReason.CLIENT_GONE);
    never.countDown();
    Await.until("its connection is closed", () -> master.openConnections() == 0);
  }

  @Test
  void a_client_that_stops_sending_its_body_is_told_408() {
    start(two().timeouts(LONG, LONG, Duration.ofSeconds(1)));
    TestClient client = client().begin("POST", "/", 10).body("half");
    Answer answer = client.answer();
    assertThat(answer.status()).isEqualTo(408);
    assertThat(answer.reset()).isFalse();
    assertThat(answer.headers("connection"))
        .isEqualTo(protocol == Protocol.HTTP_2 ? List.of() : List.of("close"));
    assertThat(seen.outcome().end()).isEqualTo(EndReason.BAD_REQUEST);
    assertThat(seen.outcome().status()).isEqualTo(408);
    assertThat(seen.retries).isEmpty();
    Await.until("its server is left", () -> master.openConnections() == 0);
  }

  // ------------------------------------------------------------ choosing

  @Test
  void prefer_server_is_used_while_it_is_usable() {
    start(two(), new ServerId("b"), TrustedProxies.NONE);
    assertThat(client().get("/").body()).isEqualTo("backup");
    pools.down("b");
    assertThat(client().get("/").body()).isEqualTo("master");
  }

  @Test
  void a_sticky_cookie_is_opaque_and_keeps_the_session_over_a_failback() {
    start(two().sticky(AfterFailback.DRAIN).drain(LONG));
    pools.failover("a", "b");
    String cookie = client().get("/").header("set-cookie");
    assertThat(cookie)
        .matches(
            "UNDERSTUDY=[A-Za-z0-9_-]{22}[.][A-Za-z0-9_-]{11}; Path=/; HttpOnly; SameSite=Lax"
                + (protocol.isSecure() ? "; Secure" : ""));
    String sent = "Cookie: a=1; " + cookie.substring(0, cookie.indexOf(';')) + "; b=2";
    pools.up("a");
    pools.serve("a");
    Answer answer = client().get("/", sent);
    assertThat(answer.body()).isEqualTo("backup");
    assertThat(answer.header("set-cookie")).isNull();
    assertThat(backup.calls().get(1).headers("cookie")).containsExactly("a=1; b=2");
  }

  @Test
  void a_session_moves_once_the_drain_is_over() {
    start(two().sticky(AfterFailback.DRAIN).drain(Duration.ZERO));
    pools.serve("b");
    String cookie = client().get("/").header("set-cookie");
    pools.serve("a");
    Answer answer = client().get("/", "Cookie: " + cookie.substring(0, cookie.indexOf(';')));
    assertThat(answer.body()).isEqualTo("master");
    assertThat(answer.header("set-cookie")).isNotNull().isNotEqualTo(cookie);
  }

  @Test
  void excess_over_max_requests_waits_its_turn_and_the_oldest_goes_first() {
    start(TestPools.pool().limited("a", master.port(), 1));
    CountDownLatch go = new CountDownLatch(1);
    master.script(
        call -> {
          go.await();
          call.reply(200, call.line());
        });
    TestClient first = client().request("GET", "/1");
    Await.until("the first is there", () -> master.calls().size() == 1);
    TestClient second = client().request("GET", "/2");
    Await.until("the second waits", () -> seen.held.get() == 1);
    TestClient third = client().request("GET", "/3");
    Await.until("the third waits", () -> seen.held.get() == 2);
    assertThat(master.calls()).hasSize(1);
    go.countDown();
    assertThat(first.answer().body()).contains("/1");
    assertThat(second.answer().body()).contains("/2");
    assertThat(third.answer().body()).contains("/3");
  }

  @Test
  void in_balance_requests_take_turns_and_a_refused_one_goes_on_at_once() {
    start(TestPools.pool().balance().master("a", master.port()).master("b", backup.port()));
    TestClient client = client();
    Set<String> answers = Set.of(client.get("/").body(), client.get("/").body());
    assertThat(answers).containsExactlyInAnyOrder("master", "backup");
    master.kill();
    // A socket in which a thread reads is closed by that thread.
    Await.until("its connections are reset", () -> master.openConnections() == 0);
    for (int i = 0; i < 4; i++) {
      assertThat(client().request("POST", "/", bytes(3)).answer().body()).isEqualTo("backup");
    }
    assertThat(seen.everHeld.get()).isZero();
  }

  // ------------------------------------------------------------ header fields

  @Test
  void forwarding_fields_come_from_the_connection_and_not_from_a_stranger() {
    start(two());
    client()
        .get(
            "/",
            "Host: h:81",
            "X-Forwarded-For: 6.6.6.6",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: evil",
            "X-Forwarded-Port: 1",
            "Forwarded: for=6.6.6.6");
    TestServer.Call call = master.calls().get(0);
    assertThat(call.headers("x-forwarded-for")).containsExactly("127.0.0.1");
    assertThat(call.headers("x-forwarded-proto")).containsExactly(scheme());
    assertThat(call.headers("x-forwarded-host")).containsExactly("h:81");
    assertThat(call.headers("x-forwarded-port")).containsExactly("" + port);
    assertThat(call.headers("forwarded"))
        .containsExactly("for=127.0.0.1;host=\"h:81\";proto=" + scheme());
  }

  @Test
  void forwarding_fields_of_a_trusted_proxy_are_extended() {
    start(two().sticky(AfterFailback.KEEP), null, TrustedProxies.of(List.of("127.0.0.0/8")));
    Answer answer =
        client()
            .get(
                "/",
                "Host: h",
                "X-Forwarded-For: 192.0.2.1",
                "X-Forwarded-Proto: https",
                "X-Forwarded-Host: public.example",
                "Forwarded: for=192.0.2.1");
    TestServer.Call call = master.calls().get(0);
    assertThat(call.headers("x-forwarded-for")).containsExactly("192.0.2.1, 127.0.0.1");
    assertThat(call.headers("x-forwarded-proto")).containsExactly("https");
    assertThat(call.headers("x-forwarded-host")).containsExactly("public.example");
    assertThat(call.headers("forwarded"))
        .containsExactly("for=192.0.2.1, for=127.0.0.1;host=h;proto=" + scheme());
    assertThat(answer.header("set-cookie")).endsWith("; Secure");
  }

  @Test
  void a_request_id_is_kept_if_well_formed_and_goes_both_ways() {
    start(two());
    Answer kept = client().get("/", "X-Request-Id: abc-1._Z");
    assertThat(kept.header("x-request-id")).isEqualTo("abc-1._Z");
    assertThat(master.calls().get(0).headers("x-request-id")).containsExactly("abc-1._Z");
    Answer made = client().get("/", "X-Request-Id: no good");
    assertThat(made.header("x-request-id")).matches("[A-Za-z0-9._-]{1,128}");
    assertThat(master.calls().get(1).header("x-request-id")).isEqualTo(made.header("x-request-id"));
  }

  // ------------------------------------------------------------ framing

  @Test
  void answers_without_a_body_leave_the_connection_usable() {
    start(two());
    TestClient client = client();
    master.script(call -> call.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
    Answer head = client.request("HEAD", "/").answer("HEAD");
    assertThat(head.header("content-length")).isEqualTo("5");
    master.script(call -> call.write("HTTP/1.1 204 No\r\n\r\n"));
    assertThat(client.get("/").status()).isEqualTo(204);
    master.script(call -> call.write("HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n"));
    Answer unchanged = client.get("/");
    assertThat(unchanged.status()).isEqualTo(304);
    assertThat(unchanged.headers("content-length")).containsExactly("5");
    master.script(call -> call.reply(200, "end"));
    assertThat(client.get("/").body()).isEqualTo("end");
    assertThat(master.connections()).isEqualTo(1);
  }

  @Test
  void an_answer_that_ends_with_its_connection_arrives_whole() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.0 200 OK\r\n\r\nall of it");
          call.close();
        });
    Answer answer = client().get("/");
    assertThat(answer.body()).isEqualTo("all of it");
    assertThat(answer.reset()).isFalse();
  }

  @Test
  void informational_answers_are_relayed() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n");
          call.reply(200, "late");
        });
    TestClient client = client();
    Answer early = client.get("/");
    assertThat(early.status()).isEqualTo(103);
    assertThat(early.header("link")).isEqualTo("</x>");
    assertThat(client.answer().body()).isEqualTo("late");
  }

  @Test
  void informational_answers_without_end_are_a_bad_answer() {
    start(two());
    master.script(
        call -> {
          for (int i = 0; i < 1000; i++) {
            call.write("HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n");
          }
        });
    TestClient client = client().request("GET", "/");
    for (int i = 0; i < 100; i++) {
      assertThat(client.answer().status()).isEqualTo(103);
    }
    assertThat(client.answer().status()).isEqualTo(502);
    assertThat(seen.outcome().end()).isEqualTo(EndReason.SERVER_FAILED);
  }

  @Test
  void an_expectation_is_not_met_by_hints() {
    start(two().timeouts(LONG, LONG, Duration.ofMillis(300)));
    master.script(
        call -> {
          call.write("HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n");
          call.body();
        });
    TestClient client = client().begin("POST", "/", 1, "Expect: 100-continue");
    assertThat(client.answer().status()).isEqualTo(103);
    assertThat(client.answer().status()).isEqualTo(504);
  }

  @Test
  void an_early_final_answer_is_relayed_although_the_server_reads_no_more() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 413 No\r\nContent-Length: 3\r\n\r\ntoo");
          call.close();
        });
    TestClient client = client().begin("POST", "/", 100_000_000).body("abc");
    Answer answer = client.answer();
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.body()).isEqualTo("too");
    assertThat(seen.outcome().end()).isEqualTo(EndReason.ANSWERED);
  }

  @Test
  void an_expectation_is_passed_on_and_the_server_says_when_to_go_on() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 100 Continue\r\n\r\n");
          call.reply(200, call.text());
        });
    TestClient client = client().begin("POST", "/", 4, "Expect: 100-continue");
    assertThat(client.answer().status()).isEqualTo(100);
    assertThat(client.body("body").end().answer().body()).isEqualTo("body");
    assertThat(master.calls().get(0).header("expect")).isEqualTo("100-continue");
  }

  @Test
  void a_frozen_server_is_suspected_also_by_a_client_that_waits_to_go_on() {
    start(two());
    master.freeze();
    TestClient client = client().begin("PUT", "/", 4, "Expect: 100-continue");
    Await.until("silence is told", () -> seen.troubles.contains(Trouble.SILENT));
    pools.failover("a", "b");
    assertThat(client.answer().status()).isEqualTo(502);
  }

  @Test
  void a_tunnel_to_anywhere_is_refused() {
    start(two());
    Answer answer = client().request("CONNECT", "h:443", "Host: h:443").answer();
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.header("allow")).contains("GET");
    assertThat(master.calls()).isEmpty();
  }

  // ------------------------------------------------------------ back-pressure

  @Test
  void a_client_that_does_not_read_stops_the_server() throws Exception {
    start(two());
    CountDownLatch done = new CountDownLatch(1);
    int total = 64 * 1024 * 1024;
    long[] written = new long[1];
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: " + total + "\r\n\r\n");
          OutputStream out = call.socket().getOutputStream();
          byte[] piece = bytes(64 * 1024);
          while (written[0] < total) {
            out.write(piece);
            written[0] += piece.length;
          }
          done.countDown();
        });
    TestClient client = client().request("GET", "/");
    assertThat(done.await(1, TimeUnit.SECONDS)).isFalse();
    client.skip(total);
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void a_server_that_does_not_read_stops_the_client() throws Exception {
    start(two());
    CountDownLatch read = new CountDownLatch(1);
    int total = 64 * 1024 * 1024;
    master.script(
        call -> {
          read.await();
          call.reply(200, "" + call.skipBody());
        });
    TestClient client = client().begin("POST", "/", total);
    CountDownLatch done = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(
            () -> {
              byte[] piece = bytes(64 * 1024);
              for (int i = 0; i < total / piece.length; i++) {
                client.body(piece);
              }
              client.end();
              done.countDown();
            });
    assertThat(done.await(1, TimeUnit.SECONDS)).isFalse();
    read.countDown();
    assertThat(client.answer().body()).isEqualTo("" + total);
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
  }
}
