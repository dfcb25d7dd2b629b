package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.testing.Rows;
import java.util.Map;

/** Which checks prove the role of their servers, and what follows for the failback. */
class RoleProofTest {
  private static String file(String scheme, String health, String rest) {
    return """
    pools:
      db:
        servers:
          one: { url: "%s://a:1", role: master }
          two: { url: "%s://b:1", role: backup }
        health: { %s }
    %s
    listeners: { db: { port: 1, pool: db } }
    routes: []
    """
        .formatted(scheme, scheme, health, rest);
  }

  private static Pool pool(String text) {
    return Texts.good(text).pools().getFirst();
  }

  @Rows(
      """
      type: redis, role: primary                          | true  | MANUAL
      type: redis                                         | false | MANUAL
      type: postgresql, user: u, role: primary            | true  | MANUAL
      type: postgresql, user: u                           | false | MANUAL
      type: mysql, user: u, role: primary                 | true  | MANUAL
      type: mysql, user: u, role: synced                  | false | MANUAL
      type: mysql, user: u, role: synced-or-donor         | false | MANUAL
      type: mysql                                         | false | MANUAL
      type: http, path: /primary, port: 8008              | true  | MANUAL
      type: http, path: /master, port: 8008               | true  | MANUAL
      type: http, path: /leader, port: 8008               | true  | MANUAL
      type: http, path: /read-write, port: 8008           | true  | MANUAL
      type: http, path: "/primary?lag=1MB", port: 8008    | true  | MANUAL
      type: http, path: /replica, port: 8008              | false | IMMEDIATE
      type: http, path: /, port: 8008                     | false | IMMEDIATE
      type: tcp                                           | false | IMMEDIATE
      type: extension, name: Orders                       | false | IMMEDIATE
      """)
  void a_check_of_tcp_servers_proves_the_role_if_it_asks_for_it(
      String health, boolean proves, Policy preset) {
    Pool pool = pool(file("tcp", health, ""));
    assertThat(pool.provesRole()).isEqualTo(proves);
    assertThat(pool.failback().policy()).isEqualTo(preset);
    assertThat(pool(file("tcp", health, "    mode: balance\n")).provesRole()).isFalse();
  }

  @Rows(
      """
      immediate | true
      delayed   | true
      manual    | false
      """)
  void a_policy_that_follows_by_itself_has_no_effect_and_is_warned_of(
      String policy, boolean warned) {
    String text =
        file("tcp", "type: redis, role: primary", "    failback: { policy: " + policy + " }");
    assertThat(pool(text).failbackPolicy()).isEqualTo(Policy.MANUAL);
    LoadResult.Loaded loaded = (LoadResult.Loaded) Texts.read(text, Map.of(), RouteChecker.NONE);
    assertThat(
            loaded.warnings().stream()
                .anyMatch(each -> each.asWarning().contains("second primary")))
        .isEqualTo(warned);
  }

  @Rows(
      """
      /status  | IMMEDIATE
      /primary | IMMEDIATE
      """)
  void no_path_of_http_servers_proves_the_role(String path, Policy preset) {
    String text =
        """
        pools:
          db:
            servers: { one: { url: "http://a:1", role: master } }
            health: { path: %s }
        routes: [{ id: r, uri: "pool://db", predicates: ["Path=/**"] }]
        """
            .formatted(path);
    assertThat(pool(text).provesRole()).isFalse();
    assertThat(pool(text).failback().policy()).isEqualTo(preset);
  }
}
