package dev.understudy.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.telemetry.AccessLog;
import dev.understudy.testing.Rows;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  /** Settings, and which form lines have: {@code short}, a structured one or what is set. */
  @Rows(
      """
      # lines in a terminal are short
      true | | short
      # lines elsewhere are as they were
      false | | as before
      # one setting makes them JSON wherever they go
      true | understudy.log-format=json | ecs
      false | understudy.log-format=json | ecs
      # another structured format has precedence
      false | understudy.log-format=json logging.structured.format.console=logstash | logstash
      # a form that is set has precedence
      true | logging.pattern.console=%m | %m
      """)
  void lines_have_a_form(boolean terminal, @Nullable String settings, String form) {
    if (settings != null) {
      for (String setting : settings.split(" ")) {
        set(setting.split("=")[0], setting.split("=")[1]);
      }
    }
    new LogLines(() -> terminal).postProcessEnvironment(environment, new SpringApplication());
    String pattern = environment.getProperty(LogLines.PATTERN);
    String structured = environment.getProperty(LogLines.STRUCTURED);
    switch (form) {
      case "ecs", "logstash" -> {
        assertThat(structured).isEqualTo(form);
        assertThat(pattern).isNull();
      }
      case "as before" -> assertThat(pattern).isNull();
      default -> assertThat(pattern).isEqualTo(form.equals("short") ? LogLines.SHORT : form);
    }
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
