package dev.understudy.admin;

import static dev.understudy.testing.Json.assertHas;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.OperatorState;
import dev.understudy.testing.Extent;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Rows;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Commands over a real port. */
class CommandEndpointsTest extends OnSharedServer {
  private static final String STATE = "/api/pools/sense/servers/sen2/state";
  private static final String POOL_STATE = "/api/pools/sense/state";
  private static final String SWITCH = "/api/pools/sense/switch";

  private static OperatorState masterState() {
    return server
        .monitor
        .current()
        .pool(FakeMonitor.SENSE)
        .server(FakeMonitor.MASTER)
        .operatorState();
  }

  private static JsonNode put(String path, String body) {
    return AdminServer.json(server.write("PUT", path, body));
  }

  private static JsonNode post(String body) {
    return AdminServer.json(server.write("POST", SWITCH, body));
  }

  @ParameterizedTest
  @CsvSource({"drain, DRAIN", "maintenance, MAINTENANCE"})
  void a_servers_state_is_set_and_shown_with_who_did_it_why_and_since_when(
      String word, OperatorState state) {
    String body = "{\"state\":\"%s\",\"force\":false,\"reason\":\"disk swap\"}".formatted(word);
    HttpResponse<String> response = server.write("PUT", STATE, body);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(masterState()).isEqualTo(state);
    JsonNode answer = AdminServer.json(response);
    assertThat(answer.path("changed").asBoolean()).isTrue();
    assertThat(answer.at("/pool/servers/0/state").asString()).isEqualTo(word);
    JsonNode pool = server.json("/api/pools/sense");
    assertHas(
        pool,
        """
        {servers: [{operator: "token", operatorReason: "disk swap"},
                   {operator: null, operatorReason: null, stateSince: null}]}
        """);
    assertThat(pool.at("/servers/0/stateSince").asString()).endsWith("Z");
  }

  @Test
  void a_whole_pool_is_set_to_maintenance_and_to_ready() {
    String until = Instant.now().plusSeconds(3600).truncatedTo(ChronoUnit.SECONDS).toString();
    String body =
        """
        {"state":"maintenance","until":"%s","allow":["10.0.0.0/8"],"reason":"disk","force":true}
        """
            .formatted(until);
    JsonNode set = put(POOL_STATE, body);

    assertThat(set.path("changed").asBoolean()).isTrue();
    JsonNode pool = server.json("/api/pools/sense");
    assertThat(set.at("/pool/maintenance")).isEqualTo(pool.path("maintenance"));
    assertHas(
        pool,
        """
        {state: "maintenance", condition: "degraded", maintenance: {until: "%s",
         allow: ["10.0.0.0/8"], operator: "token", operatorReason: "disk"}}
        """
            .formatted(until));
    assertThat(pool.path("cause").asString())
        .startsWith("in maintenance, only clients of 10.0.0.0/8 are served until ")
        .endsWith(", by token: disk");
    assertThat(pool.at("/maintenance/since").asString()).endsWith("Z");
    assertHas(put(POOL_STATE, body), "{changed: false}");

    assertHas(
        put(POOL_STATE, "{\"state\":\"ready\"}"),
        "{changed: true, pool: {state: \"ready\", maintenance: null}}");
  }

  @Test
  void a_maintenance_for_a_time_ends_by_the_clock_of_the_replica() {
    Instant before = Instant.now().minusSeconds(60);
    JsonNode set = put(POOL_STATE, "{\"state\":\"maintenance\",\"for\":\"30m\",\"force\":true}");

    assertThat(Instant.parse(set.at("/pool/maintenance/until").asString()))
        .isBetween(before.plusSeconds(1800), Instant.now().plusSeconds(1860));
  }

  @ParameterizedTest
  @CsvSource({"16, 200", "17, 400"})
  void at_most_sixteen_networks_are_allowed(int networks, int status) {
    String allow = String.join(",", Collections.nCopies(networks, "\"fd00::/8\""));
    assertThat(
            server
                .write(
                    "PUT",
                    POOL_STATE,
                    "{\"state\":\"maintenance\",\"force\":true,\"allow\":[" + allow + "]}")
                .statusCode())
        .isEqualTo(status);
  }

  @Test
  void
      a_switch_pins_and_takes_a_new_epoch_auto_ends_the_pin_and_one_to_who_serves_changes_it_once() {
    assertHas(
        post("{\"to\":\"sen1\"}"),
        """
        {pool: {serving: "sen1", pinned: "sen1", epoch: 2, reason: "OPERATOR"}}
        """);
    assertHas(post("{\"to\":\"auto\"}"), "{pool: {pinned: null}}");
    assertHas(post("{\"to\":\"sen1\"}"), "{changed: true, pool: {epoch: 2}}");
    assertHas(post("{\"to\":\"sen1\"}"), "{changed: false}");
  }

  /** The path, the method, and a body without its last brace. */
  @Rows(
      """
      /api/pools/sense/servers/sen2/state | PUT | {"state":"drain"
      /api/pools/sense/state              | PUT | {"state":"maintenance","force":true
      /api/pools/sense/switch             | POST | {"to":"sen1"
      /api/pools/sense/switch             | POST | {"to":"sen1","planned":true
      """)
  void a_command_that_is_not_kept_says_so_or_is_refused_if_it_is_to_be_durable(
      String path, String method, String body) {
    String why = "/s/state cannot be written: No space left on device";
    assertThat(server.write(method, path, body + ",\"durable\":1}").statusCode()).isEqualTo(400);
    server.monitor.keepsNothing(why);
    HttpResponse<String> refused = server.write(method, path, body + ",\"durable\":true}");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("Nothing was changed: " + why);

    HttpResponse<String> done = server.write(method, path, body + "}");
    assertThat(done.statusCode()).isIn(200, 202);
    assertThat(AdminServer.json(done).path("inMemoryOnly").asString()).isEqualTo(why);
  }

  @Test
  void a_planned_switch_begins_and_is_there_to_follow() {
    assertThat(server.get(SWITCH).statusCode()).as("there was none").isEqualTo(404);
    HttpResponse<String> begun =
        server.write(
            "POST",
            SWITCH,
            "{\"to\":\"sen1\",\"planned\":true,\"pause\":\"20s\",\"force\":true,\"reason\":\"disk\"}");

    assertThat(begun.statusCode()).isEqualTo(202);
    JsonNode planned = server.json(SWITCH);
    assertThat(AdminServer.json(begun)).isEqualTo(planned);
    assertHas(
        planned,
        """
        {phase: "PAUSING", active: true, from: "sen2", to: "sen1", pauseMillis: 20000.0,
         force: true, failback: false, operator: "token", reason: "disk",
         phases: [{phase: "PAUSING"}]}
        """);
    assertThat(server.write("POST", SWITCH, "{\"to\":\"sen1\",\"planned\":true}").statusCode())
        .as("one is under way")
        .isEqualTo(409);
    assertThat(server.write("DELETE", SWITCH, "").statusCode()).as("it is fenced").isEqualTo(409);
  }

  @Test
  void a_conflict_is_a_409_that_says_why_and_force_is_passed_on() {
    String backup = "/api/pools/sense/servers/sen1/state";
    String plain = "{\"state\":\"maintenance\"}";
    assertRefused(server.write("PUT", backup, plain), 409, "only usable");

    String forced = "{\"state\":\"maintenance\",\"force\":true}";
    assertThat(server.write("PUT", backup, forced).statusCode()).isEqualTo(200);

    assertRefused(server.write("PUT", POOL_STATE, plain), 409, "serves no clients");
    assertThat(server.write("PUT", POOL_STATE, forced).statusCode()).isEqualTo(200);
  }

  @Rows(
      """
      PUT  | /api/pools/nobody/servers/sen1/state    | {"state":"drain"}
      PUT  | /api/pools/sense/servers/nobody/state   | {"state":"drain"}
      PUT  | /api/pools/sense/servers/No_Label/state | {"state":"drain"}
      POST | /api/pools/nobody/switch                | {"to":"sen1"}
      POST | /api/pools/sense/switch                 | {"to":"nobody"}
      """)
  void an_unknown_pool_or_server_is_a_404(String method, String path, String body) {
    assertThat(server.write(method, path, body).statusCode()).isEqualTo(404);
  }

  @Rows(
      """
      STATE      | ``                                 | Expected a JSON object with state and force
      STATE      | {                                  | not JSON
      STATE      | []                                 | not a JSON object
      STATE      | {}                                 | expected "ready", "drain" or "maintenance", found nothing
      STATE      | {"state":"asleep"}                 | found "asleep"
      STATE      | {"state":"DRAIN"}                  | found "DRAIN"
      STATE      | {"state":7}                        | found 7
      STATE      | {"state":"drain","force":"yes"}    | force: expected true or false
      STATE      | {"state":"drain","why":"tea"}      | Unknown field 'why'
      STATE      | {"state":"drain","state":"ready"}  | not JSON
      STATE      | {"state":"drain"} {}               | not JSON
      POOL_STATE | {"state":"drain"}                  | state: expected "ready" or "maintenance", found
      POOL_STATE | {}                                 | state: expected "ready" or "maintenance", found
      POOL_STATE | {"state":"ready","until":"2999-01-01T00:00:00Z"}       | until: expected nothing unless
      POOL_STATE | {"state":"ready","allow":[]}                           | allow: expected nothing unless
      POOL_STATE | {"state":"maintenance","until":"2999-01-01T00:00:00Z"} | until: expected a time within 30 days
      POOL_STATE | {"state":"maintenance","until":"2020-01-01T00:00:00Z"} | until: expected a time within 30 days
      POOL_STATE | {"state":"maintenance","until":"tomorrow"}             | until: expected a time within 30 days
      POOL_STATE | {"state":"maintenance","allow":"10.0.0.0/8"}           | allow: expected a list of at most 16
      POOL_STATE | {"state":"maintenance","allow":["10.0.0.0/33"]}        | allow: expected a list of at most 16
      POOL_STATE | {"state":"maintenance","allow":["host.example"]}       | allow: expected a list of at most 16
      POOL_STATE | {"state":"maintenance","allow":[7]}                    | allow: expected a list of at most 16
      POOL_STATE | {"state":"maintenance","force":"yes"}                  | force: expected true or false
      POOL_STATE | {"state":"ready","force":true}                         | force: expected nothing unless
      POOL_STATE | {"state":"ready","for":"30m"}                          | for: expected nothing unless
      POOL_STATE | {"state":"maintenance","for":"30"}                     | for: expected a duration from 1s to 720h, found "30".
      POOL_STATE | {"state":"maintenance","for":"31d"}                    | for: expected a duration from 1s to 720h
      POOL_STATE | {"state":"maintenance","for":"1h","until":"%s"}        | for: expected nothing unless "until" is absent
      SWITCH     | {"to":"Not a label"}                    | to: expected the name of a server, or "auto", found "Not a label".
      SWITCH     | {"to":"sen1","pause":"10s"}             | pause: expected nothing unless "planned" is true, found "10s".
      SWITCH     | {"to":"sen1","force":true}              | force: expected nothing unless "planned" is true, found true.
      SWITCH     | {"to":"sen1","planned":"yes"}           | planned: expected true or false, found "yes".
      SWITCH     | {"to":"auto","planned":true}            | to: expected the name of a server, found "auto".
      SWITCH     | {"to":"sen1","planned":true,"pause":"10"}    | pause: expected a duration from 1s to 5m, found "10".
      SWITCH     | {"to":"sen1","planned":true,"pause":"999ms"} | pause: expected a duration from 1s to 5m, found "999ms".
      SWITCH     | {"to":"sen1","planned":true,"pause":"6m"}    | pause: expected a duration from 1s to 5m, found "6m".
      SWITCH     | {"to":"sen1","planned":true,"at":"tonight"}  | at: expected a time within 30 days, such as "2027-01-31T22:00:00Z", found "tonight".
      SWITCH     | {"to":"sen1","planned":true,"at":"2020-01-01T00:00:00Z"} | at: expected a time within 30 days, such as "2027-01-31T22:00:00Z", found "2020-01-01T00:00:00Z".
      """)
  void a_malformed_body_is_a_400_that_says_what_is_expected(
      String command, String body, String detail) {
    assertRefused(
        switch (command) {
          case "STATE" -> server.write("PUT", STATE, body);
          case "POOL_STATE" ->
              server.write("PUT", POOL_STATE, body.formatted(Instant.now().plusSeconds(3600)));
          default -> server.write("POST", SWITCH, body);
        },
        400,
        detail);
    assertThat(masterState()).isEqualTo(OperatorState.READY);
  }

  private static int switched(String type, BodyPublisher body) {
    return server
        .send(
            server
                .request(SWITCH)
                .header("Authorization", "Bearer " + AdminServer.TOKEN)
                .header("Content-Type", type)
                .POST(body))
        .statusCode();
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "nonsense"})
  void a_body_of_another_type_is_a_415(String type) {
    assertThat(switched(type, BodyPublishers.ofString("{\"to\":\"sen1\"}"))).isEqualTo(415);
  }

  @Test
  void a_big_body_is_a_413_also_if_it_does_not_say_so() {
    byte[] big =
        ("{\"to\":\"" + "a".repeat(JsonBody.MAX_BYTES) + "\"}").getBytes(StandardCharsets.UTF_8);
    String json = "application/json";
    assertThat(switched(json, BodyPublishers.ofByteArray(big))).isEqualTo(413);
    assertThat(switched(json, BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(big))))
        .isEqualTo(413);
  }

  @Test
  void the_token_is_checked_before_anything_else_is_answered() {
    HttpResponse<String> response =
        server.send(
            server.request("/api/pools/nobody/switch").POST(BodyPublishers.ofString("nonsense")));

    assertThat(response.statusCode()).isEqualTo(401);
  }

  @Tag(Extent.SLOW)
  @Test
  void a_body_that_does_not_come_is_a_408_and_the_end_of_the_connection() {
    try (RawClient client = new RawClient(server.managementPort())) {
      client
          .begin(
              "PUT",
              STATE,
              50,
              "Host: localhost",
              "Authorization: Bearer " + AdminServer.TOKEN,
              "Content-Type: application/json")
          .send("{");
      assertThat(client.readAll()).startsWith("HTTP/1.1 408 ");
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void a_monitor_that_does_not_respond_is_a_504() {
    server.monitor.getStuck();

    assertThat(server.write("PUT", STATE, "{\"state\":\"drain\"}").statusCode()).isEqualTo(504);
  }

  /** The path, the method, and a body. */
  @Rows(
      """
      /api/pools/sense/servers/sen2/state | PUT    | {"state":"drain"}
      /api/pools/sense/servers/sen2/state | PUT    | {"state":"ready"}
      /api/pools/sense/state              | PUT    | {"state":"maintenance","force":true}
      /api/pools/sense/switch             | POST   | {"to":"sen1"}
      /api/pools/sense/switch             | POST   | {"to":"sen1","planned":true}
      """)
  void a_command_of_which_nobody_knows_whether_it_was_carried_out_says_so_and_where_to_look(
      String path, String method, String body) {
    server.monitor.losesAnswers("no response within 1000 ms");
    HttpResponse<String> response = server.write(method, path, body);
    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(AdminServer.json(response).path("detail").asString())
        .isEqualTo(
            "It is not known whether the change was made: no response within 1000 ms. It may have"
                + " been made, or may be yet: look at the pool, as with understudy status, before"
                + " you ask again.");
  }
}
