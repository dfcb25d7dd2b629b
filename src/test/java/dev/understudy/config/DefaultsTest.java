package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.BalanceAlgorithm;
import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.Header;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.PoolSettings;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RetrySettings;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
    PoolSettings settings = pool.settings();
    assertThat(
            Stream.of(
                    pool.servers().stream(),
                    pool.templates().stream(),
                    Stream.of(
                        config.dns(),
                        pool.health(),
                        settings.passive(),
                        pool.failback(),
                        settings.sticky(),
                        settings.hold(),
                        settings.onSwitch(),
                        settings.timeouts(),
                        settings.tls()))
                .flatMap(each -> each)
                .map(Object::toString)
                .collect(Collectors.joining("\n", "", "\n")))
        .isEqualTo(
            """
            Server[id=sen2, address=https://react2.domain.com:8443, resolved=null, settings=ServerSettings[rank=MASTER, maxRequests=OptionalInt[400], weight=40, healthPort=OptionalInt[9004], healthHost=check.domain.com, zone=zone-1]]
            Server[id=sen1, address=https://react1.domain.com, resolved=null, settings=ServerSettings[rank=BACKUP, maxRequests=OptionalInt[500], weight=50, healthPort=OptionalInt.empty, healthHost=null, zone=null]]
            ServerTemplate[id=sen, address=https://_https._tcp.domain.com, records=SERVICES, count=7, settings=ServerSettings[rank=BACKUP, maxRequests=OptionalInt[600], weight=60, healthPort=OptionalInt[9002], healthHost=fd00::2, zone=zone-2], hold=PT20S, port=, roleLabel=null, pods=all, share=0]
            ServerTemplate[id=pods, address=https://react.shop, records=ENDPOINTS, count=8, settings=ServerSettings[rank=BACKUP, maxRequests=OptionalInt[700], weight=70, healthPort=OptionalInt.empty, healthHost=null, zone=null], hold=PT0S, port=web, roleLabel=cnpg.io/instanceRole=primary, pods=react-0, react-1, share=0]
            DnsSettings[servers=[10.0.0.10:53, [fd00::53]:53], hold=PT20S]
            HealthSettings[check=HttpCheck[method=HEAD, path=/health?deep=1, host=react.domain.com:8443, headers=[X-Probe_1: ***, Accept: ***], \
            expect=Expectation[status=200,204, body=version, bodyRegex=v[0-9]+, header=ExpectedHeader[name=X-Role, contains=master], \
            rules=[Rule[not=true, status=500-599, body=maintenance, bodyRegex=v0[0-9], header=ExpectedHeader[name=X-Late, contains=yes]]]], content={}, \
            connection=CheckConnection[port=OptionalInt[8081], tls=false, proxyProtocol=true]], interval=PT3S, fastInterval=PT0.5S, downInterval=PT1.5S, \
            timeout=PT0.8S, fall=4, rise=5, agent=AgentCheck[port=9999, host=agent.domain.com, interval=PT5S, send=status\n]]
            PassiveSettings[failureRate=60, minimumCalls=30, window=PT20S, openFor=PT40S]
            FailbackSettings[policy=DELAYED, after=PT45S, warmUp=WarmUpSettings[path=/warm?deep=1, requests=20, time=PT5S], maxTunnels=OptionalInt[10], between=22:30-04:00, zone=Europe/Berlin]
            StickySettings[cookie=SENSE, afterFailback=KEEP, type=APP_COOKIE, secure=true, httpOnly=false, sameSite=STRICT, domain=domain.com, entries=5000, expire=PT20M]
            HoldSettings[time=PT7S, requests=99, bodyBytes=32768]
            SwitchSettings[websockets=KEEP, streams=KEEP, drain=PT10S, closeCode=4001, connections=KEEP]
            TimeoutSettings[connect=PT2S, response=PT30S, idle=PT20S, tunnel=PT2H, keepAlive=PT20S]
            UpstreamTls[bundle=internal-ca, serverName=react.domain.com, verify=false, trusted=null]
            """);
    assertThat(((HttpCheck) pool.health().check()).headers())
        .containsExactly(new Header("X-Probe_1", "yes"), new Header("Accept", "text/plain"));
    assertThat(settings.retry()).isEqualTo(new RetrySettings(3, Set.of("GET", "HEAD"), true));
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
