package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.event.ReplicaEvent;
import dev.understudy.fairness.ClientNetwork;
import dev.understudy.statistics.StatisticsThread;
import dev.understudy.testing.Await;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.RawClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** How many streams are open, of either kind, and how they end. */
class StreamSlotsTest extends OnSharedServer {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final ClientNetwork CLIENT = new ClientNetwork("192.0.2.1");

  enum Kind {
    EVENTS,
    OVERVIEW;

    private StreamSlots slots() {
      return this == EVENTS ? streams().slots() : feed().slots();
    }

    private Flux<?> open() {
      return this == EVENTS ? streams().open(CLIENT, null, null) : feed().stream(CLIENT);
    }

    private String path() {
      return this == EVENTS ? "/api/events/stream" : "/api/overview/stream";
    }

    private StreamClient begun(String from) {
      return begun(new RawClient(server.managementPort(), from));
    }

    private StreamClient begun(RawClient raw) {
      StreamClient client = new StreamClient(raw, path());
      client.next(this == EVENTS ? ":understudy" : "event: overview");
      return client;
    }
  }

  private final List<StreamClient> clients = new ArrayList<>();

  @AfterEach
  void close() {
    clients.forEach(StreamClient::close);
  }

  private static EventStreams streams() {
    return server.context().getBean(EventStreams.class);
  }

  private static OverviewFeed feed() {
    return server.context().getBean(OverviewFeed.class);
  }

  /** As many as there may be, from that address. */
  private void openAll(Kind kind, String from) {
    for (int i = 0; i < kind.slots().max(); i++) {
      clients.add(kind.begun(from));
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_reader_that_goes_away_leaves_nothing_behind(Kind kind) {
    int listeners = server.events.listeners();
    StreamClient open = kind.begun("127.0.0.1");
    assertThat(kind.slots().active()).isOne();
    open.close();
    // A closed socket is noticed on the next write at the latest.
    Await.until("the stream has ended", () -> kind.slots().active() == 0);
    assertThat(server.events.listeners()).isEqualTo(listeners);
  }

  @ParameterizedTest
  @EnumSource
  void too_many_streams_are_a_503_that_says_when_to_come_back(Kind kind) {
    openAll(kind, "127.0.0.1");
    HttpResponse<String> response = server.get(kind.path());
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("Retry-After")).contains("10");
  }

  @Test
  void a_client_elsewhere_gets_a_stream_of_one_that_has_them_all() {
    openAll(Kind.OVERVIEW, "127.0.0.2");
    try (StreamClient other = Kind.OVERVIEW.begun("127.0.0.3")) {
      other.next("event: delta");
    }
    // The last chunk of the newest.
    assertThat(clients.getLast().raw().readUntil("\r\n0\r\n\r\n")).isNotEmpty();
    clients.getFirst().next("event: delta");
  }

  @Test
  void many_clients_at_once_get_a_stream_or_a_503_and_nothing_else() {
    int max = EventStreams.Limits.DEFAULT.streams();
    List<String> statuses = new ArrayList<>();
    try (LogCapture log = LogCapture.of("org.springframework", Kind.EVENTS.path())) {
      for (int i = 0; i < 3 * max; i++) {
        clients.add(new StreamClient(server, Kind.EVENTS.path(), "Connection: close"));
      }
      clients.forEach(each -> statuses.add(each.raw().readUntil("\r\n").strip()));
      assertThat(statuses.stream().filter("HTTP/1.1 200 OK"::equals)).hasSize(max);
      assertThat(statuses.stream().filter("HTTP/1.1 503 Service Unavailable"::equals))
          .hasSize(2 * max);
      assertThat(log.events()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_slow_reader_is_cut_off(Kind kind) {
    // About as large as a document of an event may be.
    List<String> large = Collections.nCopies(15, "x".repeat(4_000));
    RawClient slow = RawClient.slow(server.managementPort(), false);
    StreamClient reader = kind.begun(slow);
    clients.add(reader);
    // More than the buffers of ours and of the kernel hold.
    Await.until(
        "the stream has ended",
        () -> {
          for (int i = 0; i < 20; i++) {
            // An overview has the name of the file.
            String file = kind == Kind.OVERVIEW ? String.join("", large) + i : "g.yaml";
            server.events.add(
                new ReplicaEvent.ConfigurationApplied(file, large, List.of(), List.of(), "large"));
            tick();
          }
          return kind.slots().active() == 0;
        });
    slow.readFast();
    while (!slow.isEnded()) {
      // More was on its way; without an end the socket's time-out would be one.
    }
  }

  private static void tick() {
    var thread = server.context().getBean(StatisticsThread.class);
    CompletableFuture.runAsync(feed()::tick, thread::execute).join();
  }

  @ParameterizedTest
  @EnumSource
  void a_stop_ends_streams_and_none_is_opened_until_a_new_start(Kind kind) {
    var ended = new CountDownLatch(1);
    Disposable open = kind.open().doOnComplete(ended::countDown).subscribe();
    kind.slots().stop();
    try {
      Await.open("the end of the stream", ended);
      assertThatThrownBy(() -> kind.open().blockFirst(DEADLINE))
          .isInstanceOf(ProblemDocument.class);
    } finally {
      open.dispose();
      kind.slots().start();
    }
    assertThat(kind.open().blockFirst(DEADLINE)).isNotNull();
  }

  @Test
  void a_stream_has_a_slot_while_somebody_reads_it() {
    var limits = new EventStreams.Limits(1, 8, Duration.ofHours(1), Duration.ofHours(1));
    EventStreams streams = new EventStreams(server.history, limits);
    assertThat(streams.open(CLIENT, null, null)).isNotNull();
    assertThat(streams.slots().active()).as("nobody reads").isZero();

    Disposable first = streams.open(CLIENT, null, null).subscribe();
    assertThatThrownBy(() -> streams.open(CLIENT, null, null).blockFirst(DEADLINE))
        .isInstanceOf(ProblemDocument.class);
    first.dispose();
    Disposable second = streams.open(CLIENT, null, null).subscribe();
    assertThat(streams.slots().active()).as("it was given up").isOne();
    second.dispose();
  }
}
