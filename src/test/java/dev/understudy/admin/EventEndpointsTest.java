package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.history.ServingPeriod;
import dev.understudy.monitor.Event;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Events and timelines, read over a real port. */
class EventEndpointsTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

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
  }

  @Test
  void events_come_oldest_first_with_all_they_know() {
    server.monitor.move(FakeMonitor.BACKUP, SwitchReason.HEALTH_CHECK_FAILED, "status 503");
    server.monitor.move(FakeMonitor.MASTER, SwitchReason.FAILBACK, "2 good probes in a row");

    JsonNode document = server.json("/api/events");
    JsonNode events = document.path("events");

    assertThat(document.path("history").asString()).isEqualTo(server.history.name());
    assertThat(events.size()).isEqualTo(2);
    JsonNode first = events.path(0);
    assertThat(events.path(1).path("id").asLong()).isEqualTo(first.path("id").asLong() + 1);
    assertThat(first.path("type").asString()).isEqualTo("switched");
    assertThat(first.path("pool").asString()).isEqualTo("sense");
    assertThat(first.path("from").asString()).isEqualTo("sen2");
    assertThat(first.path("to").asString()).isEqualTo("sen1");
    assertThat(first.path("reason").asString()).isEqualTo("HEALTH_CHECK_FAILED");
    assertThat(first.path("epoch").asLong()).isEqualTo(2);
    assertThat(first.path("decidedBy").asString()).isEqualTo("proxy-2");
    assertThat(first.path("tookMillis").asDouble()).isEqualTo(760);
    assertThat(first.path("message").asString()).contains("sen1 serves instead of sen2");
    assertThat(events.path(1).path("reason").asString()).isEqualTo("FAILBACK");
  }

  @Test
  void events_can_be_limited_to_the_newest() {
    for (int i = 1; i <= 5; i++) {
      server.events.add(
          new Event.ConfigurationApplied(
              "gateway.yaml", List.of(), List.of(), List.of(), "file " + i));
    }

    JsonNode events = server.json("/api/events?limit=2").path("events");

    assertThat(events.findValuesAsString("message")).containsExactly("file 4", "file 5");
  }

  @Test
  void events_can_be_one_pools() {
    server.events.add(
        new Event.ConfigurationApplied("gateway.yaml", List.of(), List.of(), List.of(), "applied"));
    server.monitor.move(FakeMonitor.BACKUP, SwitchReason.OPERATOR, "an operator switched");

    assertThat(server.json("/api/events?pool=sense").path("events").size()).isEqualTo(1);
    assertThat(server.json("/api/events?pool=reports").path("events").size()).isZero();
  }

  @Test
  void a_mistyped_pool_is_answered_with_the_nearest_one() {
    for (String path : List.of("/api/events?pool=sens", "/api/pools/sens")) {
      HttpResponse<String> response = server.get(path);
      assertThat(response.statusCode()).isEqualTo(404);
      assertThat(AdminServer.json(response).path("detail").asString())
          .isEqualTo("There is no pool 'sens'; did you mean 'sense'?");
    }
  }

  @Test
  void events_of_a_pool_that_never_was_are_a_404_and_those_of_one_that_is_gone_are_shown() {
    HttpResponse<String> unknown = server.get("/api/events?pool=gone");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(AdminServer.json(unknown).path("detail").asString())
        .isEqualTo("There is no pool 'gone'.");

    server.events.add(new Event.Pinned(new PoolId("gone"), null, null, "no longer pinned"));
    assertThat(server.json("/api/events?pool=gone").path("events").size()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=0",
        "limit=1001",
        "limit=many",
        "limit=",
        "pool=No_Label",
        "format=xml",
        "format=",
        "since=yesterday",
        "since=",
        "since=15",
        "since=1234567d",
        "since=2026-11-21"
      })
  void a_query_that_makes_no_sense_is_a_400_that_says_what_is_expected(String query) {
    HttpResponse<String> response = server.get("/api/events?" + query);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(AdminServer.json(response).path("detail").asString()).contains("expected");
  }

  @Test
  void events_since_a_time_are_shown() {
    server.monitor.move(FakeMonitor.BACKUP, SwitchReason.OPERATOR, "an operator switched");
    Instant between = server.events.newest(null, 1).getFirst().at().plusNanos(1_000);
    while (!Instant.now().isAfter(between)) {
      Thread.onSpinWait();
    }
    server.events.add(
        new Event.ConfigurationApplied("gateway.yaml", List.of(), List.of(), List.of(), "applied"));

    assertThat(types("since=" + between)).containsExactly("configuration-applied");
    assertThat(types("since=" + between.plus(Duration.ofDays(1)))).isEmpty();
    assertThat(types("since=15m")).containsExactly("switched", "configuration-applied");
    assertThat(types("since=1d&limit=1")).containsExactly("configuration-applied");
    assertThat(types("since=0s")).isEmpty();
  }

  private static List<String> types(String query) {
    return server.json("/api/events?" + query).path("events").findValuesAsString("type");
  }

  @Test
  void a_pool_without_events_since_then_is_not_unknown() {
    server.events.add(new Event.Pinned(new PoolId("gone"), null, null, "no longer pinned"));

    assertThat(server.get("/api/events?pool=gone&since=0s").statusCode()).isEqualTo(200);
  }

  @Test
  void as_text_each_event_is_a_line_with_its_time_in_utc() {
    server.monitor.move(FakeMonitor.BACKUP, SwitchReason.OPERATOR, "an operator switched");
    server.events.add(
        new Event.ConfigurationApplied(
            "g.yaml",
            List.of(),
            List.of(),
            List.of(),
            "applied; pool shop: health.interval 2s → 1s"));

    HttpResponse<String> response = server.get("/api/events?format=text");

    assertThat(response.headers().firstValue("Content-Type")).contains("text/plain;charset=UTF-8");
    String time = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z";
    assertThat(response.body())
        .matches(
            time
                + "  sense  switched  sense: sen1 serves instead of sen2: an operator switched\n"
                + time
                + "  -  configuration-applied  applied; pool shop: health.interval 2s → 1s\n");
  }

  @Test
  void no_text_of_a_server_can_forge_a_line_or_command_a_terminal() {
    server.events.add(
        new Event.CircuitChanged(
            FakeMonitor.SENSE, new ServerId("sen1"), true, "a\nb\rc\u001b[2Jd\u009be\u2028f"));

    assertThat(server.get("/api/events?format=text").body())
        .endsWith("  circuit-changed  a\\u000ab\\u000dc\\u001b[2Jd\\u009be\\u2028f\n");
  }

  @Test
  void as_text_nothing_is_nothing() {
    HttpResponse<String> response = server.get("/api/events?format=text");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
  }

  private static ServingPeriod segment(boolean known, String serving, long from, long to) {
    return new ServingPeriod(
        known,
        serving,
        NOON.plusSeconds(from),
        NOON.plusSeconds(to),
        known ? "OPERATOR" : null,
        3,
        known ? "an operator switched" : null,
        known ? "alice" : null,
        known ? "upgrade" : null);
  }

  @Test
  void the_timeline_of_a_pool_says_who_served_from_when_to_when_and_why() {
    server.history.timeline(
        FakeMonitor.SENSE, segment(true, "sen2", 0, 10), segment(false, null, 10, 20));

    JsonNode document = server.json("/api/pools/sense/timeline");

    assertThat(document.path("pool").asString()).isEqualTo("sense");
    Instant from = Instant.parse(document.path("from").asString());
    Instant to = Instant.parse(document.path("to").asString());
    assertThat(Duration.between(from, to)).isEqualTo(Duration.ofMinutes(60));
    assertThat(document.path("segments"))
        .isEqualTo(
            AdminServer.JSON.readTree(
                """
                [ { "known": true, "serving": "sen2",
                    "from": "2026-11-21T12:00:00Z", "to": "2026-11-21T12:00:10Z",
                    "reason": "OPERATOR", "epoch": 3, "evidence": "an operator switched",
                    "operator": "alice", "operatorReason": "upgrade" },
                  { "known": false, "serving": null,
                    "from": "2026-11-21T12:00:10Z", "to": "2026-11-21T12:00:20Z",
                    "reason": null, "epoch": 3, "evidence": null,
                    "operator": null, "operatorReason": null } ]
                """));
  }

  @Test
  void the_timelines_of_all_failover_pools_are_short() {
    server.history.timeline(
        FakeMonitor.SENSE,
        segment(true, "sen1", 0, 10),
        segment(false, null, 10, 20),
        segment(true, null, 20, 30),
        segment(true, "removed", 30, 40));

    JsonNode document = server.json("/api/timelines?minutes=1440");

    Instant from = Instant.parse(document.path("from").asString());
    Instant to = Instant.parse(document.path("to").asString());
    assertThat(Duration.between(from, to)).isEqualTo(Duration.ofDays(1));
    List<String> servers =
        server.json("/api/pools/sense").path("servers").findValuesAsString("name");
    long noon = NOON.toEpochMilli();
    assertThat(document.path("pools"))
        .isEqualTo(
            AdminServer.JSON.readTree(
                "{\"sense\":[[%d,%d],[-1,%d],[null,%d],[\"removed\",%d]]}"
                    .formatted(
                        servers.indexOf("sen1"),
                        noon,
                        noon + 10_000,
                        noon + 20_000,
                        noon + 30_000)));
  }

  @Test
  void no_segment_is_too_short_for_the_timelines() {
    Instant flap = NOON.plusNanos(500_000);
    server.history.timeline(
        FakeMonitor.SENSE,
        segment(true, "sen1", 0, 10),
        new ServingPeriod(true, "sen2", NOON, flap, null, 3, null, null, null),
        new ServingPeriod(true, "sen1", flap, NOON.plusSeconds(9), null, 4, null, null, null));

    assertThat(server.json("/api/timelines").path("pools").path("sense").size()).isEqualTo(3);
  }

  @Test
  void a_pool_that_does_not_exist_has_no_timeline() {
    assertThat(server.get("/api/pools/gone/timeline").statusCode()).isEqualTo(404);
    assertThat(server.get("/api/pools/No_Label/timeline").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/timelines?minutes=0",
        "/api/timelines?minutes=1441",
        "/api/pools/sense/timeline?minutes=all",
        "/api/pools/sense/timeline?minutes="
      })
  void minutes_out_of_range_are_a_400_that_says_the_range(String path) {
    HttpResponse<String> response = server.get(path);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(AdminServer.json(response).path("detail").asString())
        .startsWith("minutes: expected a number from 1 to 1440, found '");
  }
}
