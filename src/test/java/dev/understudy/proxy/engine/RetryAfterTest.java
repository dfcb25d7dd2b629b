package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.network.Networks;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When clients may come again. */
class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @ParameterizedTest
  @CsvSource({
    // rise, down-interval and maintenance's end in milliseconds, excluded by it → seconds
    "2, 1000, ,        false, 2",
    "3, 500,  ,        false, 2",
    "1, 100,  ,        false, 1",
    "2, 1000, 60000,   false, 2",
    "2, 1000, 60000,   true,  60",
    "2, 1000, 60001,   true,  61",
    "2, 1000, -5000,   true,  1",
    "2, 1000, 7200000, true,  3600",
    "2, 1000, ,        true,  2",
  })
  void a_client_may_come_again_once_a_server_can_be_up_or_the_maintenance_is_over(
      int rise, long downMillis, Long endMillis, boolean excluded, long seconds) {
    HealthSettings usual = HealthSettings.DEFAULT;
    TestPools pools =
        TestPools.pool()
            .master("a", 1)
            .health(
                TestSettings.health(
                    usual.check(),
                    usual.interval(),
                    usual.fastInterval(),
                    Duration.ofMillis(downMillis),
                    usual.timeout(),
                    3,
                    rise))
            .start();
    Instant end = endMillis == null ? null : NOW.plusMillis(endMillis);
    pools.maintenance(new PoolMaintenance(true, NOW, end, Networks.of(List.of()), null));
    assertThat(RetryAfter.seconds(pools.state(), excluded, NOW)).isEqualTo(seconds);
  }

  @Test
  void nothing_is_known_of_a_pool_that_does_not_exist() {
    assertThat(RetryAfter.seconds(null, false, NOW)).isEqualTo(1);
  }
}
