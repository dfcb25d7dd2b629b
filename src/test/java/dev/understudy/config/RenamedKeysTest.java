package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RenamedSetting;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A renamed setting of the dynamic file is read under its earlier name, with a warning. */
class RenamedKeysTest {
  private static final List<RenamedSetting> TABLE =
      List.of(
          new RenamedSetting("pools.*.kind", "pools.*.mode", "1.1"),
          new RenamedSetting("pools.*.health.every", "pools.*.health.interval", "1.1"),
          new RenamedSetting("pools.*.servers.*.address", "pools.*.servers.*.url", "1.1"),
          new RenamedSetting("routes.name", "routes.id", "1.1"));

  private static LoadResult read(String text) {
    return new ConfigLoader(Map.<String, String>of()::get, RouteChecker.NONE, TABLE)
        .load(Path.of("gateway.yaml"), text.getBytes(StandardCharsets.UTF_8));
  }

  private static String warning(int line, String before, String now) {
    return "gateway.yaml:%d: warning: %s: is named %s since version 1.1; version 1.4 does not read this name any more"
        .formatted(line, before, now);
  }

  private static List<String> warnings(LoadResult result) {
    return ((LoadResult.Loaded) result).warnings().stream().map(Problem::asWarning).toList();
  }

  @Test
  void earlier_names_are_read_wherever_they_stand_and_each_is_warned_of() {
    LoadResult read =
        read(
            """
            pools:
              sense:
                kind: failover
                health: { every: 7s }
                servers:
                  one: { address: "http://a:1", role: master }
            routes:
              - { name: all, uri: "pool://sense", predicates: ["Path=/**"] }
            """);
    assertThat(Texts.problems(read)).isEmpty();
    DynamicConfig config = Texts.good(read);
    assertThat(config.pools().getFirst().health().interval()).isEqualTo(Duration.ofSeconds(7));
    assertThat(config.routes().getFirst().id()).isEqualTo("all");
    assertThat(warnings(read))
        .containsExactly(
            warning(3, "pools.sense.kind", "pools.*.mode"),
            warning(4, "pools.sense.health.every", "pools.*.health.interval"),
            warning(6, "pools.sense.servers.one.address", "pools.*.servers.*.url"),
            warning(8, "routes[0].name", "routes.id"));
  }

  @Test
  void what_pools_inherit_has_the_earlier_name_too() {
    LoadResult read = read("pool-defaults: { health: { every: 7s } }\n" + Texts.POOL + Texts.ROUTE);
    assertThat(Texts.good(read).pools().getFirst().health().interval())
        .isEqualTo(Duration.ofSeconds(7));
    assertThat(warnings(read))
        .containsExactly(warning(1, "pool-defaults.health.every", "pools.*.health.interval"));
  }

  @Test
  void both_names_at_once_are_refused() {
    assertThat(Texts.problems(read("pools:\n  sense: { kind: balance, mode: balance }\n")))
        .extracting(Problem::toString)
        .contains("gateway.yaml:2: pools.sense.kind: expected mode alone, which is its name now");
  }

  @Test
  void without_a_row_a_name_is_unknown() {
    assertThat(Texts.problems("pools:\n  sense: { kind: balance }\n"))
        .extracting(Problem::toString)
        .anyMatch(problem -> problem.startsWith("gateway.yaml:2: pools.sense.kind: unknown key"));
  }
}
