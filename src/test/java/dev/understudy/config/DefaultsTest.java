package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.BalanceAlgorithm;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DailyWindow;
import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.ExpectedHeader;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.Header;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.PoolSettings;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Regex;
import dev.understudy.pool.RetrySettings;
import dev.understudy.pool.RoleLabel;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerSettings;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.pool.StatusSet;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.TimeoutSettings;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.pool.WarmUpSettings;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What stands for what is left out, and that every value that is written is taken over. */
class DefaultsTest {
  private static final List<RoutePart> EVERYTHING =
      List.of(new RoutePart("Path", Map.of("_genkey_0", "/**")));

  @Test
  void all_defaults() {
    DynamicConfig config = Texts.good(Texts.POOL + Texts.ROUTE);

    Pool pool =
        new Pool(
            new PoolId("sense"),
            PoolMode.FAILOVER,
            List.of(
                TestServers.of(
                    new ServerId("sen2"),
                    TestSettings.address(false, "a", 1),
                    Rank.MASTER,
                    OptionalInt.empty())),
            HealthSettings.DEFAULT,
            FailbackSettings.DEFAULT,
            PoolSettings.DEFAULT,
            List.of());
    RouteSpec route = new RouteSpec("all", "pool://sense", 0, EVERYTHING, List.of(), Map.of());
    assertThat(config)
        .isEqualTo(
            new DynamicConfig(
                List.of(pool),
                List.of(),
                List.of(route),
                ErrorPages.NONE,
                List.of(),
                DnsSettings.DEFAULT,
                Map.of()));
  }

  @Test
  void sections_without_content_have_their_defaults() {
    Pool pool =
        Texts.good(
                Texts.POOL
                    + """
                        health: {}
                        passive: {}
                        failback: {}
                        sticky: {}
                        hold: {}
                        retry: {}
                        on-switch: {}
                        timeouts: {}
                        tls: {}
                    """
                    + Texts.ROUTE)
            .pools()
            .get(0);

    assertThat(pool.health()).isEqualTo(HealthSettings.DEFAULT);
    assertThat(pool.settings().passive()).isEqualTo(PassiveSettings.DEFAULT);
    assertThat(pool.settings().sticky())
        .isEqualTo(TestSettings.sticky("UNDERSTUDY", StickySettings.AfterFailback.DRAIN));
    assertThat(pool.settings().retry()).isEqualTo(RetrySettings.DEFAULT);
  }

  @Test
  void every_value_differs_from_its_default() {
    DynamicConfig config = Texts.good(FullFile.text());

    Pool pool = config.pools().get(0);
    assertThat(pool.mode()).isEqualTo(PoolMode.BALANCE);
    assertThat(pool.settings().balance()).isEqualTo(BalanceAlgorithm.SOURCE);
    assertThat(pool.settings().preferSameZone()).isTrue();
    assertThat(pool.servers())
        .containsExactly(
            new Server(
                new ServerId("sen2"),
                TestSettings.address(true, "react2.domain.com", 8443),
                null,
                new ServerSettings(
                    Rank.MASTER,
                    OptionalInt.of(400),
                    40,
                    OptionalInt.of(9004),
                    "check.domain.com",
                    "zone-1")),
            server("sen1", TestSettings.address(true, "react1.domain.com", 443), Rank.BACKUP, 500));
    assertThat(pool.templates())
        .containsExactly(
            new ServerTemplate(
                new ServerId("sen"),
                TestSettings.address(true, "_https._tcp.domain.com", 443),
                ServerTemplate.Records.SERVICES,
                7,
                new ServerSettings(
                    Rank.BACKUP,
                    OptionalInt.of(600),
                    60,
                    OptionalInt.of(9002),
                    "fd00::2",
                    "zone-2"),
                Duration.ofSeconds(20)),
            new ServerTemplate(
                new ServerId("pods"),
                TestSettings.address(true, "react.shop", 443),
                ServerTemplate.Records.ENDPOINTS,
                8,
                TestServers.settings(Rank.BACKUP, OptionalInt.of(700), 70),
                Duration.ZERO,
                "web",
                new RoleLabel("cnpg.io/instanceRole", "primary")));
    assertThat(config.dns())
        .isEqualTo(
            new DnsSettings(List.of("10.0.0.10:53", "[fd00::53]:53"), Duration.ofSeconds(20)));
    assertThat(pool.health()).isEqualTo(health());
    assertThat(pool.settings().passive())
        .isEqualTo(new PassiveSettings(60, 30, Duration.ofSeconds(20), Duration.ofSeconds(40)));
    assertThat(pool.failback())
        .isEqualTo(
            new FailbackSettings(
                FailbackSettings.Policy.DELAYED,
                Duration.ofSeconds(45),
                new WarmUpSettings("/warm?deep=1", 20, Duration.ofSeconds(5)),
                OptionalInt.of(10),
                DailyWindow.parse("22:30-04:00"),
                ZoneId.of("Europe/Berlin")));
    assertThat(pool.settings().sticky())
        .isEqualTo(
            new StickySettings(
                "SENSE",
                StickySettings.AfterFailback.KEEP,
                StickySettings.Type.APP_COOKIE,
                true,
                false,
                StickySettings.SameSite.STRICT,
                "domain.com",
                5000,
                Duration.ofMinutes(20)));
    assertThat(pool.settings().hold())
        .isEqualTo(new HoldSettings(Duration.ofSeconds(7), 99, 32 * 1024));
    assertThat(pool.settings().retry())
        .isEqualTo(new RetrySettings(3, Set.of("GET", "HEAD"), true));
    assertThat(pool.settings().onSwitch())
        .isEqualTo(
            new SwitchSettings(
                SwitchSettings.WebSockets.KEEP,
                SwitchSettings.Streams.KEEP,
                Duration.ofSeconds(10),
                4001,
                SwitchSettings.Connections.KEEP));
    assertThat(pool.settings().timeouts())
        .isEqualTo(
            new TimeoutSettings(
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
                Duration.ofSeconds(20),
                Duration.ofHours(2),
                Duration.ofSeconds(20)));
    assertThat(pool.settings().tls())
        .isEqualTo(new UpstreamTls("internal-ca", "react.domain.com", false));
    assertThat(pool.settings().http2()).isTrue();
    assertThat(config.defaultFilters())
        .containsExactly(new RoutePart("RedirectToHttps", Map.of("_genkey_0", "301")));
    assertThat(config.routes()).containsExactly(route());
    assertThat(config.errorPages().general()).containsOnlyKeys(range(400, 499));
    assertThat(config.errorPages().ofPools().get(pool.id())).containsOnlyKeys(503);
  }

  private static Integer[] range(int from, int to) {
    return IntStream.rangeClosed(from, to).boxed().toArray(Integer[]::new);
  }

  @Test
  void the_full_file_names_every_key() {
    assertThat(FullFile.keysOf(FullFile.text()).stream().map(FullFile.Key::pattern))
        .containsAll(FullFile.allKeys());
  }

  private static Server server(String id, ServerAddress address, Rank rank, int maxRequests) {
    return TestServers.of(
        new ServerId(id), address, rank, OptionalInt.of(maxRequests), maxRequests / 10);
  }

  private static HealthSettings health() {
    return new HealthSettings(
        new HttpCheck(
            "HEAD",
            "/health?deep=1",
            "react.domain.com:8443",
            List.of(new Header("X-Probe_1", "yes"), new Header("Accept", "text/plain")),
            new Expectation(
                StatusSet.parse("200,204"),
                "version",
                Regex.of("v[0-9]+"),
                new ExpectedHeader("X-Role", "master"),
                List.of(
                    new Expectation.Rule(
                        true,
                        StatusSet.parse("500-599"),
                        "maintenance",
                        Regex.of("v0[0-9]"),
                        new ExpectedHeader("X-Late", "yes")))),
            "{}",
            new CheckConnection(OptionalInt.of(8081), false, true)),
        Duration.ofSeconds(3),
        Duration.ofMillis(500),
        Duration.ofMillis(1500),
        Duration.ofMillis(800),
        4,
        5,
        new AgentCheck(9999, "agent.domain.com", Duration.ofSeconds(5), "status\n"));
  }

  private static RouteSpec route() {
    return new RouteSpec(
        "sense",
        "pool://sense",
        7,
        List.of(
            new RoutePart("Path", Map.of("_genkey_0", "/a/**", "_genkey_1", "/b/**")),
            new RoutePart("Cookie", Map.of("name", "chocolate", "regexp", "ch.p"))),
        List.of(
            new RoutePart("PreferServer", Map.of("_genkey_0", "sen1")),
            new RoutePart("PreserveHostHeader", Map.of())),
        Map.of("team", "web", "limits", Map.of("tier", 3, "zones", List.of("a", "b"))));
  }
}
