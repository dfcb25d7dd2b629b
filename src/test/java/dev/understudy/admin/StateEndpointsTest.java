package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.Event;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The JSON documents, read over a real port. */
class StateEndpointsTest {
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
  void pools_come_by_name_with_the_time_of_the_document() {
    JsonNode document = server.json("/api/pools");

    assertThat(document.path("pools").findValuesAsString("mode"))
        .containsExactly("balance", "failover");
    assertThat(Instant.parse(document.path("now").asString())).isNotNull();
  }

  @Test
  void a_pool_shows_its_serving_server_since_when_and_why() {
    server.monitor.move(FakeMonitor.BACKUP, SwitchReason.HEALTH_CHECK_FAILED, "status 503");

    JsonNode pool = server.json("/api/pools/sense");

    assertThat(pool.path("serving").asString()).isEqualTo("sen1");
    assertThat(pool.path("epoch").asLong()).isEqualTo(2);
    assertThat(pool.path("reason").asString()).isEqualTo("HEALTH_CHECK_FAILED");
    assertThat(pool.path("reasonText").asString()).isEqualTo("health check failed");
    assertThat(pool.path("evidence").asString()).isEqualTo("status 503");
    assertThat(Instant.parse(pool.path("since").asString())).isNotNull();
    assertThat(pool.path("pinned").isNull()).isTrue();
  }

  @Test
  void routes_come_in_their_order_with_their_lane_and_the_reason() {
    JsonNode document = server.json("/api/routes");

    assertThat(document.isArray()).isTrue();
    assertThat(document.findValuesAsString("id")).containsExactly("first", "second");
    assertThat(document.findValuesAsString("lane")).containsExactly("gateway", "express");
    assertThat(document.path(0).path("why").asString())
        .isEqualTo("predicate Header is not compiled");
  }

  @Test
  void rates_of_routes_come_without_the_routes() {
    assertThat(server.json("/api/routes?part=rates").toString()).isEqualTo("{\"second\":2.5}");
    assertThat(server.get("/api/routes?part=x"))
        .satisfies(
            response -> {
              assertThat(response.statusCode()).isEqualTo(400);
              assertThat(response.body()).contains("part: expected all or rates, found 'x'.");
            });
  }

  @Test
  void evidence_of_another_epoch_is_not_shown() {
    server.events.add(
        new Event.Switched(
            FakeMonitor.SENSE,
            null,
            FakeMonitor.MASTER,
            SwitchReason.INITIAL,
            7,
            "old",
            null,
            null,
            null,
            null,
            "old"));

    assertThat(server.json("/api/pools/sense").path("evidence").isNull()).isTrue();
  }

  @Test
  void a_server_that_was_kept_over_a_restart_says_on_which_evidence() {
    server.events.add(
        new Event.Kept(FakeMonitor.SENSE, FakeMonitor.MASTER, 1, "kept from the state file", "k"));

    assertThat(server.json("/api/pools/sense").path("evidence").asString())
        .isEqualTo("kept from the state file");
  }

  @Test
  void a_failback_that_is_awaited_says_whose_when_and_why() {
    Instant due = Instant.parse("2026-01-01T12:00:31Z");
    server.monitor.explanation(
        new ChoiceExplanation.FailbackAwaited(
            FakeMonitor.BACKUP, FakeMonitor.MASTER, due, "delayed: 30 s of being UP"));

    JsonNode pool = server.json("/api/pools/sense");

    assertThat(pool.path("failback").asString()).isEqualTo("immediate");
    assertThat(pool.path("failbackTo").asString()).isEqualTo("sen2");
    assertThat(pool.path("failbackDue").asString()).isEqualTo("2026-01-01T12:00:31Z");
    assertThat(pool.path("failbackHeldBy").asString()).isEqualTo("delayed: 30 s of being UP");
    assertThat(pool.path("remark").isNull()).isTrue();
  }

  @Test
  void a_server_that_serves_although_down_is_remarked_on() {
    server.monitor.explanation(
        new ChoiceExplanation.ServesDown(FakeMonitor.MASTER, "although DOWN"));

    JsonNode pool = server.json("/api/pools/sense");

    assertThat(pool.path("remark").asString()).isEqualTo("although DOWN");
    assertThat(pool.path("failbackTo").isNull()).isTrue();
    assertThat(pool.path("failbackDue").isNull()).isTrue();
    assertThat(pool.path("failbackHeldBy").isNull()).isTrue();
  }

  @Test
  void events_that_explain_carry_their_parts() {
    Instant due = Instant.parse("2026-01-01T12:00:31Z");
    server.events.add(
        new Event.FailbackAwaited(
            FakeMonitor.SENSE, FakeMonitor.BACKUP, FakeMonitor.MASTER, due, "damped", "waits"));
    server.events.add(new Event.Pinned(FakeMonitor.SENSE, null, null, "no longer pinned"));

    JsonNode events = server.json("/api/events").path("events");

    assertThat(events.path(0).path("type").asString()).isEqualTo("failback-awaited");
    assertThat(events.path(0).path("due").asString()).isEqualTo("2026-01-01T12:00:31Z");
    assertThat(events.path(0).path("heldBy").asString()).isEqualTo("damped");
    assertThat(events.path(1).path("type").asString()).isEqualTo("pinned");
    assertThat(events.path(1).path("server").isNull()).isTrue();
  }

  @Test
  void a_balance_pool_has_no_serving_server() {
    assertThat(server.json("/api/pools/reports").path("serving").isNull()).isTrue();
  }

  @Test
  void an_ipv6_server_is_written_in_the_form_of_rfc_5952() {
    server.monitor.at("2001:DB8:0:0:1:0:0:1");

    JsonNode backup = server.json("/api/pools/sense").path("servers").path(1);

    assertThat(backup.path("address").asString()).isEqualTo("[2001:db8::1:0:0:1]:8080");
  }

  @Test
  void a_server_has_its_state_and_what_runs_on_it() {
    server.monitor.traffic(FakeMonitor.BACKUP).requests().set(3);
    server.monitor.traffic(FakeMonitor.BACKUP).tunnels().set(2);
    server.monitor.traffic(FakeMonitor.BACKUP).sessions().seen(1, server.monitor.now());

    JsonNode backup = server.json("/api/pools/sense").path("servers").path(1);

    assertThat(backup.path("name").asString()).isEqualTo("sen1");
    assertThat(backup.path("rank").asString()).isEqualTo("backup");
    assertThat(backup.path("url").asString()).isEqualTo("http://react-sen1.example.com:8080");
    assertThat(backup.path("address").asString()).isEqualTo("10.0.0.7:8080");
    assertThat(backup.path("status").asString()).isEqualTo("UP");
    assertThat(backup.path("state").asString()).isEqualTo("ready");
    assertThat(backup.path("usable").asBoolean()).isTrue();
    assertThat(backup.path("serving").asBoolean()).isFalse();
    assertThat(backup.path("circuitOpen").asBoolean()).isFalse();
    assertThat(backup.path("requests").asInt()).isEqualTo(3);
    assertThat(backup.path("tunnels").asInt()).isEqualTo(2);
    assertThat(backup.path("sessions").asInt()).isEqualTo(1);
    assertThat(backup.path("lastSession").asString()).isNotEmpty();
    assertThat(backup.path("maxRequests").asInt()).isEqualTo(500);
    assertThat(backup.path("zone").isNull()).isTrue();
  }

  @Test
  void servers_of_a_balance_pool_serve_while_they_are_usable() {
    JsonNode servers = server.json("/api/pools/reports").path("servers");

    assertThat(servers.path(0).path("serving").asBoolean()).isTrue();
    assertThat(servers.path(1).path("serving").asBoolean()).as("DOWN").isFalse();
  }

  @Test
  void a_server_shows_its_last_probe() {
    JsonNode second = server.json("/api/pools/reports").path("servers").path(1);
    JsonNode probe = second.path("lastProbe");

    assertThat(probe.path("outcome").asString()).isEqualTo("BAD_STATUS");
    assertThat(probe.path("detail").asString()).isEqualTo("status 503");
    assertThat(probe.path("tookMillis").asDouble()).isEqualTo(1.235);
    assertThat(second.path("lastProbeText").asString()).isEqualTo("not well: status 503");
  }

  @Test
  void a_server_shows_what_its_status_rests_on() {
    server.events.add(
        new Event.HealthChanged(
            FakeMonitor.SENSE,
            FakeMonitor.MASTER,
            HealthStatus.DOWN,
            HealthStatus.UP,
            1,
            "2 good probes in a row",
            "sen2 is UP"));

    JsonNode master = server.json("/api/pools/sense").path("servers").path(0);

    assertThat(master.path("evidence").asString()).isEqualTo("2 good probes in a row");
  }

  @Test
  void documents_are_laid_out_for_people() {
    assertThat(server.get("/api/pools/sense").body())
        .startsWith("{\n  \"name\" : \"sense\",\n  \"mode\" : \"failover\",\n")
        .endsWith("}\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/pools/nobody", "/api/pools/No_Label", "/api/pools/%F0%9F%A6%8A"})
  void an_unknown_pool_is_a_404(String path) {
    HttpResponse<String> response = server.get(path);

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(AdminServer.json(response).path("detail").asString()).contains("no pool");
  }

  @Test
  void the_configuration_that_runs_is_shown() {
    server.events.add(
        new Event.ConfigurationApplied(
            "config/gateway.yaml", List.of(), List.of(), List.of(), "applied"));

    JsonNode config = server.json("/api/config");

    assertThat(config.path("file").asString()).isEqualTo("config/gateway.yaml");
    assertThat(Instant.parse(config.path("appliedAt").asString())).isNotNull();
    assertThat(config.path("rejectedAt").isNull()).isTrue();
    assertThat(config.path("problems").isEmpty()).isTrue();
  }

  @Test
  void warnings_of_the_running_configuration_are_shown_until_another_is_applied() {
    server.events.add(
        new Event.ConfigurationApplied(
            "g.yaml", List.of("g.yaml:3: warning: w"), List.of(), List.of(), "applied"));
    assertThat(server.json("/api/config").path("warnings").path(0).asString()).contains(":3:");
    server.events.add(new Event.ConfigurationRejected("g.yaml", List.of("p"), "refused"));
    assertThat(server.json("/api/config").path("warnings").size()).isEqualTo(1);
    assertThat(server.json("/api/events").path("events").path(0).path("warnings").size())
        .isEqualTo(1);
    server.events.add(
        new Event.ConfigurationApplied("g.yaml", List.of(), List.of(), List.of(), "applied"));
    assertThat(server.json("/api/config").path("warnings").isEmpty()).isTrue();
  }

  @Test
  void a_refused_configuration_is_shown_with_its_problems() {
    server.events.add(
        new Event.ConfigurationApplied(
            "config/gateway.yaml", List.of(), List.of(), List.of(), "applied"));
    server.events.add(
        new Event.ConfigurationRejected(
            "config/gateway.yaml", List.of("line 3: fall: expected a number"), "refused"));

    JsonNode config = server.json("/api/config");

    assertThat(Instant.parse(config.path("appliedAt").asString())).isNotNull();
    assertThat(Instant.parse(config.path("rejectedAt").asString())).isNotNull();
    assertThat(config.path("problems").path(0).asString()).contains("line 3");
  }

  @Test
  void a_hook_is_shown_and_not_called() {
    JsonNode call = server.json("/api/pools/sense/servers/sen2/hooks/demote");

    assertThat(call.path("url").asString()).isEqualTo("http://react-sen2.example.com:8081/");
    assertThat(call.path("body").asString()).isEqualTo("sense-2-demote from sen2 to sen1");
    assertThat(call.path("program").isNull()).isTrue();
    assertThat(server.json("/api/pools/sense/servers/sen1/hooks/demote").path("body").asString())
        .as("one that does not serve")
        .isEqualTo("sense-2-demote from sen1 to sen2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/pools/sense/servers/sen2/hooks/promote",
        "/api/pools/sense/servers/sen2/hooks/other",
        "/api/pools/sense/servers/sen9/hooks/demote",
        "/api/pools/nope/servers/sen2/hooks/demote"
      })
  void a_hook_that_is_not_there_is_a_404(String path) {
    assertThat(server.get(path).statusCode()).isEqualTo(404);
  }
}
