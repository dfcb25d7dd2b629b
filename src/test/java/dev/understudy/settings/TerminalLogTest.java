package dev.understudy.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

/** The form of log lines by what standard output is. */
class TerminalLogTest {
  private final StandardEnvironment environment = new StandardEnvironment();

  private void process(boolean terminal) {
    new TerminalLog(() -> terminal).postProcessEnvironment(environment, new SpringApplication());
  }

  @Test
  void lines_in_a_terminal_are_short() {
    process(true);
    assertThat(environment.getProperty(TerminalLog.PATTERN)).isEqualTo(TerminalLog.SHORT);
  }

  @Test
  void lines_elsewhere_are_as_they_were() {
    process(false);
    assertThat(environment.getProperty(TerminalLog.PATTERN)).isNull();
  }

  @Test
  void a_form_that_is_set_has_precedence() {
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("own", Map.of(TerminalLog.PATTERN, "%m")));
    process(true);
    assertThat(environment.getProperty(TerminalLog.PATTERN)).isEqualTo("%m");
  }

  @Test
  void a_start_asks_for_it() {
    // Those that take arguments cannot be made here.
    assertThat(
            SpringFactoriesLoader.forDefaultResourceLocation()
                .load(
                    EnvironmentPostProcessor.class,
                    FailureHandler.handleMessage((message, failure) -> {})))
        .hasAtLeastOneElementOfType(TerminalLog.class);
  }
}
