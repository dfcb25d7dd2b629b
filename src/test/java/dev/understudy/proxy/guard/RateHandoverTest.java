package dev.understudy.proxy.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.TestRequests;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rates from one process to the next, whose clocks have nothing in common. */
class RateHandoverTest {
  private static final String SETTINGS = "rate=10/10s key=header:k entries=100";

  private final AtomicLong then = new AtomicLong(-5_000_000_000L);
  private final AtomicLong now = new AtomicLong(77_000_000_000L);
  private final GuardRegistry before = new GuardRegistry(then::get);
  private final GuardRegistry after = new GuardRegistry(now::get);

  private static RateLimiter limiter(GuardRegistry guards, String route, String arguments) {
    Map<String, String> byName = new HashMap<>();
    for (String each : arguments.split(" ")) {
      byName.put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
    }
    return guards.rate(route, byName::get);
  }

  private static long count(RateLimiter limiter, String key) {
    ClientConnection client = TestRequests.client(new InetSocketAddress("192.0.2.1", 9), 80, false);
    return limiter.count(client, TrustedProxies.NONE, name -> List.of(key));
  }

  /** The number of requests that pass. */
  private static int passing(Supplier<Long> counting) {
    int passed = 0;
    while (counting.get() == 0) {
      passed++;
    }
    return passed;
  }

  private static int passing(RateLimiter limiter, String key) {
    return passing(() -> count(limiter, key));
  }

  @Test
  void a_client_that_is_limited_stays_so_and_others_are_counted_on() {
    RateLimiter old = limiter(before, "r", SETTINGS);
    passing(old, "limited");
    count(old, "busy ä");
    count(old, "busy ä");
    RateLimiter fresh = limiter(after, "r", SETTINGS);
    after.restore(before.rates());
    assertThat(count(fresh, "limited")).isPositive();
    assertThat(passing(fresh, "busy ä")).isEqualTo(8);
    assertThat(passing(fresh, "new")).isEqualTo(10);
  }

  @Test
  void clients_are_known_by_their_addresses() {
    String byAddress = "rate=10/10s";
    passing(limiter(before, "r", byAddress), "");
    RateLimiter fresh = limiter(after, "r", byAddress);
    after.restore(before.rates());
    assertThat(count(fresh, "")).isPositive();
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "5, 5, 0", "5, 10, 5", "10, 5, 5", "19, 0, 9", "5, 15, 10", "21, 0, 10"})
  void a_period_passes_as_though_its_process_had_gone_on(
      int secondsBefore, int secondsAfter, int passing) {
    RateLimiter old = limiter(before, "r", SETTINGS);
    for (int i = 0; i < 10; i++) {
      count(old, "a");
    }
    then.addAndGet(Duration.ofSeconds(secondsBefore).toNanos());
    RateLimiter fresh = limiter(after, "r", SETTINGS);
    after.restore(before.rates());
    now.addAndGet(Duration.ofSeconds(secondsAfter).toNanos());
    assertThat(passing(fresh, "a")).isEqualTo(passing);
  }

  @ParameterizedTest
  @CsvSource({
    "r, rate=10/10s key=header:k entries=100, 0",
    "r, requests=10 period=10s key=header:k entries=100, 0",
    "other, rate=10/10s key=header:k entries=100, 10",
    "r, rate=11/10s key=header:k entries=100, 11",
    "r, rate=10/11s key=header:k entries=100, 10",
    "r, rate=10/10s key=header:other entries=100, 10",
    "r, rate=10/10s key=header:k entries=101, 10",
    "r, rate=10/10s key=header:k entries=100 table=r, 10"
  })
  void only_the_same_filter_of_the_same_route_counts_on(
      String route, String arguments, int passing) {
    passing(limiter(before, "r", SETTINGS), "a");
    RateLimiter fresh = limiter(after, route, arguments);
    after.restore(before.rates());
    assertThat(passing(fresh, "a")).isEqualTo(passing);
  }

  @Test
  void a_table_is_shared_by_routes() {
    passing(limiter(before, "one", SETTINGS + " table=t"), "a");
    RateLimiter fresh = limiter(after, "two", SETTINGS + " table=t");
    after.restore(before.rates());
    assertThat(passing(fresh, "a")).isZero();
  }

  @Test
  void what_is_counted_here_already_is_kept() {
    passing(limiter(before, "r", SETTINGS), "a");
    RateLimiter fresh = limiter(after, "r", SETTINGS);
    count(fresh, "a");
    after.restore(before.rates());
    assertThat(passing(fresh, "a")).isEqualTo(9);
  }

  @Test
  void users_and_their_passwords_are_not_passed_on() {
    before.authenticator(Map.of("file", "users", "realm", "r")::get);
    assertThat(before.rates()).isEqualTo("rates 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "rates 2\nlimiter 0 route r 10 10000 HEADER k 100\nn 0 =a 0 0 99 0",
        "rates 1\nlimiter 0 route r 10 10000 HEADER k\nn 0 =a 0 0 99 0",
        "rates 1\nlimiter 0 route r 10 10000 LATER k 100\nn 0 =a 0 0 99 0",
        "rates 1\nlimiter x route r 10 10000 HEADER k 100\nn x =a 0 0 99 0",
        "rates 1\nlimiter 0 route r 10 10000 HEADER k 100\nn 1 =a 0 0 99 0\nn 0 a 0 0 99 0"
            + "\nn 0 =a 0 0 -99 0\nn 0 =a 0 -1 99 0\nn 0 =%zz 0 0 99 0\nn 0\n\nlater 0",
      })
  void what_is_damaged_or_not_known_is_left(String text) {
    RateLimiter fresh = limiter(after, "r", SETTINGS);
    after.restore(text);
    assertThat(passing(fresh, "a")).isEqualTo(10);
  }

  /** Every later version must read it. */
  @Test
  void the_text_of_version_1_is_read() throws Exception {
    RateLimiter api = limiter(after, "api", SETTINGS);
    RateLimiter shared = limiter(after, "x", "rate=10/10s entries=100 table=shared/pool");
    after.restore(
        Files.readString(Path.of("src/test/resources/dev/understudy/proxy/guard/rates-1.txt")));
    assertThat(passing(api, "a")).isEqualTo(2);
    assertThat(passing(api, "b ä")).isEqualTo(2);
    assertThat(passing(shared, "")).isZero();
    assertThat(api.size()).isEqualTo(2);
  }
}
