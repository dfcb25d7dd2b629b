package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.proxy.frontend.FrontendLimits;
import dev.understudy.proxy.http.RequestParts;
import dev.understudy.proxy.upstream.ServerLimits;
import dev.understudy.testing.TestLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

/** Settings of limits, as Boot binds them. */
class ClientPropertiesTest {
  static ListenerProperties bind(Map<String, String> settings) {
    Map<String, String> named = new HashMap<>();
    settings.forEach((name, value) -> named.put("understudy." + name, value));
    return new Binder(new MapConfigurationPropertySource(named))
        .bindOrCreate("understudy", ListenerProperties.class);
  }

  @Test
  void defaults_are_those_that_are_in_force_where_nothing_is_set() {
    ListenerProperties defaults = bind(Map.of());
    assertThat(defaults.client().frontLimits(Integer.MAX_VALUE)).isEqualTo(TestLimits.DEFAULT);
    assertThat(defaults.client().maxHeaderSize()).isEqualTo(DataSize.ofKilobytes(16));
    assertThat(defaults.client().maxRequestLine()).isEqualTo(DataSize.ofKilobytes(8));
    assertThat(defaults.server().serverLimits()).isEqualTo(ServerLimits.DEFAULT);
  }

  @Test
  void every_setting_has_its_own_place() {
    Map<String, String> settings = new HashMap<>();
    settings.put("client.header-timeout", "1s");
    settings.put("client.keep-alive", "2s");
    settings.put("client.idle", "3s");
    settings.put("client.max-connections", "4");
    settings.put("client.max-connections-per-address", "5");
    settings.put("client.max-header-size", "6KB");
    settings.put("client.max-request-line", "7KB");
    settings.put("client.max-headers", "8");
    settings.put("client.max-path-segments", "13");
    settings.put("client.max-query-parameters", "14");
    settings.put("client.max-cookies", "15");
    settings.put("client.max-requests-per-connection", "9");
    settings.put("client.max-body", "10MB");
    settings.put("client.memory", "12MB");
    settings.put("client.refuse-ambiguous-paths", "true");
    settings.put("server.max-header-size", "11KB");
    settings.put("server.max-headers", "13");
    ListenerProperties bound = bind(settings);
    assertThat(bound.client().frontLimits(Integer.MAX_VALUE))
        .isEqualTo(
            new FrontendLimits(
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                4,
                OptionalInt.of(5),
                8,
                7 << 10,
                new RequestParts.Limits(13, 14, 15),
                OptionalInt.of(9),
                OptionalLong.of(10 << 20),
                12 << 20,
                true));
    assertThat(bound.client().maxHeaderSize()).isEqualTo(DataSize.ofKilobytes(6));
    assertThat(bound.client().maxRequestLine()).isEqualTo(DataSize.ofKilobytes(7));
    assertThat(bound.server().serverLimits()).isEqualTo(new ServerLimits(11 << 10, 13));
  }

  @ParameterizedTest
  @CsvSource({
    "client.header-timeout, 0s, 'expected a duration of more than zero, such as 10s, found 0ms'",
    "client.keep-alive, -1s, 'expected a duration of more than zero, such as 10s, found -1000ms'",
    "client.idle, 0, 'expected a duration of more than zero, such as 10s, found 0ms'",
    "client.max-connections, 0, 'expected a number of at least 1, found 0'",
    "client.max-connections-per-address, 0, 'expected a number of at least 1, found 0'",
    "client.max-header-size, 1000B, 'expected a size from 1KB to 1MB, such as 16KB, found 1000B'",
    "client.max-header-size, 2MB, 'expected a size from 1KB to 1MB, such as 16KB, found 2097152B'",
    "client.max-request-line, 0, 'expected a size from 1KB to 1MB, such as 16KB, found 0B'",
    "client.max-headers, -1, 'expected a number of at least 1, found -1'",
    "client.max-path-segments, 0, 'expected a number of at least 1, found 0'",
    "client.max-query-parameters, -1, 'expected a number of at least 1, found -1'",
    "client.max-cookies, 0, 'expected a number of at least 1, found 0'",
    "client.max-requests-per-connection, 0, 'expected a number of at least 1, found 0'",
    "client.max-body, -1B, 'expected a size of zero or more, found -1B'",
    "client.memory, 1023KB, 'expected a size of at least 1MB, found 1047552B'",
    "server.max-header-size, 17MB, "
        + "'expected a size from 1KB to 16MB, such as 16KB, found 17825792B'",
    "server.max-headers, 0, 'expected a number from 1 to 10000, found 0'",
  })
  void an_impossible_value_is_refused_by_name_with_the_expected_form(
      String name, String value, String message) {
    assertThatThrownBy(() -> bind(Map.of(name, value)))
        .rootCause()
        .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
        .hasMessage("understudy." + name + ": " + message);
  }
}
