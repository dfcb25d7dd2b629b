package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.OperatorState;
import dev.understudy.testing.Extent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Commands over a real port. */
class CommandEndpointsTest {
  private static final String STATE = "/api/pools/sense/servers/sen2/state";
  private static final String POOL_STATE = "/api/pools/sense/state";
  private static final String SWITCH = "/api/pools/sense/switch";

  private static AdminServer server;

  @BeforeAll
  static void start() {
    server = new AdminServer("understudy.admin.token=" + AdminServer.TOKEN);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void reset() {
    server.reset();
  }

  private OperatorState masterState() {
    return server
        .monitor
        .current()
        .pool(FakeMonitor.SENSE)
        .server(FakeMonitor.MASTER)
        .operatorState();
  }

  @ParameterizedTest
  @CsvSource({"drain, DRAIN", "maintenance, MAINTENANCE"})
  void a_servers_state_is_set(String word, OperatorState state) {
    HttpResponse<String> response = server.write("PUT", STATE, "{\"state\":\"" + word + "\"}");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(masterState()).isEqualTo(state);
  }

  @Test
  void the_response_is_the_pool_as_it_is_now() {
    JsonNode answer =
        AdminServer.json(server.write("PUT", STATE, "{\"state\":\"drain\",\"force\":false}"));

    assertThat(answer.path("changed").asBoolean()).isTrue();
    assertThat(answer.path("pool").path("servers").path(0).path("state").asString())
        .isEqualTo("drain");
  }

  @Test
  void a_pool_says_who_set_the_state_of_a_server_why_and_since_when() {
    server.write("PUT", STATE, "{\"state\":\"drain\",\"reason\":\"disk swap\"}");

    JsonNode servers = server.json("/api/pools/sense").path("servers");
    assertThat(servers.path(0).path("operator").asString()).isEqualTo("token");
    assertThat(servers.path(0).path("operatorReason").asString()).isEqualTo("disk swap");
    assertThat(servers.path(0).path("stateSince").asString()).endsWith("Z");
    assertThat(servers.path(1).path("operator").isNull()).isTrue();
    assertThat(servers.path(1).path("operatorReason").isNull()).isTrue();
    assertThat(servers.path(1).path("stateSince").isNull()).isTrue();
  }

  @Test
  void a_whole_pool_is_set_to_maintenance_and_to_ready() {
    String until = Instant.now().plusSeconds(3600).truncatedTo(ChronoUnit.SECONDS).toString();
    String body =
        "{\"state\":\"maintenance\",\"until\":\"%s\",\"allow\":[\"10.0.0.0/8\"],\"reason\":\"disk\"}"
            .formatted(until);
    JsonNode set = AdminServer.json(server.write("PUT", POOL_STATE, body));

    assertThat(set.path("changed").asBoolean()).isTrue();
    JsonNode pool = server.json("/api/pools/sense");
    assertThat(set.path("pool").path("maintenance")).isEqualTo(pool.path("maintenance"));
    assertThat(pool.path("state").asString()).isEqualTo("maintenance");
    assertThat(pool.path("condition").asString()).isEqualTo("degraded");
    assertThat(pool.path("cause").asString())
        .startsWith("in maintenance until ")
        .endsWith(", by token: disk");
    JsonNode maintenance = pool.path("maintenance");
    assertThat(maintenance.path("until").asString()).isEqualTo(until);
    assertThat(maintenance.path("since").asString()).endsWith("Z");
    assertThat(maintenance.path("allow").toString()).isEqualTo("[\"10.0.0.0/8\"]");
    assertThat(maintenance.path("operator").asString()).isEqualTo("token");
    assertThat(maintenance.path("operatorReason").asString()).isEqualTo("disk");
    assertThat(AdminServer.json(server.write("PUT", POOL_STATE, body)).path("changed").asBoolean())
        .isFalse();

    JsonNode ready = AdminServer.json(server.write("PUT", POOL_STATE, "{\"state\":\"ready\"}"));
    assertThat(ready.path("changed").asBoolean()).isTrue();
    assertThat(ready.path("pool").path("state").asString()).isEqualTo("ready");
    assertThat(ready.path("pool").path("maintenance").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"state":"drain"}                                           | state: expected "ready" or "maintenance", found
          {}                                                          | state: expected "ready" or "maintenance", found
          {"state":"ready","until":"2999-01-01T00:00:00Z"}            | until: expected nothing unless
          {"state":"ready","allow":[]}                                | allow: expected nothing unless
          {"state":"maintenance","until":"2999-01-01T00:00:00Z"}      | until: expected a time within 30 days
          {"state":"maintenance","until":"2020-01-01T00:00:00Z"}      | until: expected a time within 30 days
          {"state":"maintenance","until":"tomorrow"}                  | until: expected a time within 30 days
          {"state":"maintenance","allow":"10.0.0.0/8"}                | allow: expected a list of at most 16
          {"state":"maintenance","allow":["10.0.0.0/33"]}             | allow: expected a list of at most 16
          {"state":"maintenance","allow":["host.example"]}            | allow: expected a list of at most 16
          {"state":"maintenance","allow":[7]}                         | allow: expected a list of at most 16
          {"state":"maintenance","force":true}                        | Unknown field 'force'
          """)
  void a_bad_state_of_a_pool_is_refused_with_what_was_expected(String body, String why) {
    HttpResponse<String> response = server.write("PUT", POOL_STATE, body);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(AdminServer.json(response).path("detail").asString()).startsWith(why);
  }

  @ParameterizedTest
  @CsvSource({"16, 200", "17, 400"})
  void at_most_sixteen_networks_are_allowed(int networks, int status) {
    String allow = String.join(",", Collections.nCopies(networks, "\"fd00::/8\""));
    assertThat(
            server
                .write("PUT", POOL_STATE, "{\"state\":\"maintenance\",\"allow\":[" + allow + "]}")
                .statusCode())
        .isEqualTo(status);
  }

  @Test
  void a_switch_pins_and_takes_a_new_epoch() {
    JsonNode pool =
        AdminServer.json(server.write("POST", SWITCH, "{\"to\":\"sen1\"}")).path("pool");

    assertThat(pool.path("serving").asString()).isEqualTo("sen1");
    assertThat(pool.path("pinned").asString()).isEqualTo("sen1");
    assertThat(pool.path("epoch").asLong()).isEqualTo(2);
    assertThat(pool.path("reason").asString()).isEqualTo("OPERATOR");
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
    assertThat(planned.path("phase").asString()).isEqualTo("PAUSING");
    assertThat(planned.path("active").asBoolean()).isTrue();
    assertThat(planned.path("from").asString()).isEqualTo("sen2");
    assertThat(planned.path("to").asString()).isEqualTo("sen1");
    assertThat(planned.path("pauseMillis").asDouble()).isEqualTo(20_000);
    assertThat(planned.path("force").asBoolean()).isTrue();
    assertThat(planned.path("failback").asBoolean(true)).isFalse();
    assertThat(planned.path("operator").asString()).isEqualTo("token");
    assertThat(planned.path("reason").asString()).isEqualTo("disk");
    assertThat(planned.path("phases").path(0).path("phase").asString()).isEqualTo("PAUSING");
    assertThat(server.write("POST", SWITCH, "{\"to\":\"sen1\",\"planned\":true}").statusCode())
        .as("one is under way")
        .isEqualTo(409);
    assertThat(server.write("DELETE", SWITCH, "").statusCode()).as("it is fenced").isEqualTo(409);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"to":"sen1","pause":"10s"}                                   | pause: expected nothing unless "planned" is true, found "10s".
          {"to":"sen1","force":true}                                    | force: expected nothing unless "planned" is true, found true.
          {"to":"sen1","planned":"yes"}                                 | planned: expected true or false, found "yes".
          {"to":"auto","planned":true}                                  | to: expected the name of a server, found "auto".
          {"to":"sen1","planned":true,"pause":"10"}                     | pause: expected a duration from 1s to 300s, found "10".
          {"to":"sen1","planned":true,"pause":"999ms"}                  | pause: expected a duration from 1s to 300s, found "999ms".
          {"to":"sen1","planned":true,"pause":"6m"}                     | pause: expected a duration from 1s to 300s, found "6m".
          {"to":"sen1","planned":true,"at":"tonight"}                   | at: expected a time within 30 days, such as "2027-01-31T22:00:00Z", found "tonight".
          {"to":"sen1","planned":true,"at":"2020-01-01T00:00:00Z"}      | at: expected a time within 30 days, such as "2027-01-31T22:00:00Z", found "2020-01-01T00:00:00Z".
          """)
  void a_wrong_plan_is_named(String body, String detail) {
    HttpResponse<String> response = server.write("POST", SWITCH, body);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(AdminServer.json(response).path("detail").asString()).isEqualTo(detail);
  }

  @Test
  void auto_ends_the_pin() {
    server.write("POST", SWITCH, "{\"to\":\"sen1\"}");

    JsonNode pool =
        AdminServer.json(server.write("POST", SWITCH, "{\"to\":\"auto\"}")).path("pool");

    assertThat(pool.path("pinned").isNull()).isTrue();
  }

  @Test
  void a_switch_to_the_one_that_serves_changes_the_pin_once() {
    HttpResponse<String> response = server.write("POST", SWITCH, "{\"to\":\"sen2\"}");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(AdminServer.json(response).path("changed").asBoolean()).isTrue();
    assertThat(AdminServer.json(response).path("pool").path("epoch").asLong()).isEqualTo(1);
    HttpResponse<String> again = server.write("POST", SWITCH, "{\"to\":\"sen2\"}");
    assertThat(AdminServer.json(again).path("changed").asBoolean()).isFalse();
  }

  @Test
  void a_conflict_is_a_409_that_says_why() {
    HttpResponse<String> response =
        server.write("PUT", "/api/pools/sense/servers/sen1/state", "{\"state\":\"maintenance\"}");

    assertThat(response.statusCode()).isEqualTo(409);
    assertThat(AdminServer.json(response).path("detail").asString()).contains("only usable");
  }

  @Test
  void force_is_passed_on() {
    HttpResponse<String> response =
        server.write(
            "PUT",
            "/api/pools/sense/servers/sen1/state",
            "{\"state\":\"maintenance\",\"force\":true}");

    assertThat(response.statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PUT  | /api/pools/nobody/servers/sen1/state   | {\"state\":\"drain\"}",
        "PUT  | /api/pools/sense/servers/nobody/state  | {\"state\":\"drain\"}",
        "PUT  | /api/pools/sense/servers/No_Label/state| {\"state\":\"drain\"}",
        "POST | /api/pools/nobody/switch               | {\"to\":\"sen1\"}",
        "POST | /api/pools/sense/switch                | {\"to\":\"nobody\"}"
      })
  void an_unknown_pool_or_server_is_a_404(String method, String path, String body) {
    assertThat(server.write(method, path, body).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{                                       | not JSON",
        "[]                                      | not a JSON object",
        "{}                                      | expected \"ready\", \"drain\" or"
            + " \"maintenance\", found nothing",
        "{\"state\":\"asleep\"}                  | found \"asleep\"",
        "{\"state\":\"DRAIN\"}                   | found \"DRAIN\"",
        "{\"state\":7}                           | found 7",
        "{\"state\":\"drain\",\"force\":\"yes\"} | force: expected true or false",
        "{\"state\":\"drain\",\"why\":\"tea\"}   | Unknown field 'why'",
        "{\"state\":\"drain\",\"state\":\"ready\"} | not JSON",
        "{\"state\":\"drain\"} {}                | not JSON"
      })
  void a_malformed_body_is_a_400_that_says_what_is_expected(String body, String detail) {
    HttpResponse<String> response = server.write("PUT", STATE, body);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(AdminServer.json(response).path("detail").asString()).contains(detail);
    assertThat(masterState()).isEqualTo(OperatorState.READY);
  }

  @Test
  void no_body_is_a_400_that_says_what_is_expected() {
    HttpResponse<String> response = server.write("PUT", STATE, "");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(AdminServer.json(response).path("detail").asString())
        .contains("Expected a JSON object with state and force");
  }

  @Test
  void a_switch_to_no_name_is_a_400() {
    HttpResponse<String> response = server.write("POST", SWITCH, "{\"to\":\"Not a label\"}");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(AdminServer.json(response).path("detail").asString())
        .isEqualTo("to: expected the name of a server, or \"auto\", found \"Not a label\".");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "nonsense"})
  void a_body_of_another_type_is_a_415(String type) {
    HttpResponse<String> response =
        server.send(
            authorized(SWITCH)
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString("{\"to\":\"sen1\"}")));

    assertThat(response.statusCode()).isEqualTo(415);
  }

  @Test
  void a_big_body_is_a_413() {
    HttpResponse<String> response = server.write("POST", SWITCH, tooBig());

    assertThat(response.statusCode()).isEqualTo(413);
  }

  @Test
  void a_big_body_that_does_not_say_so_is_a_413() {
    Supplier<InputStream> body =
        () -> new ByteArrayInputStream(tooBig().getBytes(StandardCharsets.UTF_8));
    HttpResponse<String> response =
        server.send(
            authorized(SWITCH)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofInputStream(body)));

    assertThat(response.statusCode()).isEqualTo(413);
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
  void a_body_that_does_not_come_is_a_408_and_the_end_of_the_connection() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.managementPort())) {
      socket.setSoTimeout(20_000);
      String head =
          "PUT %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
              + "Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{";
      socket
          .getOutputStream()
          .write(head.formatted(STATE, AdminServer.TOKEN).getBytes(StandardCharsets.US_ASCII));

      byte[] answer = socket.getInputStream().readAllBytes();

      assertThat(new String(answer, StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 408 ");
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void a_monitor_that_does_not_respond_is_a_503() {
    server.monitor.getStuck();

    assertThat(server.write("PUT", STATE, "{\"state\":\"drain\"}").statusCode()).isEqualTo(503);
  }

  private java.net.http.HttpRequest.Builder authorized(String path) {
    return server.request(path).header("Authorization", "Bearer " + AdminServer.TOKEN);
  }

  private static String tooBig() {
    return "{\"to\":\"" + "a".repeat(JsonBody.MAX_BYTES) + "\"}";
  }
}
