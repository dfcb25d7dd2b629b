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
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When long responses leave their server, and how. */
@Order(Extent.FIRST)
@ParameterizedClass
@MethodSource("lanes")
class StreamsTest extends LaneProtocolTable {
  private static final Duration SHORT = Duration.ofMillis(150);
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String CHUNK = "4\r\nabc\n\r\n";
  private static final String LAST = "0\r\n\r\n";

  /** A response by its head. */
  private enum Kind {
    EVENTS("Content-Type: Text/Event-Stream;charset=utf-8\r\nTransfer-Encoding: chunked"),
    UNSIZED("Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked"),
    UNTYPED("Transfer-Encoding: chunked"),
    SIZED("Content-Length: 12");

    final String head;

    Kind(String fields) {
      head = "HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n";
    }

    String first() {
      return this == SIZED ? "1234" : CHUNK;
    }

    String rest() {
      return this == SIZED ? "12345678" : LAST;
    }
  }

  /** What the master sends next of its response; empty: it ends the connection. */
  private final BlockingQueue<String> next = new LinkedBlockingQueue<>();

  @AfterEach
  void end() {
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

  private void flow(TestServer.Call call, Kind kind) throws IOException, InterruptedException {
    call.write(kind.head);
    do {
      call.write(CHUNK);
    } while (!go.await(20, TimeUnit.MILLISECONDS));
  }

  /** A client that has the beginning of the master's response. */
  private TestClient stream(Kind kind, String... fields) {
    master.script(call -> relay(call, kind.head));
    next.add(kind.first());
    return reading(fields);
  }

  private TestClient reading(String... fields) {
    TestClient client = client().request("GET", "/stream", fields);
    client.awaitBody(4);
    return client;
  }

  /** The same of a session that was there before, and has left no idle connection to the server. */
  private TestClient sessionsStream() {
    master.script(
        call -> call.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
    String cookie = SessionTable.cookieOf(client().get("/"));
    Await.until("it is told of", () -> !seen.outcomes.isEmpty());
    seen.outcomes.clear();
    return stream(Kind.EVENTS, cookie);
  }

  /** Long enough for whatever is due at once, or within {@link #SHORT}, to have happened. */
  private void aWhilePasses() {
    aWhilePasses(SHORT);
  }

  private static void aWhilePasses(Duration time) {
    long from = System.nanoTime();
    Await.until("it is old", () -> System.nanoTime() - from > time.toNanos() * 2);
  }

  /** Event streams have an honest end; all else is seen to be broken off. */
  private void isEnded(TestClient client, Kind kind, RequestEnd reason) {
    Response answer = client.response();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.reset()).isEqualTo(kind != Kind.EVENTS);
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
    assertThat(client.response().reset()).isFalse();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.COMPLETED);
  }

  private static TestPools.Builder with(TestPools.Builder pool, String setting) {
    return switch (setting) {
      case "keep" -> pool.keepStreams(SHORT);
      case "balance" -> pool.balance();
      case "sticky" -> pool.sticky(AfterFailback.KEEP);
      // Any age is older: while the event loop gets no CPU, its clock stands still.
      case "drain-0" -> pool.drain(Duration.ZERO);
      // Young is what comes within it, on a busy machine too.
      case "drain-1" -> pool.drain(Duration.ofSeconds(1));
      case "drain" -> pool.drain(SHORT);
      case "long-drain" -> pool.drain(LONG);
      default -> throw new IllegalArgumentException(setting);
    };
  }

  private void happens(String event) {
    switch (event) {
      case "wait" -> aWhilePasses();
      case "wait-2" -> aWhilePasses(Duration.ofSeconds(1));
      case "a-serves" -> pools.serve("a");
      case "b-serves" -> pools.serve("b");
      case "failover" -> pools.failover("a", "b");
      case "failback" -> pools.serve("b", SwitchReason.FAILBACK);
      case "a-down" -> pools.down("a");
      case "b-down" -> pools.down("b");
      case "a-drained" -> pools.operator("a", OperatorState.DRAIN);
      case "a-maintained" -> pools.operator("a", OperatorState.MAINTENANCE);
      case "a-unlisted" ->
          pools.configure(TestPools.pool().master("b", backup.port()).drain(SHORT).build());
      case "stop" -> stop(SHORT);
      case "long-stop" -> stop(LONG);
      default -> throw new IllegalArgumentException(event);
    }
  }

  /** Of two servers, the first of which has the response. */
  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          with keep they leave a failed server all the same             | EVENTS  | keep                 | failover              | STREAM_MOVED
          any other response leaves once it is older than drain         | SIZED   | drain-0              | b-serves              | STREAM_MOVED
          with keep all stay                                            | EVENTS  | keep                 | wait failback         | COMPLETED
          a young download finishes                                     | SIZED   | drain-1              | b-serves wait-2       | COMPLETED
          a young download finishes                                     | UNTYPED | drain-1              | b-serves wait-2       | COMPLETED
          what is to leave stays if its server serves again             | UNSIZED | long-drain           | b-serves a-serves     | COMPLETED
          maintenance ends event streams at once                        | EVENTS  | long-drain           | a-maintained          | STREAM_MOVED
          maintenance ends event streams at once in a balance pool      | EVENTS  | balance long-drain   | a-maintained          | STREAM_MOVED
          maintenance ends what is older than drain or becomes so       | SIZED   | drain                | a-maintained          | STREAM_MOVED
          maintenance after drain waits no longer                       | EVENTS  | balance long-drain   | a-drained wait a-maintained | STREAM_MOVED
          in a balance pool they leave a server that is drained         | EVENTS  | balance drain        | a-drained             | STREAM_MOVED
          in a balance pool they stay while their server is usable      | EVENTS  | balance drain        | wait b-down           | COMPLETED
          that of a client without a cookie leaves a drained server     | EVENTS  | balance sticky drain | a-drained             | STREAM_MOVED
          they leave a server that a new file has not                   | EVENTS  | drain                | a-unlisted            | STREAM_MOVED
          all stay on a server that is down while nobody else can serve | EVENTS  | drain                | wait a-down           | COMPLETED
          when we stop event streams end within the grace time          | EVENTS  | long-drain           | stop                  | STOPPING
          when we stop a download that ends in time is whole            | SIZED   | long-drain           | long-stop             | COMPLETED
          """)
  void a_response_that_has_begun(
      String name, Kind kind, String settings, String events, RequestEnd end) {
    TestPools.Builder pool = two();
    for (String setting : words(settings)) {
      pool = with(pool, setting);
    }
    start(pool);
    TestClient client = stream(kind);
    words(events).forEach(this::happens);
    if (end == RequestEnd.COMPLETED) {
      aWhilePasses();
      goesOnToItsEnd(client, kind.rest());
    } else {
      isEnded(client, kind, end);
    }
  }

  // ------------------------------------------------------------ serving moves

  @Test
  void an_event_stream_leaves_a_server_that_serves_no_longer_and_its_client_can_ask_again() {
    start(two().passive().drain(SHORT));
    TestClient client = stream(Kind.EVENTS);
    pools.serve("b");
    isEnded(client, Kind.EVENTS, RequestEnd.STREAM_MOVED);
    assertThat(client().get("/").body()).isEqualTo("backup");
    assertThat(client.get("/").body()).as("on the same connection").isEqualTo("backup");
  }

  @Test
  void many_leave_spread_over_drain() {
    start(two().drain(LONG));
    master.script(call -> flow(call, Kind.EVENTS));
    List<TestClient> clients = Stream.generate(() -> reading()).limit(5).toList();
    pools.serve("b");
    aWhilePasses();
    assertThat(seen.outcomes).hasSizeLessThan(clients.size());
    pools.operator("a", OperatorState.MAINTENANCE);
    clients.forEach(client -> assertThat(client.response().reset()).isFalse());
  }

  @Test
  void a_young_one_of_unknown_length_leaves_when_it_has_become_older() {
    start(two().drain(SHORT.multipliedBy(2)));
    TestClient client = stream(Kind.UNSIZED);
    pools.serve("b");
    isEnded(client, Kind.UNSIZED, RequestEnd.STREAM_MOVED);
    lastedFor(SHORT.multipliedBy(2));
  }

  private void lastedFor(Duration time) {
    assertThat(seen.outcome().durationNanos()).isGreaterThan(time.toNanos() * 9 / 10);
  }

  /** More than its windows and buffers hold. */
  @ParameterizedTest
  @EnumSource(names = {"EVENTS", "UNSIZED"})
  void what_came_of_one_that_leaves_reaches_a_client_that_reads_late(Kind kind) {
    start(two().drain(SHORT));
    TestClient client = stream(kind);
    aWhilePasses();
    next.add("800000\r\n" + "x".repeat(8 * 1024 * 1024) + "\r\n");
    pools.serve("b");
    long relayed = seen.outcome().bytesOut();
    Response answer = client.response();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.STREAM_MOVED);
    assertThat(answer.body().length()).isEqualTo((int) relayed);
  }

  /** Only the upload keeps the response; once it has ended, the next tick may end the response. */
  @Test
  void an_upload_reaches_its_server_whole_however_early_the_response_began() {
    start(two().drain(SHORT));
    BlockingQueue<String> uploaded = new LinkedBlockingQueue<>();
    master.script(
        call -> {
          call.write(Kind.UNSIZED.head + CHUNK);
          uploaded.add(call.text());
          call.write(CHUNK + LAST);
        });
    TestClient client = client().begin("POST", "/stream", 8).body("1234");
    client.awaitBody(4);
    aWhilePasses();
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
    master.script(call -> relay(call, Kind.EVENTS.head));
    TestClient client = client().request("GET", "/stream");
    Await.until("the master has it", () -> master.calls().size() == 1);
    pools.serve("b");
    next.add(CHUNK);
    isEnded(client, Kind.EVENTS, RequestEnd.STREAM_MOVED);
  }

  @Test
  void what_prefers_a_server_stays_while_that_is_usable() {
    start(two().drain(SHORT), new ServerId("a"), TrustedProxies.NONE);
    TestClient client = stream(Kind.EVENTS);
    pools.serve("b");
    aWhilePasses();
    assertThat(seen.outcomes).isEmpty();
    pools.down("a");
    isEnded(client, Kind.EVENTS, RequestEnd.STREAM_MOVED);
  }

  // ------------------------------------------------------------ sessions

  @Test
  void a_sessions_stream_stays_on_a_drained_server_until_its_circuit_breaker_opens() {
    start(two().balance().sticky(AfterFailback.DRAIN).drain(SHORT));
    TestClient client = sessionsStream();
    pools.operator("a", OperatorState.DRAIN);
    aWhilePasses();
    assertThat(seen.outcomes).isEmpty();
    pools.circuitOpen("a");
    isEnded(client, Kind.EVENTS, RequestEnd.STREAM_MOVED);
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
  void the_stream_of_a_session_ends_after_the_time_of_its_drain() {
    start(two().sticky(AfterFailback.DRAIN).drain(SHORT.multipliedBy(2)));
    TestClient client = sessionsStream();
    pools.serve("b");
    isEnded(client, Kind.EVENTS, RequestEnd.STREAM_MOVED);
    lastedFor(SHORT.multipliedBy(2));
  }

  // ------------------------------------------------------------ the server fails

  @ParameterizedTest
  @EnumSource(names = {"EVENTS", "SIZED"})
  void what_is_silent_with_a_server_judged_down_by_silence_ends(Kind kind) {
    start(silentAfter(Duration.ofMillis(100)));
    TestClient client = stream(kind);
    pools.silent("a");
    pools.serve("b");
    boolean events = kind == Kind.EVENTS;
    assertThat(client.response().reset()).isEqualTo(!events);
    assertThat(seen.outcome().end())
        .isIn(
            RequestEnd.RESPONSE_BROKEN,
            events ? RequestEnd.STREAM_MOVED : RequestEnd.RESPONSE_BROKEN);
    itsConnectionIsClosed();
  }

  /**
   * What still flows, and what has stopped for want of a reader. The time is one that the server's
   * thread does not wait for a CPU.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void what_is_not_silent_goes_on(boolean flows) {
    Duration silence = Duration.ofSeconds(2);
    start(silentAfter(silence));
    master.script(
        call -> {
          if (flows) {
            flow(call, Kind.UNSIZED);
          }
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
          String piece = "x".repeat(100_000);
          for (int i = 0; i < 1000; i++) {
            call.write(piece);
          }
        });
    TestClient client = reading();
    pools.silent("a");
    pools.serve("b");
    aWhilePasses(silence);
    assertThat(seen.outcomes).isEmpty();
    client.abort();
  }

  @Test
  void a_response_that_stops_raises_a_suspicion() {
    start(two());
    stream(Kind.EVENTS);
    Await.until("silence is told", () -> seen.troubles.contains(Trouble.SILENT));
    assertThat(seen.details).contains("a response has stopped");
    next.add(LAST);
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.COMPLETED);
  }

  /** Judged DOWN by silence a little after that time. */
  private TestPools.Builder silentAfter(Duration time) {
    HealthSettings health = HealthSettings.DEFAULT;
    return two()
        .drain(LONG)
        .health(
            TestSettings.health(
                health.check(),
                Duration.ofSeconds(2),
                Duration.ofMillis(50),
                Duration.ofSeconds(1),
                time,
                3,
                2));
  }

  // ------------------------------------------------------------ we stop

  @Test
  void when_we_stop_all_else_may_finish_for_as_long_and_is_then_broken_off() {
    start(two().drain(LONG));
    TestClient client = stream(Kind.SIZED);
    stop(SHORT.multipliedBy(2));
    isEnded(client, Kind.SIZED, RequestEnd.STOPPING);
    lastedFor(SHORT.multipliedBy(2));
  }
}
