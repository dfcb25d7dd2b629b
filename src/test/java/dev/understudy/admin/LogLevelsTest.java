package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.understudy.monitor.Event;
import dev.understudy.pool.Operator;
import dev.understudy.testing.ConfiguredLogging;
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
import org.junit.jupiter.params.provider.CsvSource;
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

  @Test
  void setting_and_resetting_a_level_are_events() {
    JsonNode set =
        AdminServer.json(
            server.write("PUT", PATH, "{\"level\":\"debug\",\"reason\":\"slow probes\"}"));
    assertThat(set.path("changed").asBoolean()).isTrue();
    assertThat(set.path("logger").path("level").asString()).isEqualTo("DEBUG");
    assertThat(logger.getLevel()).isEqualTo(Level.DEBUG);
    assertThat(server.json(PATH).path("effective").asString()).isEqualTo("DEBUG");

    server.write("PUT", PATH, "{\"level\":null}");
    assertThat(logger.getLevel()).isNull();
    assertThat(server.json(PATH).path("level").isNull()).isTrue();

    assertThat(events())
        .containsExactly(
            new Event.LogLevelChanged(
                NAME,
                null,
                "DEBUG",
                new Operator("token", "slow probes"),
                "An operator set the log level of "
                    + NAME
                    + " to DEBUG until the end of this process, it was inherited, by token: slow"
                    + " probes"),
            new Event.LogLevelChanged(
                NAME,
                "DEBUG",
                null,
                new Operator("token", null),
                "An operator set the log level of "
                    + NAME
                    + " to inherited until the end of this process, it was DEBUG, by token"));
  }

  @Test
  void the_event_in_the_api_names_logger_levels_and_operator() {
    server.write("PUT", PATH, "{\"level\":\"WARN\"}");

    JsonNode event = server.json("/api/events").path("events").path(0);
    assertThat(event.path("type").asString()).isEqualTo("log-level-changed");
    assertThat(event.path("pool").isNull()).isTrue();
    assertThat(event.path("logger").asString()).isEqualTo(NAME);
    assertThat(event.path("from").isNull()).isTrue();
    assertThat(event.path("to").asString()).isEqualTo("WARN");
    assertThat(event.path("operator").asString()).isEqualTo("token");
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{                     | 400 | not JSON",
        "{}                    | 400 | level: expected \"trace\", \"debug\"",
        "{\"level\":\"loud\"}  | 400 | found \"loud\"",
        "{\"level\":7}         | 400 | found 7",
        "{\"level\":\"info\",\"reason\":\"\"} | 400 | reason: expected",
        "{\"level\":\"info\",\"force\":true} | 400 | Unknown field 'force'"
      })
  void a_malformed_body_changes_nothing(String body, int status, String detail) {
    HttpResponse<String> response = server.write("PUT", PATH, body);

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(AdminServer.json(response).path("detail").asString()).contains(detail);
    assertThat(logger.getLevel()).isNull();
    assertThat(events()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ROOT", "root", "Root"})
  void a_change_of_the_root_logger_is_undone_by_null(String root) {
    Logger logback = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    Level before = logback.getLevel();
    try {
      JsonNode set =
          AdminServer.json(server.write("PUT", "/api/loggers/" + root, "{\"level\":\"error\"}"));
      assertThat(set.path("logger").path("name").asString()).isEqualTo("ROOT");
      assertThat(server.write("PUT", "/api/loggers/" + root, "{\"level\":\"off\"}").statusCode())
          .isEqualTo(200);
      assertThat(logback.getLevel()).isEqualTo(Level.OFF);
      assertThat(server.json("/api/loggers/" + root).path("level").asString()).isEqualTo("OFF");

      JsonNode undone =
          AdminServer.json(server.write("PUT", "/api/loggers/" + root, "{\"level\":null}"));
      assertThat(undone.path("changed").asBoolean()).isTrue();
      assertThat(logback.getLevel()).isEqualTo(before);
      assertThat(events())
          .last()
          .isInstanceOfSatisfying(
              Event.LogLevelChanged.class,
              event -> {
                assertThat(event.logger()).isEqualTo("ROOT");
                assertThat(event.from()).isEqualTo("OFF");
                assertThat(event.to()).isEqualTo(before.toString());
              });
      JsonNode again =
          AdminServer.json(server.write("PUT", "/api/loggers/" + root, "{\"level\":null}"));
      assertThat(again.path("changed").asBoolean()).isFalse();
    } finally {
      logback.setLevel(before);
    }
  }

  @Test
  void a_name_that_no_logger_has_is_a_404() {
    assertThat(server.get("/api/loggers/dev.understudy.never.heard.of").statusCode())
        .isEqualTo(404);
    assertThat(server.get("/api/loggers/" + "a".repeat(201)).statusCode()).isEqualTo(404);
    assertThat(server.write("PUT", "/api/loggers/a%20b", "{\"level\":\"info\"}").statusCode())
        .isEqualTo(404);
  }

  @Test
  void a_hundred_loggers_are_the_most_that_are_changed() {
    String path = "/api/loggers/dev.understudy.many.n";
    assertThat(server.write("PUT", PATH, "{\"level\":\"info\"}").statusCode()).isEqualTo(200);
    List<Integer> statuses = new ArrayList<>();
    for (int i = 1; i <= LogLevels.MOST; i++) {
      statuses.add(server.write("PUT", path + i, "{\"level\":\"info\"}").statusCode());
    }
    assertThat(statuses.subList(0, LogLevels.MOST - 1)).containsOnly(200);
    assertThat(statuses.getLast()).isEqualTo(409);
    assertThat(server.write("PUT", path + 1, "{\"level\":null}").statusCode()).isEqualTo(200);
    assertThat(server.write("PUT", PATH, "{\"level\":null}").statusCode()).isEqualTo(200);
  }
}
