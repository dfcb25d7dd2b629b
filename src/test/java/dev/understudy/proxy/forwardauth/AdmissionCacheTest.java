package dev.understudy.proxy.forwardauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.forwardauth.AuthVerdict.Admitted;
import dev.understudy.proxy.http.ClientConnection;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AdmissionCacheTest {
  private static final ClientConnection CLIENT =
      new ClientConnection(
          new InetSocketAddress("127.0.0.1", 1),
          new InetSocketAddress("127.0.0.1", 80),
          false,
          "main",
          null,
          null,
          change -> {});
  private static final Admitted ADMITTED = new Admitted(Map.of());

  private long now;

  private AdmissionCache cache(String... namesAndValues) {
    Map<String, String> arguments = new HashMap<>(Map.of("url", "pool://a/", "cache", "10s"));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      arguments.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new AdmissionCache(ForwardAuthSettings.of(arguments::get), () -> now);
  }

  private static AuthQuestion question(String target, Map<String, List<String>> fields) {
    return new AuthQuestion(
        "GET",
        "a.test",
        target,
        false,
        CLIENT,
        CLIENT.address(),
        "id",
        name -> fields.getOrDefault(name, List.of()));
  }

  private static ByteBuffer key(AdmissionCache cache, String target, String... lines) {
    return Objects.requireNonNull(cache.key(question(target, Map.of("cookie", List.of(lines)))));
  }

  @Test
  void an_entry_counts_for_its_time() {
    AdmissionCache cache = cache();
    ByteBuffer key = key(cache, "/", "sid=1");
    cache.keep(key, ADMITTED);
    now += 9_999_999_999L;
    assertThat(cache.find(key(cache, "/", "sid=1"))).isSameAs(ADMITTED);
    now++;
    assertThat(cache.find(key)).isNull();
  }

  @Test
  void all_that_the_authenticator_sees_makes_another_key_and_no_secret_is_in_it() {
    AdmissionCache cache = cache();
    ByteBuffer key = key(cache, "/", "sid=1");
    assertThat(key.remaining()).isEqualTo(32);
    assertThat(key(cache, "/", "sid=2")).isNotEqualTo(key);
    assertThat(key(cache, "/a", "sid=1")).isNotEqualTo(key);
    assertThat(key(cache, "/", "a", "b")).isNotEqualTo(key(cache, "/", "ab"));
    assertThat(cache.key(question("/", Map.of("authorization", List.of("sid=1")))))
        .isNotEqualTo(key);
  }

  @Test
  void a_cookie_can_be_all_that_counts_and_nobody_without_it_is_known() {
    AdmissionCache cache = cache("cache-key", "cookie:sid");
    assertThat(key(cache, "/a", "x=1; sid=1")).isEqualTo(key(cache, "/b", "sid=1"));
    assertThat(cache.key(question("/", Map.of("cookie", List.of("x=1"))))).isNull();
  }

  @Test
  void large_fields_make_room_for_each_other() {
    AdmissionCache cache = cache();
    Admitted large = new Admitted(Map.of("x", List.of("x".repeat(1 << 20), "y")));
    for (int i = 0; i < 20; i++) {
      cache.keep(key(cache, "/" + i), large);
      cache.keep(key(cache, "/" + i), large);
    }
    for (int i = 0; i < 20; i++) {
      assertThat(cache.find(key(cache, "/" + i)) != null).as("%d", i).isEqualTo(i >= 5);
    }
    now += 20_000_000_000L;
    assertThat(cache.find(key(cache, "/19"))).isNull();
    cache.keep(key(cache, "/20"), large);
    assertThat(cache.find(key(cache, "/20"))).isSameAs(large);
  }

  @Test
  void the_entry_that_was_not_used_for_the_longest_time_makes_room() {
    AdmissionCache cache = cache();
    for (int i = 0; i < AdmissionCache.MOST_ENTRIES; i++) {
      cache.keep(key(cache, "/" + i), ADMITTED);
    }
    assertThat(cache.find(key(cache, "/0"))).isNotNull();
    cache.keep(key(cache, "/new"), ADMITTED);
    assertThat(cache.find(key(cache, "/0"))).isNotNull();
    assertThat(cache.find(key(cache, "/1"))).isNull();
  }
}
