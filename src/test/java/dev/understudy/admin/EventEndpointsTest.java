package dev.understudy.admin;

import static dev.understudy.testing.Json.assertHas;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.event.ServerEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.history.ServingPeriod;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Rows;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Events and timelines, read over a real port. */
class EventEndpointsTest extends OnSharedServer {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  private static void applied(String message) {
    server.events.add(
        new ReplicaEvent.ConfigurationApplied(
            "gateway.yaml", List.of(), List.of(), List.of(), message));
  }

  private static JsonNode events(String query) {
    return server.json("/api/events" + query).path("events");
  }

  @Test
  void events_come_oldest_first_with_all_they_know() {
    server.monitor.move(FakeMonitor.BACKUP, SwitchReason.HEALTH_CHECK_FAILED, "status 503");
    server.monitor.move(FakeMonitor.MASTER, SwitchReason.FAILBACK, "2 good probes in a row");

    JsonNode document = server.json("/api/events");
    assertHas(
        document,
        """
        {events: [{type: "switched", pool: "sense", from: "sen2", to: "sen1",
           reason: "HEALTH_CHECK_FAILED", epoch: 2, decidedBy: "proxy-2", tookMillis: 760.0,
           message: "sense: sen1 serves instead of sen2: status 503"}, {reason: "FAILBACK"}]}
        """);
    assertThat(document.path("history").asString()).isEqualTo(server.history.name());
    assertThat(document.at("/events/1/id").asLong())
        .isEqualTo(document.at("/events/0/id").asLong() + 1);
  }

  @Test
  void events_can_be_limited_to_the_newest_and_to_one_pool() {
    applied("file 1");
    applied("file 2");
    applied("file 3");
    assertThat(events("?limit=2").findValuesAsString("message"))
        .containsExactly("file 2", "file 3");

    server.monitor.move(FakeMonitor.BACKUP, SwitchReason.OPERATOR, "an operator switched");
    assertThat(events("?pool=sense")).hasSize(1);
    assertThat(events("?pool=reports")).isEmpty();
  }

  @Test
  void events_of_a_pool_that_is_gone_are_shown_also_if_it_has_none_since_then() {
    assertThat(server.get("/api/events?pool=gone").statusCode()).isEqualTo(404);

    server.events.add(new Event.Pinned(new PoolId("gone"), null, null, "no longer pinned"));
    assertThat(events("?pool=gone")).hasSize(1);
    assertThat(server.get("/api/events?pool=gone&since=0s").statusCode()).isEqualTo(200);
  }

  @Rows(
      """
      /api/pools/nobody             | 404 | no pool
      /api/pools/No_Label           | 404 | no pool
      /api/pools/%F0%9F%A6%8A       | 404 | no pool
      /api/pools/sence/rates        | 404 | There is no pool 'sence'; did you mean 'sense'?
      /api/pools/sense/servers/sen2/hooks/promote | 404 | ``
      /api/pools/sense/servers/sen2/hooks/other   | 404 | ``
      /api/pools/sense/servers/sen9/hooks/demote  | 404 | ``
      /api/pools/nope/servers/sen2/hooks/demote   | 404 | ``
      /api/routes?part=x            | 400 | part: expected all or rates, found 'x'.
      /api/events?pool=gone                | 404 | There is no pool 'gone'; there are reports, sense.
      /api/events?pool=sens                | 404 | There is no pool 'sens'; did you mean 'sense'?
      /api/pools/sens                      | 404 | There is no pool 'sens'; did you mean 'sense'?
      /api/pools/gone/timeline             | 404 | There is no pool 'gone'
      /api/pools/No_Label/timeline         | 404 | There is no pool 'No_Label'
      /api/events?limit=0                  | 400 | expected
      /api/events?limit=1001               | 400 | expected
      /api/events?limit=many               | 400 | expected
      /api/events?limit=                   | 400 | expected
      /api/events?pool=No_Label            | 400 | expected
      /api/events?format=xml               | 400 | expected
      /api/events?format=                  | 400 | expected
      /api/events?since=yesterday          | 400 | expected
      /api/events?since=                   | 400 | expected
      /api/events?since=15                 | 400 | expected
      /api/events?since=1234567d           | 400 | expected
      /api/events?since=2026-11-21         | 400 | expected
      /api/timelines?minutes=0             | 400 | minutes: expected a number from 1 to 1440, found '0'
      /api/timelines?minutes=1441          | 400 | minutes: expected a number from 1 to 1440, found '1441'
      /api/pools/sense/timeline?minutes=all | 400 | minutes: expected a number from 1 to 1440, found 'all'
      /api/pools/sense/timeline?minutes=   | 400 | minutes: expected a number from 1 to 1440, found ''
      """)
  void what_makes_no_sense_is_refused_with_what_is_expected(String path, int status, String said) {
    assertRefused(server.get(path), status, said);
  }

  @Test
  void events_since_a_time_are_shown() {
    server.monitor.move(FakeMonitor.BACKUP, SwitchReason.OPERATOR, "an operator switched");
    Instant between = server.events.newest(null, 1).getFirst().at().plusNanos(1_000);
    while (!Instant.now().isAfter(between)) {
      Thread.onSpinWait();
    }
    applied("applied");

    assertThat(types("since=" + between)).containsExactly("configuration-applied");
    assertThat(types("since=" + between.plus(Duration.ofDays(1)))).isEmpty();
    assertThat(types("since=15m")).containsExactly("switched", "configuration-applied");
    assertThat(types("since=1d&limit=1")).containsExactly("configuration-applied");
    assertThat(types("since=0s")).isEmpty();
  }

  private static List<String> types(String query) {
    return events("?" + query).findValuesAsString("type");
  }

  @Test
  void as_text_each_event_is_a_line_with_its_time_in_utc_which_no_server_can_forge() {
    HttpResponse<String> none = server.get("/api/events?format=text");
    assertThat(none.statusCode()).isEqualTo(200);
    assertThat(none.body()).isEmpty();

    server.monitor.move(FakeMonitor.BACKUP, SwitchReason.OPERATOR, "an operator switched");
    applied("applied; pool shop: health.interval 2s → 1s");
    server.events.add(
        new ServerEvent.CircuitChanged(
            FakeMonitor.SENSE, new ServerId("sen1"), true, "a\nb\rc\u001b[2Jd\u009be\u2028f"));

    HttpResponse<String> response = server.get("/api/events?format=text");
    assertThat(response.headers().firstValue("Content-Type")).contains("text/plain;charset=UTF-8");
    assertThat(
            response
                .body()
                .replaceAll("(?m)^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}[.][0-9]{3}Z", "T"))
        .isEqualTo(
            """
            T  sense  switched  sense: sen1 serves instead of sen2: an operator switched
            T  -  configuration-applied  applied; pool shop: health.interval 2s → 1s
            T  sense  circuit-changed  a\\u000ab\\u000dc\\u001b[2Jd\\u009be\\u2028f
            """);
  }

  private static Duration length(JsonNode document) {
    return Duration.between(
        Instant.parse(document.path("from").asString()),
        Instant.parse(document.path("to").asString()));
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
    assertThat(length(document)).isEqualTo(Duration.ofMinutes(60));
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

    assertThat(length(document)).isEqualTo(Duration.ofDays(1));
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
}
