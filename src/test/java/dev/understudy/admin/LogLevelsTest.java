package dev.understudy.admin;

import static dev.understudy.testing.Json.assertHas;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.understudy.event.Event;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.pool.Operator;
import dev.understudy.testing.ConfiguredLogging;
import dev.understudy.testing.Rows;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Log levels over a real port. */
@ExtendWith(ConfiguredLogging.class)
@Isolated("changes the root logger")
class LogLevelsTest {
  private static final String NAME = "dev.understudy.admin.example";
  private static final String PATH = "/api/loggers/" + NAME;

  private static AdminServer server;

  private final Logger logger = (Logger) LoggerFactory.getLogger(NAME);

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

  @AfterEach
  void inherit() {
    logger.setLevel(null);
  }

  private static List<Event> events() {
    return server.events.newest(null, 10).stream().map(entry -> entry.event()).toList();
  }

  private static JsonNode put(String path, String body) {
    return AdminServer.json(server.write("PUT", path, body));
  }

  private static int status(String path, String level) {
    return server.write("PUT", path, "{\"level\":" + level + "}").statusCode();
  }

  @Test
  void setting_and_resetting_a_level_are_events_which_name_logger_levels_and_operator() {
    assertHas(
        put(PATH, "{\"level\":\"debug\",\"reason\":\"slow probes\"}"),
        "{changed: true, logger: {level: \"DEBUG\"}}");
    assertThat(logger.getLevel()).isEqualTo(Level.DEBUG);
    assertHas(server.json(PATH), "{effective: \"DEBUG\"}");
    assertHas(
        server.json("/api/events").path("events").path(0),
        """
        {type: "log-level-changed", pool: null, logger: "dev.understudy.admin.example",
         from: null, to: "DEBUG", operator: "token", operatorReason: "slow probes"}
        """);

    assertThat(status(PATH, "null")).isEqualTo(200);
    assertThat(logger.getLevel()).isNull();
    assertHas(server.json(PATH), "{level: null}");

    String sentence = "An operator set the log level of %s to %s until the end of this process, it";
    assertThat(events())
        .containsExactly(
            new ReplicaEvent.LogLevelChanged(
                NAME,
                null,
                "DEBUG",
                new Operator("token", "slow probes"),
                sentence.formatted(NAME, "DEBUG") + " was inherited, by token: slow probes"),
            new ReplicaEvent.LogLevelChanged(
                NAME,
                "DEBUG",
                null,
                new Operator("token", null),
                sentence.formatted(NAME, "inherited") + " was DEBUG, by token"));
  }

  @Test
  void the_level_it_has_already_changes_nothing() {
    logger.setLevel(Level.ERROR);

    HttpResponse<String> response = server.write("PUT", PATH, "{\"level\":\"error\"}");

    assertThat(AdminServer.json(response).path("changed").asBoolean()).isFalse();
    assertThat(events()).isEmpty();
  }

  @Test
  void loggers_with_a_level_and_understudys_own_are_listed() {
    logger.info("exists now");
    List<String> names = new ArrayList<>();
    server
        .json("/api/loggers")
        .path("loggers")
        .forEach(
            each -> {
              names.add(each.path("name").asString());
              boolean ours = each.path("name").asString().contains("understudy");
              assertThat(ours || !each.path("level").isNull()).as(each.toString()).isTrue();
              assertThat(each.path("effective").isNull()).isFalse();
            });
    assertThat(names).contains("ROOT", NAME).doesNotContain("org.springframework.boot");
  }

  @Rows(
      """
      {                             | not JSON
      {}                            | level: expected "trace", "debug"
      {"level":"loud"}              | found "loud"
      {"level":7}                   | found 7
      {"level":"info","reason":""}  | reason: expected
      {"level":"info","force":true} | Unknown field 'force'
      """)
  void a_malformed_body_changes_nothing(String body, String detail) {
    HttpResponse<String> response = server.write("PUT", PATH, body);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(AdminServer.json(response).path("detail").asString()).contains(detail);
    assertThat(logger.getLevel()).isNull();
    assertThat(events()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ROOT", "root", "Root"})
  void a_change_of_the_root_logger_is_undone_by_null(String root) {
    String path = "/api/loggers/" + root;
    Logger logback = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    Level before = logback.getLevel();
    try {
      assertHas(put(path, "{\"level\":\"error\"}"), "{logger: {name: \"ROOT\"}}");
      assertThat(status(path, "\"off\"")).isEqualTo(200);
      assertThat(logback.getLevel()).isEqualTo(Level.OFF);
      assertHas(server.json(path), "{level: \"OFF\"}");

      assertHas(put(path, "{\"level\":null}"), "{changed: true}");
      assertThat(logback.getLevel()).isEqualTo(before);
      assertThat(events())
          .last()
          .isInstanceOfSatisfying(
              ReplicaEvent.LogLevelChanged.class,
              event ->
                  assertThat(event.logger() + " " + event.from() + " " + event.to())
                      .isEqualTo("ROOT OFF " + before));
      assertHas(put(path, "{\"level\":null}"), "{changed: false}");
    } finally {
      logback.setLevel(before);
    }
  }

  @Test
  void a_name_that_no_logger_has_is_a_404() {
    assertThat(server.get("/api/loggers/dev.understudy.never.heard.of").statusCode())
        .isEqualTo(404);
    assertThat(server.get("/api/loggers/" + "a".repeat(201)).statusCode()).isEqualTo(404);
    assertThat(status("/api/loggers/a%20b", "\"info\"")).isEqualTo(404);
  }

  @Test
  void a_hundred_loggers_are_the_most_that_are_changed() {
    String path = "/api/loggers/dev.understudy.many.n";
    assertThat(status(PATH, "\"info\"")).isEqualTo(200);
    for (int i = 1; i < LogLevels.MOST; i++) {
      assertThat(status(path + i, "\"info\"")).isEqualTo(200);
    }
    assertThat(status(path + LogLevels.MOST, "\"info\"")).isEqualTo(409);
    assertThat(status(path + 1, "null")).isEqualTo(200);
    assertThat(status(PATH, "null")).isEqualTo(200);
  }
}
