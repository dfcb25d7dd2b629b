package dev.understudy.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.proxy.listener.ListenerProperties;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** A duration without a unit is refused, whichever setting of ours it is and wherever it stands. */
class DurationUnitsTest {
  @Configuration(proxyBeanMethods = false)
  @EnableConfigurationProperties(ListenerProperties.class)
  static class Settings {
    @Bean
    static DurationUnits durationUnits(Environment environment) {
      return new DurationUnits(environment);
    }
  }

  private static ListenerProperties bind(Map<String, Object> properties) {
    try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
      var sources = context.getEnvironment().getPropertySources();
      sources.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", properties));
      sources.addFirst(new MapPropertySource("arguments", properties));
      context.register(Settings.class);
      context.refresh();
      return context.getBean(ListenerProperties.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "understudy.drain.delay, 5",
    "understudy.drain.delay, -1",
    "understudy.drain.delay, +5",
    "understudy.drain.delay, ${NOT_SET:5}",
    "understudy.client.idle, 60",
    "understudy.client.keep-alive, 60000",
    "understudy.client.header-timeout, 1",
    "understudy.client.headerTimeout, 1",
    "UNDERSTUDY_CLIENT_HEADERTIMEOUT, 1",
    "UNDERSTUDY_DRAIN_DELAY, 5",
  })
  void a_bare_number_is_refused(String property, String value) {
    assertThatThrownBy(() -> bind(Map.of(property, value)))
        .rootCause()
        .hasMessageContaining(": expected a duration with its unit, such as 5s or 500ms, found ")
        .hasMessageStartingWith("understudy.");
  }

  @Test
  void a_number_of_yaml_is_refused_too() {
    assertThatThrownBy(() -> bind(Map.of("understudy.drain.delay", 5)))
        .rootCause()
        .hasMessage(
            "understudy.drain.delay: expected a duration with its unit, such as 5s or 500ms,"
                + " found 5");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0s, 0", "5ms, 5", "2s, 2000", "PT3S, 3000", "${NOT_SET:1s}, 1000"})
  void zero_and_what_has_a_unit_pass(String value, long millis) {
    assertThat(bind(Map.of("understudy.drain.delay", value)).drain().delay())
        .isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void defaults_pass() {
    assertThat(bind(Map.of()).client().idle()).isEqualTo(Duration.ofSeconds(60));
  }
}
