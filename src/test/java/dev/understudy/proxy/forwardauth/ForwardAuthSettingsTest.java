package dev.understudy.proxy.forwardauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.pool.PoolId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardAuthSettingsTest {
  private static ForwardAuthSettings of(String... namesAndValues) {
    Map<String, String> arguments = new HashMap<>(Map.of("url", "pool://auth/verify?x=1"));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      arguments.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return ForwardAuthSettings.of(arguments::get);
  }

  @Test
  void the_url_alone_is_enough() {
    ForwardAuthSettings settings = of();
    assertThat(settings.pool()).isEqualTo(new PoolId("auth"));
    assertThat(settings.target()).isEqualTo("/verify?x=1");
    assertThat(settings.responseHeaders()).isEmpty();
    assertThat(settings.requestHeaders()).contains("cookie", "authorization");
    assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.opens()).isFalse();
    assertThat(settings.cache()).isZero();
    assertThat(of("url", "pool://auth").target()).isEqualTo("/");
  }

  @Test
  void names_are_lists_in_any_letter_case() {
    ForwardAuthSettings settings =
        of("response-headers", "Remote-User, X-Forwarded-User,", "request-headers", "X-A,Cookie");
    assertThat(settings.responseHeaders()).containsExactly("remote-user", "x-forwarded-user");
    assertThat(settings.requestHeaders()).contains("x-a").doesNotHaveDuplicates();
    assertThat(of("cache", "2s", "cache-key", "cookie:sid, header:X-A, host").cacheKey())
        .hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "url | http://auth/ | url: expected pool://POOL/PATH",
        "url | pool:// | url: expected pool://POOL/PATH",
        "url | pool://auth/a b | url: expected pool://POOL/PATH",
        "url | pool://a_b!/ | url: expected a pool's name",
        "response-headers | Host | response-headers: expected names of header fields",
        "response-headers | X-Forwarded-For | response-headers: expected names",
        "response-headers | a b | response-headers: expected names",
        "request-headers | Content-Length | request-headers: expected names",
        "timeout | 0s | timeout: expected a time such as 5s, at most 1m",
        "timeout | 61s | timeout: expected",
        "timeout | 5 | timeout: expected",
        "on-failure | 502 | on-failure: expected 503 or open, found '502'",
        "concurrent | 0 | concurrent: expected 1 to 100000, found '0'",
        "cache | 61m | cache: expected a time",
        "cache-key | host | cache-key: expected only with a time in cache",
      })
  void a_wrong_value_is_told_with_what_was_expected(String name, String value, String message) {
    assertThatThrownBy(() -> of(name, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource({"path", "header:", "cookie", "host:a", "header:a b"})
  void a_wrong_part_of_a_key_is_told(String key) {
    assertThatThrownBy(() -> of("cache", "1s", "cache-key", key))
        .hasMessageStartingWith("cache-key: expected method, host");
  }
}
