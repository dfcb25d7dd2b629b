package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The documents about the process and its certificates. */
class StatisticsEndpointsTest {
  private static AdminServer server;

  @BeforeAll
  static void start() {
    server = new AdminServer();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void the_process_has_its_own_limits_and_those_of_the_streams() {
    JsonNode document = server.json("/api/process");

    assertThat(new ArrayList<>(document.propertyNames()))
        .containsExactly(
            "version",
            "java",
            "pid",
            "startedAt",
            "uptimeSeconds",
            "cpu",
            "memory",
            "fileDescriptors",
            "eventLoops",
            "limits",
            "history");
    List<String> limits = new ArrayList<>();
    document
        .path("limits")
        .forEach(
            limit ->
                limits.add(
                    "%s %d/%d"
                        .formatted(
                            limit.path("name").asString(),
                            limit.path("used").asLong(),
                            limit.path("max").asLong())));
    assertThat(limits)
        .containsExactly(
            "client connections 6/20000",
            "overview streams 0/64",
            "event streams 0/32",
            "management connections 1/256");
    assertThat(document.path("eventLoops").path("longestLagMillis").asDouble()).isEqualTo(0.5);
    assertThat(document.path("history").path("writable").asBoolean(true)).isFalse();
    assertThat(document.path("history").path("lost").asLong()).isEqualTo(3);
  }

  @Test
  void certificates_come_by_expiry_with_the_days_that_are_left() {
    JsonNode document = server.json("/api/certificates");

    List<String> found = new ArrayList<>();
    document.forEach(
        each -> found.add(each.path("bundle").asString() + " " + each.path("daysLeft").asLong()));
    assertThat(found).containsExactly("gone -1", "soon 3", "later 90");
    assertThat(new ArrayList<>(document.get(0).propertyNames()))
        .containsExactly(
            "bundle", "use", "subject", "names", "issuer", "notBefore", "notAfter", "daysLeft");
  }

  @Test
  void rates_of_the_last_minutes_have_a_value_for_each_step() {
    JsonNode all = server.json("/api/rates");
    assertThat(new ArrayList<>(all.propertyNames()))
        .containsExactly("to", "stepSeconds", "all", "pools");
    assertThat(all.path("stepSeconds").asInt()).isEqualTo(10);

    JsonNode one = server.json("/api/pools/sense/rates");
    assertThat(new ArrayList<>(one.propertyNames()))
        .containsExactly("pool", "to", "stepSeconds", "rates");
    assertThat(new ArrayList<>(one.path("rates").propertyNames()))
        .containsExactly("requestsPerSecond", "errorsPerSecond", "p99Millis");
  }

  @Test
  void rates_of_an_unknown_pool_are_not_found() {
    var response = server.get("/api/pools/sence/rates");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).contains("There is no pool 'sence'").contains("sense");
  }
}
