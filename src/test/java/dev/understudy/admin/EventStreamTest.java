package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.understudy.failover.SwitchReason;
import dev.understudy.fairness.ClientNetwork;
import dev.understudy.monitor.Event;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.RawClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.codec.ServerSentEvent;
import reactor.core.Disposable;

/** The live stream of events, over real sockets. */
class EventStreamTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private static final ClientNetwork CLIENT = new ClientNetwork("192.0.2.1");

  private static AdminServer server;

  @BeforeAll
  static void start() {
    server = new AdminServer();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void reset() {
    server.reset();
    await().atMost(DEADLINE).until(() -> streams().slots().active() == 0);
  }

  /** A client that reads lines of the raw answer. */
  private static final class Client implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader lines;

    Client(String query, @Nullable String lastEventId) throws IOException {
      socket = new Socket("127.0.0.1", server.managementPort());
      socket.setSoTimeout((int) DEADLINE.toMillis());
      String header = lastEventId == null ? "" : "Last-Event-ID: " + lastEventId + "\r\n";
      String request =
          "GET /api/events/stream" + query + " HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    String next(String prefix) throws IOException {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(prefix)) {
          return line.substring(prefix.length());
        }
      }
      throw new IOException("the stream ended before '" + prefix + "'");
    }

    /** The stream has begun: events from now on will come. */
    Client begun() throws IOException {
      next(":understudy");
      return this;
    }

    List<String> messages(int count) throws IOException {
      List<String> messages = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        messages.add(AdminServer.JSON.readTree(next("data:")).path("message").asString());
      }
      return messages;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static void event(String message) {
    server.events.add(
        new Event.ConfigurationApplied("gateway.yaml", List.of(), List.of(), List.of(), message));
  }

  private static EventStreams streams() {
    return server.context().getBean(EventStreams.class);
  }

  @Test
  void events_come_live_with_id_and_type() throws IOException {
    try (Client client = new Client("", null).begun()) {
      server.monitor.move(FakeMonitor.BACKUP, SwitchReason.HEALTH_CHECK_FAILED, "status 503");

      assertThat(client.next("id:")).matches("[0-9]+-[0-9]+");
      assertThat(client.next("event:")).isEqualTo("switched");
      assertThat(client.next("data:"))
          .contains("\"type\":\"switched\"")
          .contains("\"to\":\"sen1\"");
    }
  }

  @Test
  void without_an_id_only_what_is_to_come_is_sent() throws IOException {
    event("before");
    try (Client client = new Client("", null).begun()) {
      event("after");

      assertThat(client.messages(1)).containsExactly("after");
    }
  }

  @Test
  void with_the_last_id_what_was_missed_comes_first_and_nothing_twice() throws IOException {
    event("one");
    String id;
    try (Client client = new Client("?after=0", null)) {
      id = client.next("id:");
    }
    event("two");
    event("three");
    try (Client client = new Client("", id)) {
      assertThat(client.messages(2)).containsExactly("two", "three");
      event("four");
      assertThat(client.messages(1)).containsExactly("four");
    }
  }

  @Test
  void a_bare_number_is_one_of_this_history() throws IOException {
    event("one");
    event("two");
    long one = server.events.newest(null, 2).getFirst().id();
    try (Client client = new Client("?after=" + one, null)) {
      assertThat(client.messages(1)).containsExactly("two");
    }
  }

  @Test
  void an_id_of_another_history_gives_all_events() throws IOException {
    event("one");
    event("two");
    try (Client client = new Client("", "1234567890123-2")) {
      assertThat(client.messages(2)).containsExactly("one", "two");
    }
  }

  @Test
  void a_stream_can_be_one_pools() throws IOException {
    try (Client client = new Client("?pool=sense", null).begun()) {
      event("not the pool's");
      server.monitor.move(FakeMonitor.BACKUP, SwitchReason.OPERATOR, "an operator switched");

      assertThat(client.messages(1)).singleElement().asString().contains("sen1 serves");
    }
  }

  @Test
  void a_client_that_goes_away_leaves_nothing_behind() throws IOException {
    int before = server.events.listeners();
    try (Client client = new Client("", null).begun()) {
      assertThat(streams().slots().active()).isOne();
    }
    // A closed socket is noticed on the next write at the latest.
    await().atMost(DEADLINE).until(() -> streams().slots().active() == 0);
    assertThat(server.events.listeners()).isEqualTo(before);
  }

  @Test
  void too_many_streams_are_a_503_that_says_when_to_come_back() throws IOException {
    List<Client> clients = new ArrayList<>();
    try {
      for (int i = 0; i < EventStreams.Limits.DEFAULT.streams(); i++) {
        clients.add(new Client("", null).begun());
      }
      HttpResponse<String> response = server.get("/api/events/stream");

      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.headers().firstValue("Retry-After")).contains("10");
    } finally {
      for (Client client : clients) {
        client.close();
      }
    }
    await().atMost(DEADLINE).until(() -> streams().slots().active() == 0);
  }

  @Test
  void many_clients_at_once_get_a_stream_or_a_503_and_nothing_else() {
    int max = EventStreams.Limits.DEFAULT.streams();
    List<RawClient> clients = new ArrayList<>();
    List<String> statuses = new ArrayList<>();
    try (LogCapture log = LogCapture.of("org.springframework", "/api/events/stream")) {
      for (int i = 0; i < 3 * max; i++) {
        clients.add(new RawClient(server.managementPort()));
      }
      clients.forEach(
          each ->
              each.send(
                  "GET /api/events/stream HTTP/1.1\r\n"
                      + "Host: localhost\r\n"
                      + "Connection: close\r\n\r\n"));
      clients.forEach(each -> statuses.add(each.readUntil("\r\n").strip()));

      assertThat(statuses.stream().filter("HTTP/1.1 200 OK"::equals)).hasSize(max);
      assertThat(statuses.stream().filter("HTTP/1.1 503 Service Unavailable"::equals))
          .hasSize(2 * max);
      assertThat(log.events()).isEmpty();
    } finally {
      clients.forEach(RawClient::close);
    }
  }

  @Test
  void a_stream_that_nobody_reads_takes_no_slot() {
    EventStreams streams = new EventStreams(server.history, EventStreams.Limits.DEFAULT);

    assertThat(streams.open(CLIENT, null, null)).isNotNull();

    assertThat(streams.slots().active()).isZero();
  }

  @Test
  void a_slow_reader_is_cut_off() throws IOException {
    // About as large as a document may be.
    List<String> large = Collections.nCopies(15, "x".repeat(4_000));
    try (Client client = new Client("", null).begun()) {
      // More than buffers of ours and of the kernel hold.
      await()
          .atMost(DEADLINE)
          .pollInterval(Duration.ofMillis(1))
          .until(
              () -> {
                server.events.add(
                    new Event.ConfigurationApplied(
                        "gateway.yaml", large, List.of(), List.of(), "large"));
                return streams().slots().active() == 0;
              });
      InputStream in = client.socket.getInputStream();
      assertThatThrownBy(
              () -> {
                while (in.read(new byte[8192]) >= 0) {
                  // What was on its way.
                }
                throw new IOException("the connection was closed");
              })
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(java.net.SocketTimeoutException.class);
    }
  }

  @Test
  void a_quiet_stream_has_heartbeats() {
    var limits = new EventStreams.Limits(1, 8, Duration.ofMillis(20), Duration.ofHours(1));
    EventStreams streams = new EventStreams(server.history, limits);

    List<ServerSentEvent<String>> first =
        streams.open(CLIENT, null, null).take(3).collectList().block(DEADLINE);

    assertThat(first)
        .extracting(ServerSentEvent::comment)
        .containsExactly("understudy", "heartbeat", "heartbeat");
  }

  @Test
  void a_stream_ends_in_time_so_that_a_dead_reader_does_not_hold_it_for_ever() {
    var limits = new EventStreams.Limits(1, 8, Duration.ofHours(1), Duration.ofMillis(50));
    EventStreams streams = new EventStreams(server.history, limits);

    streams.open(CLIENT, null, null).blockLast(DEADLINE);

    assertThat(streams.slots().active()).isZero();
  }

  @Test
  void no_stream_is_opened_while_stopping_and_again_after_a_new_start() {
    EventStreams streams = new EventStreams(server.history, EventStreams.Limits.DEFAULT);
    streams.slots().stop();
    assertThatThrownBy(() -> streams.open(CLIENT, null, null).blockFirst(DEADLINE))
        .isInstanceOf(ProblemDocument.class);

    streams.slots().start();

    assertThat(streams.open(CLIENT, null, null).blockFirst(DEADLINE)).isNotNull();
  }

  @Test
  void a_stream_that_was_given_up_makes_room_for_another() {
    var limits = new EventStreams.Limits(1, 8, Duration.ofHours(1), Duration.ofHours(1));
    EventStreams streams = new EventStreams(server.history, limits);
    Disposable first = streams.open(CLIENT, null, null).subscribe();
    assertThatThrownBy(() -> streams.open(CLIENT, null, null).blockFirst(DEADLINE))
        .isInstanceOf(ProblemDocument.class);

    first.dispose();

    Disposable second = streams.open(CLIENT, null, null).subscribe();
    assertThat(streams.slots().active()).isOne();
    second.dispose();
  }
}
