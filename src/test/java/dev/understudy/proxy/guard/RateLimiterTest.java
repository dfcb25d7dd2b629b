package dev.understudy.proxy.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.TestRequests;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimiterTest {
  private static final ClientConnection CLIENT =
      TestRequests.client(new InetSocketAddress("192.0.2.1", 9), 80, false);

  private final AtomicLong nanos = new AtomicLong(-5_000_000_000L);
  private final GuardRegistry guards = new GuardRegistry(nanos::get);

  private RateLimiter limiter(String rate, String entries) {
    return guards.rate("r", Map.of("rate", rate, "key", "header:k", "entries", entries)::get);
  }

  private static long count(RateLimiter limiter, String key) {
    return limiter.count(CLIENT, TrustedProxies.NONE, name -> List.of(key));
  }

  @Test
  void a_client_that_does_not_slow_down_stays_limited() {
    RateLimiter limiter = limiter("10/1s", "9");
    long passed = 0;
    for (int i = 0; i < 1_000; i++) {
      passed += count(limiter, "a") == 0 ? 1 : 0;
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(50));
    }
    assertThat(passed).isEqualTo(10);
  }

  @Test
  void a_client_at_the_rate_always_passes() {
    RateLimiter limiter = limiter("10/1s", "9");
    for (int i = 0; i < 1_000; i++) {
      assertThat(count(limiter, "a")).isZero();
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(101));
    }
  }

  @Test
  void the_number_of_keys_is_bounded_and_a_flood_of_new_ones_does_not_free_a_busy_one() {
    RateLimiter limiter = limiter("100/10s", "1000");
    for (int i = 0; i < 150; i++) {
      count(limiter, "busy");
    }
    for (int i = 0; i < 100_000; i++) {
      count(limiter, "new-" + i);
      if (i % 100 == 0) {
        assertThat(count(limiter, "busy")).isPositive();
      }
    }
    assertThat(limiter.size()).isLessThanOrEqualTo(1000);
  }

  @Test
  void a_key_is_forgotten_after_two_periods() {
    RateLimiter limiter = limiter("1/10s", "10");
    count(limiter, "a");
    assertThat(limiter.size()).isEqualTo(1);
    nanos.addAndGet(Duration.ofSeconds(21).toNanos());
    assertThat(limiter.size()).isZero();
  }

  @Test
  void threads_count_together() throws Exception {
    RateLimiter limiter = limiter("1000/1d", "10");
    AtomicInteger passed = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int thread = 0; thread < 4; thread++) {
        threads.submit(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                passed.addAndGet(count(limiter, "a") == 0 ? 1 : 0);
              }
            });
      }
    }
    assertThat(passed).hasValue(1_000);
  }

  @Test
  void the_same_filter_of_the_same_route_has_one_limiter_and_an_unused_one_is_collected() {
    RateLimiter one = limiter("1/10s", "10");
    assertThat(limiter("1/10s", "10")).isSameAs(one);
    assertThat(limiter("2/10s", "10")).isNotSameAs(one);
    assertThat(guards.rate("other", Map.of("rate", "1/10s", "key", "header:k")::get))
        .isNotSameAs(one);
  }

  @ParameterizedTest
  @CsvSource({
    "100/10s, 100, 10000",
    "5/s, 5, 1000",
    "1/500ms, 1, 500",
    "7/2m, 7, 120000",
    "7/1h, 7, 3600000",
    "999999999/1d, 999999999, 86400000"
  })
  void rates_are_requests_in_a_period(String rate, long requests, long millis) {
    RateSettings settings = RateSettings.of(Map.of("rate", rate)::get);
    assertThat(settings.requests()).isEqualTo(requests);
    assertThat(settings.period()).hasMillis(millis);
    assertThat(settings.key().kind()).isEqualTo(RateLimitKey.Kind.CLIENT_ADDRESS);
    assertThat(settings.entries()).isEqualTo(100_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "100", "0/1s", "x/1s", "1/", "1/10", "1/99ms", "1/2d", "-1/s", "1/1w"})
  void other_rates_are_refused(String rate) {
    assertThatThrownBy(() -> RateSettings.of(Map.of("rate", rate)::get))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "header", "header:", "cookie:a b", "address", "host:x", "client-address:1"})
  void other_keys_are_refused(String key) {
    assertThatThrownBy(() -> RateLimitKey.of(key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected client-address, header:NAME, cookie:NAME or host");
  }
}
