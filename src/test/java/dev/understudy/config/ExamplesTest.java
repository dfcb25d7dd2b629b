package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.ServerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The shipped files say what they are meant to say. */
class ExamplesTest {
  @Test
  void sense_says_what_the_haproxy_configuration_says() {
    DynamicConfig config =
        Texts.good(new ConfigLoader(RouteChecker.NONE).load(Path.of("config/sense.yaml")));

    Pool pool = config.pools().get(0);
    assertThat(pool.mode()).isEqualTo(PoolMode.FAILOVER);
    assertThat(pool.servers())
        .extracting(
            server -> server.id().value(),
            server -> server.address().toString(),
            server -> server.rank())
        .containsExactly(
            tuple("sen2", "http://react2.domain.com:8079", Rank.MASTER),
            tuple("sen1", "http://react1.domain.com:8079", Rank.BACKUP));
    HttpCheck check = (HttpCheck) pool.health().check();
    assertThat(check.method() + " " + check.path()).isEqualTo("GET /status");
    assertThat(check.expect().body()).isEqualTo("version");
    assertThat(check.expect().status().contains(500)).isTrue();
    assertThat(pool.health().interval()).isEqualTo(Duration.ofMillis(40_000));
    assertThat(pool.health().fall()).isEqualTo(3);
    assertThat(pool.health().rise()).isEqualTo(2);
    assertThat(pool.failback().policy()).isEqualTo(FailbackSettings.Policy.IMMEDIATE);
    assertThat(pool.server(new ServerId("sen1"))).isNotNull();
    assertThat(config.defaultFilters())
        .containsExactly(
            filter("StrictTransportSecurity", "max-age=16000000; preload"),
            filter("RequireWebSocketUpgrade", "/websocket"),
            filter("RedirectToHttps", "301"));
    assertThat(config.routes())
        .extracting(RouteSpec::predicates, RouteSpec::filters)
        .containsExactly(
            tuple(
                List.of(filter("Host", "master.domain.com")),
                List.of(filter("PreferServer", "sen2"))),
            tuple(
                List.of(filter("Host", "failover.domain.com")),
                List.of(filter("PreferServer", "sen1"))),
            tuple(List.of(filter("Path", "/**")), List.of()));
  }

  private static RoutePart filter(String name, String argument) {
    return new RoutePart(name, Map.of("_genkey_0", argument));
  }
}
