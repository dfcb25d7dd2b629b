package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.engine.EngineRig.Client;
import dev.understudy.proxy.upstream.ServerLimits;
import dev.understudy.testing.Await;
import dev.understudy.testing.Http2Server;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestEnd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the engine limits: heads of responses, requests that wait, requests at one server. */
class EngineLimitsTest extends Engined {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final CountDownLatch go = new CountDownLatch(1);

  /** Before all comes to rest. */
  @AfterEach
  void everything_goes() {
    go.countDown();
  }

  @Override
  void start(TestPools.Builder pool) {
    rig = new EngineRig(pool.start(), seen, new ServerLimits(2048, 200));
  }

  /** One place, which the first request keeps until {@link #go}. */
  private TestPools.Builder oneIsBusy() {
    master.script(
        call -> {
          go.await();
          call.reply(200, call.line());
        });
    return TestPools.pool().limited("a", master.port(), 1).hold(LONG, 100, 1024);
  }

  private int queueAt(String server) {
    return rig.pools.server(server).traffic().queue().get();
  }

  // ------------------------------------------------------------ heads of responses

  @ParameterizedTest(name = "of {0} bytes")
  @CsvSource({"1900, 200, COMPLETED,", "2100, 502, SERVER_FAILED, RESPONSE_HEADER_SIZE"})
  void a_response_with_larger_header_fields_is_502_and_reported(
      int size, int status, RequestEnd end, @Nullable Limit limit) {
    start(TestPools.pool().master("a", master.port()));
    String fields = "Content-Length: 0\r\nX: " + "x".repeat(size);
    master.script(call -> call.write("HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n"));
    assertThat(rig.get("/").await().status()).isEqualTo(status);
    assertThat(seen.limits).isEqualTo(limit == null ? List.of() : List.of(limit));
    assertThat(seen.outcome().end()).isEqualTo(end);
    assertThat(master.calls()).hasSize(1);
  }

  @ParameterizedTest(name = "{0} fields")
  @CsvSource({"199, 200, COMPLETED,", "200, 502, SERVER_FAILED, RESPONSE_HEADER_COUNT"})
  void a_response_with_more_header_fields_is_502_and_reported(
      int fields, int status, RequestEnd end, @Nullable Limit limit) {
    start(TestPools.pool().master("a", master.port()));
    String head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + "a:b\r\n".repeat(fields);
    // More than are allowed are refused though the head does not end.
    master.script(call -> call.write(limit == null ? head + "\r\n" : head));
    assertThat(rig.get("/").await().status()).isEqualTo(status);
    assertThat(seen.limits).isEqualTo(limit == null ? List.of() : List.of(limit));
    assertThat(seen.outcome().end()).isEqualTo(end);
    assertThat(master.calls()).hasSize(1);
  }

  /** Its first byte is not the end of the wait. */
  @Test
  void a_head_that_does_not_end_is_504_when_the_time_for_responses_is_over() throws Exception {
    Duration hour = Duration.ofHours(1);
    start(TestPools.pool().master("a", master.port()).timeouts(LONG, Duration.ofMillis(300), hour));
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nA: ");
          go.await();
        });
    assertThat(rig.get("/").await().status()).isEqualTo(504);
  }

  @ParameterizedTest(name = "{0} fields")
  @CsvSource({"200, 200, COMPLETED,", "201, 502, SERVER_FAILED, RESPONSE_HEADER_COUNT"})
  void over_http2_too(int fields, int status, RequestEnd end, @Nullable Limit limit) {
    String[] head = new String[fields];
    Arrays.fill(head, "a: b");
    try (Http2Server server = new Http2Server(call -> call.head(200, true, head))) {
      rig = new EngineRig(TestPools.pool().master("a", server.port()).http2().start(), seen);
      assertThat(rig.get("/").await().status()).isEqualTo(status);
      assertThat(seen.limits).isEqualTo(limit == null ? List.of() : List.of(limit));
      assertThat(seen.outcome().end()).isEqualTo(end);
      assertThat(server.calls()).hasSize(1);
    }
  }

  @Test
  void more_trailers_break_the_response_off() {
    start(TestPools.pool().master("a", master.port()));
    String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    master.script(call -> call.write(head + "a:b\r\n".repeat(201)));
    rig.get("/").await();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.RESPONSE_BROKEN);
  }

  // ------------------------------------------------------------ informational responses

  private static String early(int count) {
    return ("HTTP/1.1 103 Early Hints\r\nLink: " + "x".repeat(1900) + "\r\n\r\n").repeat(count);
  }

  @Test
  void more_informational_responses_than_may_be_are_a_bad_response() {
    start(TestPools.pool().master("a", master.port()));
    master.script(call -> call.write(early(101)));
    Client client = rig.get("/").await();
    assertThat(client.status()).isEqualTo(502);
    assertThat(client.informational).hasValue(100);
    assertThat(client.wrong()).isEmpty();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.SERVER_FAILED);
  }

  @Test
  void as_many_informational_responses_as_may_be_pass() {
    start(TestPools.pool().master("a", master.port()));
    master.script(
        call -> {
          call.write(early(100));
          call.reply(200, "late");
        });
    for (int i = 0; i < 2; i++) {
      Client client = rig.get("/").await();
      assertThat(client.body()).isEqualTo("late");
      assertThat(client.informational).hasValue(100);
    }
    assertThat(master.connections()).isOne();
  }

  @Test
  void informational_responses_are_read_no_faster_than_the_client_reads_them() {
    start(TestPools.pool().master("a", master.port()));
    CountDownLatch written = new CountDownLatch(1);
    master.script(
        call -> {
          call.write(call.line().contains("/early") ? early(90) : "");
          call.reply(200, "late");
          written.countDown();
        });
    Client client = rig.new Client("GET", "/early", false);
    client.writable = false;
    rig.onLoop(client::start);
    Await.until("it was all sent", () -> written.getCount() == 0);
    Await.until("some of it came", () -> client.informational.get() > 0);
    for (int i = 0; i < 10; i++) {
      assertThat(rig.get("/").await().status()).isEqualTo(200);
    }
    assertThat(client.informational.get()).isLessThan(90);
    client.reads();
    assertThat(client.await().body()).isEqualTo("late");
    assertThat(client.informational).hasValue(90);
  }

  // ------------------------------------------------------------ requests that wait

  @Test
  void one_more_than_may_wait_gets_503_at_once_and_is_counted() {
    start(TestPools.pool().master("a", master.port()).hold(LONG, 1, 1024));
    rig.pools.serve(null);
    Client waiting = rig.get("/1");
    assertThat(rig.get("/2").await().status()).isEqualTo(503);
    assertThat(seen.limits).containsExactly(Limit.HELD_REQUESTS);
    rig.pools.serve("a");
    assertThat(waiting.await().status()).isEqualTo(200);
    assertThat(seen.limits).hasSize(1);
  }

  private long heldBytes() {
    return rig.pools.state().traffic().heldBytes().get();
  }

  private Client put(String body) {
    Client client = rig.new Client("PUT", "/", true, "Transfer-Encoding: chunked");
    rig.onLoop(() -> client.start().send(body).end());
    return client;
  }

  @Test
  void what_waits_and_what_may_be_sent_again_is_kept_within_what_all_may() {
    start(TestPools.pool().master("a", master.port()).hold(LONG, 3, 1000));
    rig.pools.serve(null);
    Client first = put("x".repeat(1000));
    Client second = put("x".repeat(1000));
    assertThat(heldBytes()).isEqualTo(2000);
    rig.onLoop(second::goAway);
    assertThat(heldBytes()).isEqualTo(1000);
    rig.pools.serve("a");
    assertThat(first.await().status()).isEqualTo(200);
    assertThat(heldBytes()).isZero();
    assertThat(seen.limits).isEmpty();
  }

  @Test
  void a_body_that_does_not_fit_into_what_all_may_keep_is_sent_but_not_again() {
    start(TestPools.pool().master("a", master.port()).hold(LONG, 2, 1000));
    master.script(
        call -> {
          long length = call.skipBody();
          go.await();
          call.reply(200, "" + length);
        });
    List<Client> clients = List.of(put("x".repeat(900)), put("x".repeat(900)));
    Await.until("they are there", () -> master.calls().size() == 2);
    assertThat(heldBytes()).isEqualTo(1800);
    Client third = put("x".repeat(300));
    Await.until("it is there", () -> master.calls().size() == 3);
    assertThat(heldBytes()).isEqualTo(1800);
    go.countDown();
    assertThat(third.await().body()).isEqualTo("300");
    clients.forEach(client -> assertThat(client.await().body()).isEqualTo("900"));
    assertThat(heldBytes()).isZero();
    assertThat(seen.limits).containsExactly(Limit.HELD_BYTES);
  }

  // ------------------------------------------------------------ requests at one server

  @Test
  void a_server_is_never_given_more_than_its_places_and_the_rest_in_their_order() {
    start(oneIsBusy());
    List<Client> clients = new ArrayList<>();
    List<String> order = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 20; i++) {
      String target = "/" + i;
      Client client = rig.new Client("GET", target, false);
      client.onHead = () -> order.add(target);
      rig.onLoop(client::start);
      clients.add(client);
    }
    assertThat(queueAt("a")).isEqualTo(19);
    Await.until("the first is there", () -> master.calls().size() == 1);
    go.countDown();
    for (Client client : clients) {
      assertThat(client.await().status()).isEqualTo(200);
    }
    assertThat(order).containsExactlyElementsOf(clients.stream().map(Client::target).toList());
    assertThat(master.connections()).isEqualTo(1);
    assertThat(queueAt("a")).isZero();
  }

  @Test
  void a_full_server_keeps_no_request_from_another_server_of_its_pool() {
    start(oneIsBusy().limited("b", backup.port(), 1));
    rig.getFrom("a", "/1");
    Client behind = rig.getFrom("a", "/2");
    int held = seen.everHeld.get();
    assertThat(rig.getFrom("b", "/3").await().body()).isEqualTo("backup");
    assertThat(seen.everHeld.get()).isEqualTo(held);
    assertThat(behind.isOver()).isFalse();
  }

  @Test
  void requests_that_wait_for_a_full_server_go_to_the_one_that_takes_over() {
    start(oneIsBusy().limited("b", backup.port(), 1));
    rig.get("/1");
    Client second = rig.get("/2");
    Client third = rig.get("/3");
    assertThat(queueAt("a")).isEqualTo(2);
    rig.pools.serve("b");
    assertThat(second.await().body()).isEqualTo("backup");
    assertThat(third.await().body()).isEqualTo("backup");
    assertThat(queueAt("a")).isZero();
    assertThat(queueAt("b")).isZero();
  }

  @Test
  void requests_from_another_queue_are_before_later_ones() {
    backup.script(
        call -> {
          go.await();
          call.reply(200, call.line());
        });
    start(oneIsBusy().limited("b", backup.port(), 1));
    rig.get("/1");
    rig.getFrom("b", "/2");
    Await.until(
        "each has one, which does not move",
        () -> master.calls().size() + backup.calls().size() == 2);
    List<String> order = new CopyOnWriteArrayList<>();
    Client first = rig.new Client("GET", "/3", false);
    first.onHead = () -> order.add("/3");
    rig.onLoop(first::start);
    rig.pools.serve("b");
    Await.until("it waits for the other", () -> queueAt("b") == 1);
    assertThat(queueAt("a")).isZero();
    Client later = rig.new Client("GET", "/4", false);
    later.onHead = () -> order.add("/4");
    rig.onLoop(later::start);
    go.countDown();
    first.await();
    later.await();
    assertThat(order).containsExactly("/3", "/4");
  }

  @Test
  void a_request_that_gives_up_waiting_is_in_no_queue_any_more() {
    start(oneIsBusy());
    rig.get("/1");
    Client gone = rig.get("/2");
    Client next = rig.get("/3");
    rig.onLoop(gone::goAway);
    assertThat(queueAt("a")).isEqualTo(1);
    go.countDown();
    assertThat(next.await().body()).contains("/3");
  }

  @Test
  void in_balance_it_waits_for_whichever_has_a_place_first() {
    start(oneIsBusy().balance().limited("b", backup.port(), 1));
    CountDownLatch never = new CountDownLatch(1);
    backup.script(
        call -> {
          never.await();
          call.reply(200, "backup");
        });
    Client first = rig.get("/1");
    Client second = rig.get("/2");
    Client third = rig.get("/3");
    assertThat(seen.held.get()).isEqualTo(1);
    go.countDown();
    assertThat(third.await().body()).contains("/3");
    never.countDown();
    first.await();
    second.await();
  }
}
