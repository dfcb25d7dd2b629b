package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import dev.understudy.testing.TestSettings;
import dev.understudy.traffic.RequestEnd;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When long responses leave their server, and how. */
@Order(Extent.FIRST)
@ParameterizedClass
@MethodSource("lanes")
class StreamsTest extends LaneProtocolTable {
  private static final Duration SHORT = Duration.ofMillis(150);
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String EVENTS =
      "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream;charset=utf-8\r\n"
          + "Transfer-Encoding: chunked\r\n\r\n";
  private static final String UNSIZED =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String SIZED = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n";
  private static final String UNTYPED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String CHUNK = "4\r\nabc\n\r\n";
  private static final String LAST = "0\r\n\r\n";

  /** What the master sends next of its response; empty: it ends the connection. */
  private final BlockingQueue<String> next = new LinkedBlockingQueue<>();

  private final CountDownLatch over = new CountDownLatch(1);

  @AfterEach
  void end() {
    over.countDown();
    next.add("");
  }

  /** The master answers with that head, then sends what is put into {@link #next}. */
  private void relay(TestServer.Call call, String head) throws Exception {
    if (!call.line().contains("/stream")) {
      call.reply(200, "master");
      return;
    }
    call.write(head + next.take());
    while (true) {
      String piece = next.take();
      if (piece.isEmpty()) {
        call.close();
        return;
      }
      call.write(piece);
    }
  }

  private void flow(TestServer.Call call, String head) throws IOException, InterruptedException {
    call.write(head);
    do {
      call.write(CHUNK);
    } while (!over.await(20, TimeUnit.MILLISECONDS));
  }

  /** A client that has the beginning of the master's response. */
  private TestClient stream(String head, String... fields) {
    master.script(call -> relay(call, head));
    next.add(head.equals(SIZED) ? "1234" : CHUNK);
    TestClient client = client().request("GET", "/stream", fields);
    client.awaitBody(4);
    return client;
  }

  /** The same of a session that was there before, and has left no idle connection to the server. */
  private TestClient sessionsStream() {
    master.script(
        call -> call.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
    String set = client().get("/").header("set-cookie");
    Await.until("it is told of", () -> !seen.outcomes.isEmpty());
    seen.outcomes.clear();
    return stream(EVENTS, "Cookie: " + set.substring(0, set.indexOf(';')));
  }

  private void isOlderThan(Duration age) {
    long from = System.nanoTime();
    Await.until("it is old", () -> System.nanoTime() - from > age.toNanos() * 2);
  }

  /** Event streams have an honest end; all else is seen to be broken off. */
  private void isEnded(TestClient client, String head, RequestEnd reason) {
    Response answer = client.response();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.reset()).isEqualTo(!head.equals(EVENTS));
    assertThat(seen.outcome().end()).isEqualTo(reason);
    assertThat(seen.outcome().server()).isEqualTo(new ServerId("a"));
    itsConnectionIsClosed();
    assertThat(seen.troubles).doesNotContain(Trouble.BROKEN);
    assertThat(seen.calls).doesNotContain(true);
  }

  /** A server that only writes sees it by writing. */
  private void itsConnectionIsClosed() {
    Await.until(
        "its connection is closed",
        () -> {
          next.add(CHUNK);
          return master.openConnections() == 0;
        });
  }

  private void goesOnToItsEnd(TestClient client, String rest) {
    assertThat(seen.outcomes).isEmpty();
    next.add(rest);
    Response answer = client.response();
    assertThat(answer.reset()).isFalse();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.COMPLETED);
  }

  /** Long enough for whatever is due at once, or within {@link #SHORT}, to have happened. */
  private void aWhilePasses() {
    isOlderThan(SHORT);
  }

  // ------------------------------------------------------------ serving moves

  @Test
  void an_event_stream_leaves_a_server_that_serves_no_longer() {
    start(two().passive().drain(SHORT));
    TestClient client = stream(EVENTS);
    pools.serve("b");
    isEnded(client, EVENTS, RequestEnd.STREAM_MOVED);
    assertThat(client().get("/").body()).isEqualTo("backup");
  }

  @Test
  void its_clients_connection_can_be_used_again() {
    start(two().drain(SHORT));
    TestClient client = stream(EVENTS);
    pools.serve("b");
    isEnded(client, EVENTS, RequestEnd.STREAM_MOVED);
    assertThat(client.get("/").body()).isEqualTo("backup");
  }

  @Test
  void many_leave_spread_over_drain() {
    start(two().drain(LONG));
    master.script(call -> flow(call, EVENTS));
    List<TestClient> clients =
        Stream.generate(() -> client().request("GET", "/stream")).limit(5).toList();
    clients.forEach(client -> client.awaitBody(4));
    pools.serve("b");
    aWhilePasses();
    assertThat(seen.outcomes).hasSizeLessThan(clients.size());
    pools.operator("a", OperatorState.MAINTENANCE);
    clients.forEach(client -> assertThat(client.response().reset()).isFalse());
  }

  @ParameterizedTest
  @ValueSource(strings = {EVENTS, UNSIZED, SIZED})
  void with_keep_all_stay(String head) {
    start(two().keepStreams(SHORT));
    TestClient client = stream(head);
    isOlderThan(SHORT);
    pools.serve("b", SwitchReason.FAILBACK);
    aWhilePasses();
    goesOnToItsEnd(client, head.equals(SIZED) ? "12345678" : LAST);
  }

  @Test
  void with_keep_they_leave_a_failed_server_all_the_same() {
    start(two().keepStreams(SHORT));
    TestClient client = stream(EVENTS);
    pools.failover("a", "b");
    isEnded(client, EVENTS, RequestEnd.STREAM_MOVED);
  }

  @ParameterizedTest
  @ValueSource(strings = {UNSIZED, SIZED})
  void any_other_response_leaves_once_it_is_older_than_drain(String head) {
    // Any age is older: while the event loop gets no CPU, its clock stands still.
    start(two().drain(Duration.ZERO));
    TestClient client = stream(head);
    pools.serve("b");
    isEnded(client, head, RequestEnd.STREAM_MOVED);
  }

  @Test
  void a_young_one_of_unknown_length_leaves_when_it_has_become_older() {
    start(two().drain(Duration.ofSeconds(1)));
    TestClient client = stream(UNSIZED);
    pools.serve("b");
    isEnded(client, UNSIZED, RequestEnd.STREAM_MOVED);
    assertThat(seen.outcome().durationNanos()).isGreaterThan(1_000_000_000L);
  }

  /** More than its windows and buffers hold. */
  @ParameterizedTest
  @ValueSource(strings = {EVENTS, UNSIZED})
  void what_came_of_one_that_leaves_reaches_a_client_that_reads_late(String head) {
    start(two().drain(SHORT));
    TestClient client = stream(head);
    isOlderThan(SHORT);
    next.add("800000\r\n" + "x".repeat(8 * 1024 * 1024) + "\r\n");
    pools.serve("b");
    long relayed = seen.outcome().bytesOut();
    Response answer = client.response();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.STREAM_MOVED);
    assertThat(answer.body().length()).isEqualTo((int) relayed);
  }

  @ParameterizedTest
  @ValueSource(strings = {SIZED, UNTYPED})
  void a_young_download_finishes(String head) {
    start(two().drain(SHORT));
    TestClient client = stream(head);
    pools.serve("b");
    aWhilePasses();
    goesOnToItsEnd(client, head.equals(SIZED) ? "12345678" : LAST);
  }

  /** Only the upload keeps the response; once it has ended, the next tick may end the response. */
  @Test
  void an_upload_reaches_its_server_whole_however_early_the_response_began() {
    start(two().drain(SHORT));
    BlockingQueue<String> uploaded = new LinkedBlockingQueue<>();
    master.script(
        call -> {
          call.write(UNSIZED + CHUNK);
          uploaded.add(call.text());
          call.write(CHUNK + LAST);
        });
    TestClient client = client().begin("POST", "/stream", 8).body("1234");
    client.awaitBody(4);
    isOlderThan(SHORT);
    pools.serve("b");
    aWhilePasses();
    assertThat(seen.outcomes).isEmpty();
    client.body("5678");
    Await.until("the master has the upload", () -> !uploaded.isEmpty());
    assertThat(uploaded).containsExactly("12345678");
    assertThat(seen.outcome().end()).isIn(RequestEnd.COMPLETED, RequestEnd.STREAM_MOVED);
  }

  @Test
  void a_stream_whose_head_comes_after_the_switch_leaves_too() {
    start(two().drain(SHORT));
    master.script(call -> relay(call, EVENTS));
    TestClient client = client().request("GET", "/stream");
    Await.until("the master has it", () -> master.calls().size() == 1);
    pools.serve("b");
    next.add(CHUNK);
    isEnded(client, EVENTS, RequestEnd.STREAM_MOVED);
  }

  @Test
  void what_prefers_a_server_stays_while_that_is_usable() {
    start(two().drain(SHORT), new ServerId("a"), TrustedProxies.NONE);
    TestClient client = stream(EVENTS);
    pools.serve("b");
    aWhilePasses();
    assertThat(seen.outcomes).isEmpty();
    pools.down("a");
    isEnded(client, EVENTS, RequestEnd.STREAM_MOVED);
  }

  @Test
  void what_is_to_leave_stays_if_its_server_serves_again() {
    start(two().drain(LONG));
    TestClient client = stream(UNSIZED);
    pools.serve("b");
    pools.serve("a");
    aWhilePasses();
    goesOnToItsEnd(client, LAST);
  }

  // ------------------------------------------------------------ operators and files

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void maintenance_ends_event_streams_at_once(boolean balance) {
    start(balance ? balance().drain(LONG) : two().drain(LONG));
    TestClient client = stream(EVENTS);
    pools.operator("a", OperatorState.MAINTENANCE);
    isEnded(client, EVENTS, RequestEnd.STREAM_MOVED);
  }

  @ParameterizedTest
  @ValueSource(strings = {UNSIZED, SIZED})
  void maintenance_ends_what_is_older_than_drain_and_then_what_becomes_so(String head) {
    start(two().drain(SHORT));
    TestClient client = stream(head);
    pools.operator("a", OperatorState.MAINTENANCE);
    isEnded(client, head, RequestEnd.STREAM_MOVED);
  }

  @Test
  void maintenance_after_drain_waits_no_longer() {
    start(balance().drain(LONG));
    TestClient client = stream(EVENTS);
    pools.operator("a", OperatorState.DRAIN);
    aWhilePasses();
    pools.operator("a", OperatorState.MAINTENANCE);
    isEnded(client, EVENTS, RequestEnd.STREAM_MOVED);
  }

  @Test
  void in_a_balance_pool_they_leave_a_server_that_is_drained() {
    start(balance().drain(SHORT));
    TestClient client = stream(EVENTS);
    pools.operator("a", OperatorState.DRAIN);
    isEnded(client, EVENTS, RequestEnd.STREAM_MOVED);
  }

  @Test
  void in_a_balance_pool_they_stay_while_their_server_is_usable() {
    start(balance().drain(SHORT));
    TestClient client = stream(EVENTS);
    isOlderThan(SHORT);
    pools.down("b");
    aWhilePasses();
    goesOnToItsEnd(client, LAST);
  }

  @Test
  void they_leave_a_server_that_a_new_file_has_not() {
    start(two().drain(SHORT));
    TestClient client = stream(EVENTS);
    pools.configure(TestPools.pool().master("b", backup.port()).drain(SHORT).build());
    isEnded(client, EVENTS, RequestEnd.STREAM_MOVED);
  }

  // ------------------------------------------------------------ sessions

  @Test
  void a_sessions_stream_stays_on_a_server_that_is_drained() {
    start(balance().sticky(AfterFailback.DRAIN).drain(SHORT));
    TestClient client = sessionsStream();
    pools.operator("a", OperatorState.DRAIN);
    aWhilePasses();
    goesOnToItsEnd(client, LAST);
  }

  @Test
  void a_sessions_stream_leaves_a_drained_server_whose_circuit_breaker_opens() {
    start(balance().sticky(AfterFailback.DRAIN).drain(SHORT));
    TestClient client = sessionsStream();
    pools.operator("a", OperatorState.DRAIN);
    aWhilePasses();
    pools.circuitOpen("a");
    isEnded(client, EVENTS, RequestEnd.STREAM_MOVED);
  }

  @Test
  void a_sessions_stream_stays_where_its_requests_do() {
    start(two().sticky(AfterFailback.KEEP).drain(SHORT));
    TestClient client = sessionsStream();
    pools.serve("b");
    aWhilePasses();
    goesOnToItsEnd(client, LAST);
  }

  @Test
  void a_sessions_stream_leaves_when_its_requests_do() {
    start(two().sticky(AfterFailback.DRAIN).drain(Duration.ofSeconds(1)));
    TestClient client = sessionsStream();
    pools.serve("b");
    isEnded(client, EVENTS, RequestEnd.STREAM_MOVED);
    assertThat(seen.outcome().durationNanos()).isGreaterThan(900_000_000L);
  }

  @Test
  void a_stream_of_a_client_that_brought_no_cookie_leaves_a_drained_server() {
    start(balance().sticky(AfterFailback.KEEP).drain(SHORT));
    TestClient client = stream(EVENTS);
    pools.operator("a", OperatorState.DRAIN);
    isEnded(client, EVENTS, RequestEnd.STREAM_MOVED);
  }

  private TestPools.Builder balance() {
    // The backup stands by: the first request goes to the only master.
    return two().balance();
  }

  // ------------------------------------------------------------ the server fails

  @ParameterizedTest
  @ValueSource(strings = {EVENTS, UNSIZED, SIZED})
  void what_is_silent_with_a_server_judged_down_by_silence_ends(String head) {
    start(quickly(two()).drain(LONG));
    TestClient client = stream(head);
    pools.silent("a");
    pools.serve("b");
    assertThat(client.response().reset()).isEqualTo(!head.equals(EVENTS));
    assertThat(seen.outcome().end())
        .isIn(
            RequestEnd.RESPONSE_BROKEN,
            head.equals(EVENTS) ? RequestEnd.STREAM_MOVED : RequestEnd.RESPONSE_BROKEN);
    itsConnectionIsClosed();
  }

  @Test
  void what_still_flows_goes_on() {
    start(quickly(two()).drain(LONG));
    master.script(call -> flow(call, UNSIZED));
    TestClient client = client().request("GET", "/stream");
    client.awaitBody(4);
    pools.silent("a");
    pools.serve("b");
    aWhilePasses();
    assertThat(seen.outcomes).isEmpty();
    client.abort();
  }

  @Test
  void what_has_stopped_for_want_of_a_reader_is_not_silent() {
    start(quickly(two()).drain(LONG));
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
          String piece = "x".repeat(100_000);
          for (int i = 0; i < 1000; i++) {
            call.write(piece);
          }
        });
    TestClient client = client().request("GET", "/stream");
    client.awaitBody(4);
    pools.silent("a");
    pools.serve("b");
    aWhilePasses();
    assertThat(seen.outcomes).isEmpty();
    client.abort();
  }

  @Test
  void all_stay_on_a_server_that_is_down_and_serves_because_nobody_else_can() {
    start(two().drain(SHORT));
    TestClient client = stream(EVENTS);
    isOlderThan(SHORT);
    pools.down("a");
    aWhilePasses();
    goesOnToItsEnd(client, LAST);
  }

  @Test
  void a_response_that_stops_raises_a_suspicion() {
    start(two());
    stream(EVENTS);
    Await.until("silence is told", () -> seen.troubles.contains(Trouble.SILENT));
    assertThat(seen.details).contains("a response has stopped");
    next.add(LAST);
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.COMPLETED);
  }

  /** Judged DOWN within 200 ms of silence. */
  private static TestPools.Builder quickly(TestPools.Builder pool) {
    HealthSettings health = HealthSettings.DEFAULT;
    return pool.health(
        TestSettings.health(
            health.check(),
            Duration.ofSeconds(2),
            Duration.ofMillis(50),
            Duration.ofSeconds(1),
            Duration.ofMillis(100),
            3,
            2));
  }

  // ------------------------------------------------------------ we stop

  @Test
  void when_we_stop_event_streams_end_within_the_grace_time() {
    start(two().drain(LONG));
    TestClient client = stream(EVENTS);
    stop(SHORT);
    isEnded(client, EVENTS, RequestEnd.STOPPING);
  }

  @ParameterizedTest
  @ValueSource(strings = {UNSIZED, SIZED})
  void when_we_stop_all_else_may_finish_for_as_long_and_is_then_broken_off(String head) {
    start(two().drain(LONG));
    TestClient client = stream(head);
    stop(Duration.ofSeconds(1));
    isEnded(client, head, RequestEnd.STOPPING);
    assertThat(seen.outcome().durationNanos()).isGreaterThan(900_000_000L);
  }

  @Test
  void when_we_stop_a_download_that_ends_in_time_is_whole() {
    start(two().drain(LONG));
    TestClient client = stream(SIZED);
    stop(LONG);
    goesOnToItsEnd(client, "12345678");
  }

  @Test
  void during_a_stop_requests_without_a_response_in_time_get_a_local_one() {
    start(two());
    CountDownLatch never = over;
    master.script(call -> never.await());
    TestClient client = client().request("GET", "/");
    Await.until("the master has it", () -> master.calls().size() == 1);
    stop(SHORT);
    assertThat(client.response().status()).isEqualTo(502);
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.STOPPING);
  }

  @Test
  void when_we_stop_what_waits_for_a_server_gets_503() {
    start(two());
    pools.serve(null);
    TestClient client = client().request("GET", "/");
    Await.until("it is held", () -> seen.held.get() == 1);
    stop(SHORT);
    assertThat(client.response().status()).isEqualTo(503);
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.STOPPING);
  }
}
