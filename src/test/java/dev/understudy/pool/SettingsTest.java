package dev.understudy.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A value that exists is valid. */
class SettingsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @ParameterizedTest
  @ValueSource(
      strings = {"a", "0", "sen2", "a-b", "a--b", "1234567890123456789012345678901234567890"})
  void a_dns_label_names_a_pool_or_a_server(String text) {
    assertThat(DnsLabel.isValid(text)).isTrue();
    assertThat(new PoolId(text).toString()).isEqualTo(text);
    assertThat(new ServerId(text)).isEqualByComparingTo(new ServerId(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "-a",
        "a-",
        "A",
        "a_b",
        "a.b",
        "ä",
        "a ",
        "a\n",
        "12345678901234567890123456789012345678901"
      })
  void malformed_label(String text) {
    assertThat(DnsLabel.isValid(text)).isFalse();
    refuses(() -> new PoolId(text));
    refuses(() -> new ServerId(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gw.shop.sense", "gw-svc.shop.app.p80", "gw-http.a.b-c.r0"})
  void a_pool_of_objects_of_a_cluster_has_their_names(String text) {
    assertThat(new PoolId(text).toString()).isEqualTo(text);
    assertThat(new PoolId("gw." + "a".repeat(157)).value()).hasSize(160);
    refuses(() -> new ServerId(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"g.a", "shop.gw", "gw.", "gw..a", "gw.A", "gw.a-", "gw.-a", "gw.a_b", "gw.a\n"})
  void malformed_name_of_a_pool_of_objects(String text) {
    refuses(() -> new PoolId(text));
    refuses(() -> new PoolId("gw." + "a".repeat(158)));
  }

  @Test
  void sets_of_status_codes() {
    StatusSet set = StatusSet.parse("200, 204,301-308");
    assertThat(List.of(200, 204, 301, 305, 308)).allMatch(set::contains);
    assertThat(List.of(0, 100, 199, 201, 203, 205, 300, 309, 599, 10_000)).noneMatch(set::contains);
    assertThat(StatusSet.parse("100-599").contains(599)).isTrue();
    assertThat(StatusSet.parse("200-201")).isEqualTo(StatusSet.parse("201,200"));
    assertThat(StatusSet.parse("200-201")).hasSameHashCodeAs(StatusSet.parse("201,200"));
    assertThat(StatusSet.parse("200")).isNotEqualTo(StatusSet.parse("201"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ",", "200,", "99", "600", "20x", "2xx", "300-200", "200-", "-200", "1-2-3", "٢٠٠"
      })
  void malformed_set_of_status_codes(String text) {
    refuses(() -> StatusSet.parse(text));
  }

  @Test
  void addresses_write_their_authority() {
    assertThat(TestSettings.address(false, "a", 80).authority()).isEqualTo("a");
    assertThat(TestSettings.address(false, "a", 443).authority()).isEqualTo("a:443");
    assertThat(TestSettings.address(true, "a", 443)).hasToString("https://a");
    assertThat(TestSettings.address(false, "::1", 81)).hasToString("http://[::1]:81");
    refuses(() -> TestSettings.address(false, "", 80));
    refuses(() -> TestSettings.address(false, "a", 0));
    refuses(() -> TestSettings.address(false, "a", 65_536));
  }

  @Test
  void pools_have_servers_with_names_of_their_own() {
    Server server =
        TestServers.of(
            new ServerId("a"),
            TestSettings.address(false, "a", 1),
            Rank.MASTER,
            OptionalInt.empty());
    assertThat(pool(List.of(server)).server(new ServerId("a"))).isSameAs(server);
    assertThat(pool(List.of(server)).server(new ServerId("b"))).isNull();
    refuses(() -> pool(List.of()));
    refuses(() -> pool(List.of(server, server)));
  }

  @Test
  void durations_and_counts_have_lower_bounds() {
    refuses(() -> TestSettings.timeouts(Duration.ZERO, SECOND, SECOND, SECOND));
    refuses(() -> new HoldSettings(SECOND.negated(), 1, 1));
    assertThat(new HoldSettings(Duration.ZERO, 0, 0).time()).isZero();
    refuses(() -> new RetrySettings(0, Set.of(), false));
    refuses(() -> new PassiveSettings(101, 1, SECOND, SECOND));
    refuses(() -> new PassiveSettings(1, 1, Duration.ofMillis(999), SECOND));
    refuses(
        () ->
            TestSettings.onSwitch(
                SwitchSettings.WebSockets.CLOSE,
                SwitchSettings.Streams.CLOSE,
                SECOND.negated(),
                SwitchSettings.DEFAULT.closeCode()));
    refuses(() -> TestSettings.health(HttpCheck.DEFAULT, SECOND, SECOND, SECOND, SECOND, 0, 1));
  }

  @Test
  void a_header_does_not_print_its_value() {
    assertThat(new Header("Authorization", "s3cr3t")).hasToString("Authorization: ***");
  }

  @Test
  void expressions_compare_by_their_text() {
    assertThat(Regex.of("a+")).isEqualTo(Regex.of("a+")).hasSameHashCodeAs(Regex.of("a+"));
    assertThat(Regex.of("a+").find("baab")).isTrue();
    assertThat(Regex.of("^a").find("ba")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_pool_uses_tls_to_servers_that_are_still_to_be_found(boolean tls) {
    ServerTemplate template =
        new ServerTemplate(
            new ServerId("a"),
            TestSettings.address(tls, "app.example", 8443),
            ServerTemplate.Records.ADDRESSES,
            3,
            TestServers.settings(Rank.MASTER, OptionalInt.empty(), 1),
            SECOND);
    assertThat(TestPools.pool(new PoolId("p")).templates(template).build().usesTls())
        .isEqualTo(tls);
  }

  private static void refuses(ThrowingCallable making) {
    assertThatIllegalArgumentException().isThrownBy(making);
  }

  private static Pool pool(List<Server> servers) {
    return new Pool(
        new PoolId("p"),
        PoolMode.FAILOVER,
        servers,
        HealthSettings.DEFAULT,
        FailbackSettings.DEFAULT,
        PoolSettings.DEFAULT,
        List.of());
  }
}
