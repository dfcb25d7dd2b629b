package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.TcpCheck;
import dev.understudy.testing.Rows;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What pools inherit from {@code pool-defaults}, and where its problems are. */
class PoolDefaultsTest {
  private static final String SERVERS = "servers: { one: { url: \"http://a:1\" } }";

  private static String file(String defaults, String pool) {
    return "pool-defaults:\n"
        + defaults.indent(2)
        + "pools:\n  sense:\n"
        + (SERVERS + "\n" + pool).indent(4)
        + "  other:\n"
        + SERVERS.indent(4)
        + "routes:\n"
        + "  - { id: all, uri: \"pool://sense\", predicates: [\"Path=/**\"] }\n"
        + "  - { id: other, uri: \"pool://other\", predicates: [\"Host=b\"] }\n";
  }

  private static Pool first(String defaults, String pool) {
    return Texts.good(file(defaults, pool)).pools().getFirst();
  }

  @Test
  void a_pool_has_the_defaults_that_it_does_not_set() {
    Pool pool = first("mode: balance\nhold: { time: 9s, requests: 7 }", "hold: { time: 3s }");
    assertThat(pool.mode()).isEqualTo(PoolMode.BALANCE);
    assertThat(pool.settings().hold().time()).isEqualTo(Duration.ofSeconds(3));
    assertThat(pool.settings().hold().requests()).isEqualTo(7);
    assertThat(pool.settings().hold().bodyBytes()).isEqualTo(64 * 1024);
  }

  @Test
  void sections_are_merged_at_any_depth() {
    Pool pool =
        first(
            "health: { expect: { status: \"200\", header: { name: X-Role } } }",
            "health: { expect: { header: { contains: master } } }");
    HttpCheck check = (HttpCheck) pool.health().check();
    assertThat(check.expect().status()).hasToString("200");
    assertThat(check.expect().header().name()).isEqualTo("X-Role");
    assertThat(check.expect().header().contains()).isEqualTo("master");
  }

  @Test
  void a_list_replaces_the_list_of_the_defaults() {
    Pool pool = first("retry: { methods: [GET, PUT] }", "retry: { methods: [HEAD] }");
    assertThat(pool.settings().retry().methods()).isEqualTo(Set.of("HEAD"));
  }

  @Test
  void a_section_that_only_the_defaults_have_turns_a_feature_on() {
    assertThat(first("sticky: { cookie: X }", "").settings().sticky().cookie()).isEqualTo("X");
    assertThat(first("passive: {}", "").settings().passive()).isNotNull();
  }

  @Test
  void what_does_not_belong_to_the_pools_own_type_is_not_inherited() {
    Pool pool =
        first("health: { path: /x, fall: 9, port: 81 }", "health: { type: tcp }\nmode: balance");
    assertThat(pool.health().check())
        .isEqualTo(new TcpCheck(List.of(), new CheckConnection(OptionalInt.of(81), null, false)));
    assertThat(pool.health().fall()).isEqualTo(9);
  }

  /** Settings of the defaults and of a pool, and the one problem. */
  @Rows(
      """
      # a wrong default is one problem where it stands
      health: { fall: many } | health: { rise: 3 } | 2: pool-defaults.health.fall: expected a whole number of at least 1 and at most 100, found "many"
      # a default that a pool's own value contradicts is named
      health: { fast-interval: 5s, interval: 6s } | health: { interval: 1s } | 2: pool-defaults.health.fast-interval: expected at most the interval, found "5s"
      # unknown keys and those of single pools are named once
      helth: {} | hold: {} | 2: pool-defaults.helth: unknown key, did you mean "health"?
      servers: {} | hold: {} | 2: pool-defaults.servers: expected in each pool, not among the defaults of all
      hold: { tiem: 1s } | hold: {} | 2: pool-defaults.hold.tiem: unknown key, did you mean "time"?
      error-pages: {} | hold: {} | 2: pool-defaults.error-pages: expected in each pool, not among the defaults of all
      # the defaults are a map
      [] | hold: {} | 1: pool-defaults: expected a map, found a list
      # what is mandatory may stand in either place but not in none
      health: { expect: { header: { contains: x } } } | hold: {} | header.name: expected the name of a header
      # defaults may hold what only their pools complete, with secrets masked
      health: { headers: { Authorization: [hunter2] } } | hold: {} | headers.Authorization: expected
      """)
  void a_problem_is_told_once_where_it_stands(String defaults, String pool, String problem) {
    assertThat(Texts.lines(file(defaults, pool)))
        .singleElement()
        .asString()
        .contains(problem)
        .doesNotContain("hunter2");
  }
}
