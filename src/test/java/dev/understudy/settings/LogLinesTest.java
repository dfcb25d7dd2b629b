package dev.understudy.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.telemetry.AccessLog;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

/** The form of log lines by what standard output is. */
class LogLinesTest {
  private final StandardEnvironment environment = new StandardEnvironment();

  private void process(boolean terminal) {
    new LogLines(() -> terminal).postProcessEnvironment(environment, new SpringApplication());
  }

  @Test
  void lines_in_a_terminal_are_short() {
    process(true);
    assertThat(environment.getProperty(LogLines.PATTERN)).isEqualTo(LogLines.SHORT);
  }

  @Test
  void lines_elsewhere_are_as_they_were() {
    process(false);
    assertThat(environment.getProperty(LogLines.PATTERN)).isNull();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void one_setting_makes_them_json_wherever_they_go(boolean terminal) {
    set("understudy.log-format", "json");
    process(terminal);
    assertThat(environment.getProperty(LogLines.STRUCTURED)).isEqualTo("ecs");
    assertThat(environment.getProperty(LogLines.PATTERN)).isNull();
  }

  @Test
  void another_structured_format_has_precedence() {
    set("understudy.log-format", "json");
    set(LogLines.STRUCTURED, "logstash");
    process(false);
    assertThat(environment.getProperty(LogLines.STRUCTURED)).isEqualTo("logstash");
  }

  @ParameterizedTest
  @CsvSource({
    "text, off,     OFF",
    "text, plain,   PLAIN",
    "text, json,    JSON",
    "json, off,     OFF",
    "json, plain,   JSON",
    "json, json,    JSON",
    "json, haproxy, HAPROXY",
  })
  void the_access_log_follows_unless_it_has_a_form_of_its_own(
      String format, String accessLog, AccessLog.Format form) {
    set("understudy.log-format", format);
    set("understudy.access-log", accessLog);
    StaticSettings settings =
        Binder.get(environment).bindOrCreate("understudy", StaticSettings.class);
    assertThat(settings.accessLogFormat()).isEqualTo(form);
  }

  private void set(String name, String value) {
    environment.getPropertySources().addFirst(new MapPropertySource(name, Map.of(name, value)));
  }

  @Test
  void a_form_that_is_set_has_precedence() {
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("own", Map.of(LogLines.PATTERN, "%m")));
    process(true);
    assertThat(environment.getProperty(LogLines.PATTERN)).isEqualTo("%m");
  }

  @Test
  void a_start_asks_for_it() {
    // Those that take arguments cannot be made here.
    assertThat(
            SpringFactoriesLoader.forDefaultResourceLocation()
                .load(
                    EnvironmentPostProcessor.class,
                    FailureHandler.handleMessage((message, failure) -> {})))
        .hasAtLeastOneElementOfType(LogLines.class);
  }
}
