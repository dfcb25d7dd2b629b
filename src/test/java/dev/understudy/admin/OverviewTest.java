package dev.understudy.admin;

import static dev.understudy.testing.Json.assertHas;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.ReplicaEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.testing.Await;
import dev.understudy.testing.Rows;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The overview, as a document and as a stream, over real sockets. */
class OverviewTest extends OnSharedServer {
  private static StreamClient stream() {
    return new StreamClient(server, "/api/overview/stream");
  }

  /** The data of the next event, which has that name. */
  private static JsonNode next(StreamClient reader, String name) {
    assertThat(reader.next("event:")).isEqualTo(name);
    return reader.data();
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

  @Rows(
      """
      ``                         | replica now version startedAt sequence intervalMillis totals config agreement checks alarms pools
      /totals                    | pools well degraded nobody requestsPerSecond errorsPerSecond inFlight held tunnels clientConnections
      /config                    | file appliedAt fingerprint rejected problems
      /agreement                 | mode replicas inTouch contact
      /checks                    | servers late oldest stretch
      /pools/0                   | name mode condition severity cause twoPrimaries maintenance serving epoch since reason held retriesPerSecond requestsPerSecond errorsPerSecond p99Millis checks servers
      /pools/0/servers/0         | name url rank status state serving usable circuitOpen requestsPerSecond responses p50Millis p99Millis bytesInPerSecond bytesOutPerSecond inFlight maxRequests queued retries tunnels sessions checksFailed downtimeSeconds lastProbe checks minutes
      /pools/0/servers/0/responses | 1xx 2xx 3xx 4xx 5xx none
      /pools/0/servers/0/lastProbe | at tookMillis outcome detail
      """)
  void the_document_has_every_field_that_the_console_reads(String of, String names) {
    assertThat(document().at(of).propertyNames()).containsExactly(names.split(" "));
  }

  @Test
  void pools_come_worst_first_with_their_cause() {
    JsonNode document = document();

    assertHas(
        document,
        """
        {version: "1.2.3", startedAt: "2026-11-21T18:00:00Z", intervalMillis: 1000,
         agreement: {mode: "standalone", replicas: 1, inTouch: 1, contact: true},
         checks: {servers: 6, late: 2, stretch: 1.95},
         pools: [
           {name: "reports", mode: "balance", condition: "degraded", severity: 2,
            servers: [{serving: true}, {}]},
           {name: "sense", condition: "well", cause: null, serving: "sen2",
            servers: [{maxRequests: null}, {maxRequests: 500}]}]}
        """);
    assertThat(document.at("/pools/0/cause").asString())
        .startsWith("server rep2 (master) DOWN")
        .endsWith("rep1 serves");
    assertThat(document.at("/pools/1/servers/0/minutes").asString()).hasSize(60).endsWith("S");
  }

  @Test
  void requests_of_late_become_rates() {
    document();
    server.totals.add("r", FakeMonitor.SENSE, FakeMonitor.MASTER, 2, 1000);

    JsonNode document = fresh();

    JsonNode master = document.at("/pools/1/servers/0");
    assertThat(document.at("/totals/requestsPerSecond").asDouble()).isPositive();
    assertThat(document.at("/pools/1/requestsPerSecond").asDouble()).isPositive();
    assertThat(master.at("/responses/2xx")).isEqualTo(master.path("requestsPerSecond"));
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
  void a_stream_begins_with_everything_and_goes_on_with_what_changed() {
    try (StreamClient reader = stream()) {
      JsonNode whole = next(reader, "overview");
      assertThat(whole.path("pools")).hasSize(2);

      server.monitor.move(FakeMonitor.BACKUP, SwitchReason.HEALTH_CHECK_FAILED, "status 503");
      JsonNode delta = next(reader, "delta");

      assertThat(delta.path("sequence").asLong()).isEqualTo(whole.path("sequence").asLong() + 1);
      assertThat(delta.propertyNames())
          .containsExactly("sequence", "now", "totals", "pools", "removed", "probes");
      // The balance pool's cause says since when a server is DOWN, which may have changed.
      JsonNode sense =
          delta
              .path("pools")
              .valueStream()
              .filter(pool -> pool.path("name").asString().equals("sense"))
              .findFirst()
              .orElseThrow();
      assertHas(sense, "{serving: \"sen1\", condition: \"degraded\"}");
      assertHas(delta, "{totals: {degraded: 2}}");
    }
  }

  @Test
  void each_interval_has_an_event_even_if_nothing_changed() {
    try (StreamClient reader = stream()) {
      Instant before = Instant.parse(next(reader, "overview").path("now").asString());
      for (int i = 0; i < 2; i++) {
        Instant now = Instant.parse(next(reader, "delta").path("now").asString());
        assertThat(now).isAfter(before);
        before = now;
      }
    }
  }

  @Test
  void a_stream_has_the_applied_file_and_not_the_replicas_that_did_not_change() {
    try (StreamClient reader = stream()) {
      next(reader, "overview");
      server.events.add(
          new ReplicaEvent.ConfigurationRejected("gateway.yaml", List.of("one", "two"), "refused"));
      JsonNode delta = next(reader, "delta");

      assertHas(delta, "{config: {rejected: true, problems: 2, fingerprint: \"0123456789ab\"}}");
      assertThat(delta.has("agreement")).isFalse();
    }
  }
}
