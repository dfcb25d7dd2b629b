package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.failover.SwitchReason;
import dev.understudy.fairness.ClientNetwork;
import dev.understudy.monitor.Event;
import dev.understudy.statistics.StatisticsThread;
import dev.understudy.testing.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import tools.jackson.databind.JsonNode;

/** The overview, as a document and as a stream, over real sockets. */
class OverviewTest {
  private static final int TIMEOUT_MILLIS = 20_000;

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
    Await.until("no stream is open", () -> feed().slots().active() == 0);
  }

  private static OverviewFeed feed() {
    return server.context().getBean(OverviewFeed.class);
  }

  /** A reader of the raw stream. */
  private static final class Reader implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader lines;

    Reader() throws IOException {
      this("127.0.0.1");
    }

    Reader(String from) throws IOException {
      socket =
          new Socket(
              InetAddress.getLoopbackAddress(),
              server.managementPort(),
              InetAddress.getByName(from),
              0);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket
          .getOutputStream()
          .write(
              "GET /api/overview/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The data of the next event, which has that name. */
    JsonNode next(String name) throws IOException {
      assertThat(line("event: ")).isEqualTo(name);
      return AdminServer.JSON.readTree(line("data: "));
    }

    private String line(String prefix) throws IOException {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(prefix)) {
          return line.substring(prefix.length());
        }
      }
      throw new IOException("the stream ended before '" + prefix + "'");
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static List<String> names(JsonNode object) {
    return new ArrayList<>(object.propertyNames());
  }

  private static JsonNode document() {
    HttpResponse<String> response = server.get("/api/overview");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    return AdminServer.json(response);
  }

  /** One that was made after this call. */
  private static JsonNode fresh() {
    long sequence = document().path("sequence").asLong();
    JsonNode[] next = new JsonNode[1];
    Await.until(
        "the next overview",
        () -> {
          next[0] = document();
          return next[0].path("sequence").asLong() > sequence;
        });
    return next[0];
  }

  @Test
  void the_document_has_every_field_that_the_console_reads() {
    JsonNode document = document();

    assertThat(names(document))
        .containsExactly(
            "replica",
            "now",
            "version",
            "startedAt",
            "sequence",
            "intervalMillis",
            "totals",
            "config",
            "agreement",
            "alarms",
            "pools");
    assertThat(document.path("version").asString()).isEqualTo("1.2.3");
    assertThat(document.path("startedAt").asString()).isEqualTo("2026-11-21T18:00:00Z");
    assertThat(document.path("intervalMillis").asInt()).isEqualTo(1000);
    assertThat(names(document.path("totals")))
        .containsExactly(
            "pools",
            "well",
            "degraded",
            "nobody",
            "requestsPerSecond",
            "errorsPerSecond",
            "inFlight",
            "held",
            "tunnels",
            "clientConnections");
    assertThat(names(document.path("config")))
        .containsExactly("file", "appliedAt", "fingerprint", "rejected", "problems");
    assertThat(document.path("agreement").toString())
        .isEqualTo("{\"mode\":\"standalone\",\"replicas\":1,\"inTouch\":1,\"contact\":true}");
    JsonNode pool = document.path("pools").get(0);
    assertThat(names(pool))
        .containsExactly(
            "name",
            "mode",
            "condition",
            "severity",
            "cause",
            "twoPrimaries",
            "maintenance",
            "serving",
            "epoch",
            "since",
            "reason",
            "held",
            "retriesPerSecond",
            "requestsPerSecond",
            "errorsPerSecond",
            "p99Millis",
            "servers");
    JsonNode first = pool.path("servers").get(0);
    assertThat(names(first))
        .containsExactly(
            "name",
            "url",
            "rank",
            "status",
            "state",
            "serving",
            "usable",
            "circuitOpen",
            "requestsPerSecond",
            "responses",
            "p50Millis",
            "p99Millis",
            "bytesInPerSecond",
            "bytesOutPerSecond",
            "inFlight",
            "maxRequests",
            "queued",
            "retries",
            "tunnels",
            "sessions",
            "checksFailed",
            "downtimeSeconds",
            "lastProbe",
            "minutes");
    assertThat(names(first.path("responses")))
        .containsExactly("1xx", "2xx", "3xx", "4xx", "5xx", "none");
    assertThat(names(first.path("lastProbe")))
        .containsExactly("at", "tookMillis", "outcome", "detail");
  }

  @Test
  void pools_come_worst_first_with_their_cause() {
    JsonNode pools = document().path("pools");

    JsonNode worst = pools.get(0);
    assertThat(worst.path("name").asString()).isEqualTo("reports");
    assertThat(worst.path("mode").asString()).isEqualTo("balance");
    assertThat(worst.path("condition").asString()).isEqualTo("degraded");
    assertThat(worst.path("severity").asInt()).isEqualTo(2);
    assertThat(worst.path("cause").asString())
        .startsWith("rep2 (master) DOWN")
        .endsWith("rep1 serves");
    assertThat(worst.path("servers").get(0).path("serving").asBoolean()).isTrue();
    JsonNode well = pools.get(1);
    assertThat(well.path("condition").asString()).isEqualTo("well");
    assertThat(well.path("cause").isNull()).isTrue();
    assertThat(well.path("serving").asString()).isEqualTo("sen2");
    assertThat(well.path("servers").get(0).path("maxRequests").isNull()).isTrue();
    assertThat(well.path("servers").get(1).path("maxRequests").asInt()).isEqualTo(500);
    assertThat(well.path("servers").get(0).path("minutes").asString()).hasSize(60).endsWith("S");
  }

  @Test
  void requests_of_late_become_rates() {
    document();
    server.totals.add("r", FakeMonitor.SENSE, FakeMonitor.MASTER, 2, 1000);

    JsonNode document = fresh();

    JsonNode sense = document.path("pools").get(1);
    JsonNode master = sense.path("servers").get(0);
    assertThat(document.path("totals").path("requestsPerSecond").asDouble()).isPositive();
    assertThat(sense.path("requestsPerSecond").asDouble()).isPositive();
    assertThat(master.path("responses").path("2xx").asDouble())
        .isEqualTo(master.path("requestsPerSecond").asDouble());
    assertThat(master.path("p50Millis").asDouble()).isEqualTo(0.5);
  }

  @Test
  void many_readers_in_one_interval_share_one_document() {
    fresh();
    long sequence = document().path("sequence").asLong();
    long begin = System.nanoTime();
    long last = sequence;
    for (int i = 0; i < 50; i++) {
      last = document().path("sequence").asLong();
    }
    long intervals = 1 + Duration.ofNanos(System.nanoTime() - begin).toSeconds();
    assertThat(last - sequence).isLessThanOrEqualTo(intervals);
  }

  @Test
  void a_stream_begins_with_everything_and_goes_on_with_what_changed() throws IOException {
    try (Reader reader = new Reader()) {
      JsonNode whole = reader.next("overview");
      assertThat(whole.path("pools")).hasSize(2);

      server.monitor.move(FakeMonitor.BACKUP, SwitchReason.HEALTH_CHECK_FAILED, "status 503");
      JsonNode delta = reader.next("delta");

      assertThat(delta.path("sequence").asLong()).isEqualTo(whole.path("sequence").asLong() + 1);
      assertThat(names(delta))
          .containsExactly("sequence", "now", "totals", "pools", "removed", "probes");
      // The balance pool's cause says since when a server is DOWN, which may have changed.
      JsonNode changed = delta.path("pools").get(0);
      JsonNode sense =
          changed.path("name").asString().equals("sense") ? changed : delta.path("pools").get(1);
      assertThat(sense.path("serving").asString()).isEqualTo("sen1");
      assertThat(sense.path("condition").asString()).isEqualTo("degraded");
      assertThat(delta.path("totals").path("degraded").asInt()).isEqualTo(2);
    }
  }

  @Test
  void each_interval_has_an_event_even_if_nothing_changed() throws IOException {
    try (Reader reader = new Reader()) {
      Instant before = Instant.parse(reader.next("overview").path("now").asString());
      for (int i = 0; i < 2; i++) {
        Instant now = Instant.parse(reader.next("delta").path("now").asString());
        assertThat(now).isAfter(before);
        before = now;
      }
    }
  }

  @Test
  void a_stream_has_the_applied_file_and_the_replicas() throws IOException {
    try (Reader reader = new Reader()) {
      reader.next("overview");
      server.events.add(
          new Event.ConfigurationRejected("gateway.yaml", List.of("one", "two"), "refused"));
      JsonNode delta = reader.next("delta");

      assertThat(delta.path("config").path("rejected").asBoolean()).isTrue();
      assertThat(delta.path("config").path("problems").asInt()).isEqualTo(2);
      assertThat(delta.path("config").path("fingerprint").asString()).isEqualTo("0123456789ab");
      assertThat(delta.has("agreement")).isFalse();
    }
  }

  @Test
  void a_reader_that_goes_away_leaves_nothing_behind() throws IOException {
    try (Reader reader = new Reader()) {
      reader.next("overview");
      assertThat(feed().slots().active()).isOne();
    }
    Await.until("the stream has ended", () -> feed().slots().active() == 0);
  }

  @Test
  void too_many_streams_are_a_503_that_says_when_to_come_back() throws IOException {
    List<Reader> readers = new ArrayList<>();
    try {
      for (int i = 0; i < feed().slots().max(); i++) {
        Reader reader = new Reader();
        readers.add(reader);
        reader.next("overview");
      }
      HttpResponse<String> response = server.get("/api/overview/stream");

      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.headers().firstValue("Retry-After")).contains("10");
    } finally {
      for (Reader reader : readers) {
        reader.close();
      }
    }
    Await.until("all streams have ended", () -> feed().slots().active() == 0);
  }

  @Test
  void a_client_elsewhere_gets_a_stream_of_one_that_has_them_all() throws IOException {
    List<Reader> readers = new ArrayList<>();
    try {
      for (int i = 0; i < feed().slots().max(); i++) {
        Reader reader = new Reader("127.0.0.2");
        readers.add(reader);
        reader.next("overview");
      }
      try (Reader other = new Reader("127.0.0.3")) {
        other.next("overview");
        other.next("delta");
      }
      Reader newest = readers.get(readers.size() - 1);
      Await.until("the newest has ended", () -> newest.lines.readLine().equals("0"));
      readers.get(0).next("delta");
    } finally {
      for (Reader reader : readers) {
        reader.close();
      }
    }
    Await.until("all streams have ended", () -> feed().slots().active() == 0);
  }

  @Test
  void a_slow_reader_is_cut_off() throws IOException {
    String large = "x".repeat(64 * 1024);
    try (Reader reader = new Reader()) {
      reader.next("overview");
      // More than the buffers of ours and of the kernel hold.
      int[] count = {0};
      Await.until(
          "the stream has ended",
          () -> {
            server.events.add(
                new Event.ConfigurationApplied(
                    large + count[0]++, List.of(), List.of(), List.of(), "applied"));
            tick();
            return feed().slots().active() == 0;
          });
      InputStream in = reader.socket.getInputStream();
      assertThatThrownBy(
              () -> {
                while (in.read(new byte[8192]) >= 0) {
                  // What was on its way.
                }
                throw new IOException("the connection was closed");
              })
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(SocketTimeoutException.class);
    }
  }

  private static void tick() {
    var thread = server.context().getBean(StatisticsThread.class);
    CompletableFuture.runAsync(feed()::tick, thread::execute).join();
  }

  @Test
  void no_stream_is_opened_while_stopping_and_again_after_a_new_start() {
    feed().slots().stop();
    assertThatThrownBy(() -> feed().stream(CLIENT).blockFirst(Duration.ofMillis(TIMEOUT_MILLIS)))
        .isInstanceOf(ProblemDocument.class);

    feed().slots().start();

    assertThat(feed().stream(CLIENT).blockFirst(Duration.ofMillis(TIMEOUT_MILLIS))).isNotNull();
  }

  @Test
  void streams_end_when_the_port_stops() {
    var ended = new CountDownLatch(1);
    Disposable open = feed().stream(CLIENT).doOnComplete(ended::countDown).subscribe();
    feed().slots().stop();
    Await.open("the end of the stream", ended);
    open.dispose();
    feed().slots().start();
  }
}
