package dev.understudy.application;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.admin.access.AccessTokens.Verdict;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** The line that ends a start. */
class ReadyLineTest {
  private static String line(Verdict verdict, String... settings) {
    Map<String, Object> values =
        Arrays.stream(settings)
            .map(setting -> setting.split("=", 2))
            .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().addFirst(new MapPropertySource("test", values));
    return ReadyLine.line(environment, Map.of(), verdict);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'traffic :8080, console http://localhost:9090'",
    "management.server.address=127.0.0.1, 'traffic :8080, console http://127.0.0.1:9090'",
    "management.server.address=::1, 'traffic :8080, console http://[::1]:9090'",
    "management.server.ssl.bundle=a, 'traffic :8080, console https://localhost:9090'",
    "local.management.port=-1, 'traffic :8080'",
    "local.server.port=-1, 'no port for traffic, console http://localhost:9090'",
  })
  void it_names_the_ports_that_are_open(String setting, String expected) {
    String[] settings =
        setting.startsWith("local.")
            ? new String[] {
              setting,
              setting.startsWith("local.server")
                  ? "local.management.port=9090"
                  : "local.server.port=8080"
            }
            : setting.isEmpty()
                ? new String[] {"local.server.port=8080", "local.management.port=9090"}
                : new String[] {"local.server.port=8080", "local.management.port=9090", setting};
    assertThat(line(new Verdict.Rejected(), settings)).isEqualTo(expected);
  }

  @Test
  void it_says_why_nothing_can_be_changed() {
    assertThat(line(new Verdict.NotSet(), "local.server.port=8080"))
        .isEqualTo("traffic :8080 (read only: no token)");
    assertThat(
            line(new Verdict.Unreadable("understudy.admin.token-file"), "local.server.port=8080"))
        .isEqualTo(
            "traffic :8080 (read only: the file of understudy.admin.token-file is unusable)");
  }

  @ParameterizedTest
  @CsvSource({
    "8080, 'traffic :8080 :443 (web) :5432 (pg)'",
    "-1,   'traffic :443 (web) :5432 (pg)'",
  })
  void it_names_the_listeners_of_the_file(String main, String expected) {
    Map<String, Integer> listeners = new LinkedHashMap<>(Map.of("web", 443));
    listeners.put("pg", 5432);
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("test", Map.of("local.server.port", main)));
    assertThat(ReadyLine.line(environment, listeners, new Verdict.Rejected())).isEqualTo(expected);
  }
}
