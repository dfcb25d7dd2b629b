package dev.understudy.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteTest {
  @TempDir private Path folder;

  @Test
  void one_pool_is_on_127_0_0_1() {
    Site site = Site.of(folder, List.of(81, 82));
    assertThat(site.pools())
        .containsExactly(new Site.Pool("app", List.of("127.0.0.1:81", "127.0.0.1:82")));
    assertThat(site.withRoutes(10).poolOf(7)).isEqualTo("app");
  }

  @Test
  void servers_of_several_pools_have_addresses_of_their_own() {
    Site site = Site.of(folder, List.of(81, 81)).withPools(2);
    assertThat(site.pools())
        .containsExactly(
            new Site.Pool("app-0", List.of("127.1.0.1:81", "127.1.0.2:81")),
            new Site.Pool("app-1", List.of("127.1.1.1:81", "127.1.1.2:81")));
    assertThat(site.addresses()).contains("127.1.0.1", "127.1.1.2").hasSize(4);
    assertThat(Site.address(1_999, 1)).as("beyond the first network").isEqualTo("127.8.207.2");
    assertThat(site.routes()).as("one for each pool, and one for all other hosts").isEqualTo(3);
  }

  @Test
  void understudy_and_haproxy_get_the_same_pools_and_routes() throws Exception {
    Site site = Site.of(folder, List.of(81, 81)).withPools(2);
    assertThat(Files.readString(UnderstudyJar.configure(site, "two")))
        .isEqualTo(
            """
            pools:
              app-0:
                servers:
                  s0: { url: "http://127.1.0.1:81", role: master }
                  s1: { url: "http://127.1.0.2:81", role: backup }
                health: { path: /status, expect: { body: version } }
              app-1:
                servers:
                  s0: { url: "http://127.1.1.1:81", role: master }
                  s1: { url: "http://127.1.1.2:81", role: backup }
                health: { path: /status, expect: { body: version } }
            routes:
              - { id: r0, uri: "pool://app-0", predicates: ["Host=host-0.bench.example"] }
              - { id: r1, uri: "pool://app-1", predicates: ["Host=host-1.bench.example"] }
              - { id: app, uri: "pool://app-0", predicates: ["Path=/**"] }
            """);
    assertThat(Files.readString(Haproxy.configure(site, 80)))
        .contains(
            "  default_backend app-0\n",
            "backend app-0\n",
            "  server s0 127.1.0.1:81\n  server s1 127.1.0.2:81 backup\nbackend app-1\n",
            "  server s1 127.1.1.2:81 backup\n");
    assertThat(folder.resolve("haproxy-80-hosts.map"))
        .hasContent("host-0.bench.example app-0\nhost-1.bench.example app-1");
  }
}
