package dev.understudy.proxy.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.pool.StickySettings.SameSite;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.TestPools;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StickyCookiesTest {
  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");

  @TempDir Path directory;

  private static StickyCookies cookies(int portOfA, int portOfB, StickyKey key) {
    Pool pool =
        TestPools.pool()
            .master("a", portOfA)
            .backup("b", portOfB)
            .sticky(AfterFailback.KEEP)
            .build();
    return new StickyCookies(pool, pool.settings().sticky(), key, TrustedProxies.NONE);
  }

  private static StickyCookies cookies(int port) {
    return cookies(port, port, StickyKey.DERIVED);
  }

  private StickyKey key(String secret) throws IOException {
    return StickyKey.inFile(Files.writeString(directory.resolve("key"), secret));
  }

  private static String pair(StickyCookies cookies, ServerId server) {
    String set = cookies.setCookie(server, 7, false);
    return set.substring(0, set.indexOf(';'));
  }

  @Test
  void the_value_names_no_server_and_the_same_one_on_every_replica() {
    String here = pair(cookies(1), A);
    assertThat(here)
        .isEqualTo(pair(cookies(1), A))
        .isNotEqualTo(pair(cookies(1), B))
        .matches("UNDERSTUDY=[A-Za-z0-9_-]{22}[.][A-Za-z0-9_-]{11}");
  }

  @Test
  void each_session_has_an_id_of_its_own_beside_the_value() {
    StickyCookies cookies = cookies(1);
    String one = cookies.setCookie(A, 1, false);
    String two = cookies.setCookie(A, Long.MIN_VALUE, false);
    assertThat(one).isNotEqualTo(two).hasSameSizeAs(two);
    assertThat(session(cookies, one)).isEqualTo(A);
    assertThat(session(cookies, two)).isEqualTo(A);
    assertThat(cookies.session(new DefaultHttpHeaders().set("cookie", one)))
        .isNotEqualTo(cookies.session(new DefaultHttpHeaders().set("cookie", two)));
  }

  @Test
  void without_a_key_a_servers_value_hangs_on_its_own_address_and_on_no_other() {
    assertThat(pair(cookies(1, 2, StickyKey.DERIVED), A))
        .isNotEqualTo(pair(cookies(9, 2, StickyKey.DERIVED), A))
        .isEqualTo(pair(cookies(1, 9, StickyKey.DERIVED), A));
  }

  @Test
  void with_a_key_it_hangs_on_the_key_and_the_names_and_not_on_addresses() throws IOException {
    String value = pair(cookies(1, 2, key("0123456789abcdef")), A);
    assertThat(value)
        .isEqualTo(pair(cookies(8, 9, key("0123456789abcdef\n")), A))
        .isNotEqualTo(pair(cookies(1, 2, key("0123456789abcdeX")), A))
        .isNotEqualTo(pair(cookies(1, 2, StickyKey.DERIVED), A));
  }

  @Test
  void names_do_not_run_into_each_other() throws IOException {
    StickyKey key = key("0123456789abcdef");
    Server one = cookiesServer("bc");
    Server two = cookiesServer("c");
    assertThat(key.value(new PoolId("a"), one)).isNotEqualTo(key.value(new PoolId("ab"), two));
  }

  private static Server cookiesServer(String id) {
    return TestPools.pool().master(id, 1).build().servers().get(0);
  }

  @Test
  void a_value_that_anybody_can_compute_names_no_server() throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest("sense/b".getBytes(UTF_8));
    for (StickyCookies cookies : List.of(cookies(1), cookies(1, 1, key("0123456789abcdef")))) {
      String id = pair(cookies, B).split("[.]")[1];
      for (String made :
          List.of(
              HexFormat.of().formatHex(hash, 0, 8),
              HexFormat.of().formatHex(hash),
              HexFormat.of().formatHex(hash, 0, 8) + "." + id,
              Base64.getUrlEncoder().encodeToString(hash).substring(0, 22) + "." + id,
              "b." + id,
              "." + id)) {
        assertThat(session(cookies, "UNDERSTUDY=" + made)).as(made).isNull();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'',                'found none'",
    "'  \n',            'found none'",
    "'fifteen  bytes.', 'found 15'",
    "-,                 'found more'"
  })
  void a_key_that_is_none_is_refused_with_what_is_expected(String content, String found) {
    String text = content.equals("-") ? "x".repeat(4097) : content;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> key(text))
        .withMessageContaining("expected a secret of 16 to 4096 bytes")
        .withMessageContaining(directory.resolve("key").toString())
        .withMessageContaining(found);
  }

  @Test
  void a_key_that_is_missing_is_refused_by_its_path() {
    Path file = directory.resolve("nowhere");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StickyKey.inFile(file))
        .withMessageContaining(file + " cannot be read");
  }

  @Test
  void a_key_shows_nowhere() throws IOException {
    assertThat(key("0123456789abcdef").toString()).doesNotContain("0123456789abcdef");
  }

  @Test
  void it_is_secure_over_tls_only() {
    assertThat(cookies(1).setCookie(A, 1, true)).endsWith("; Secure");
    assertThat(cookies(1).setCookie(A, 1, false)).doesNotContain("Secure").contains("HttpOnly");
  }

  @Test
  void a_request_is_recognised_by_it_and_by_nothing_else() {
    StickyCookies cookies = cookies(1);
    String pair = pair(cookies, B);
    assertThat(session(cookies, pair)).isEqualTo(B);
    assertThat(session(cookies, "x=1; " + pair + ";y=2")).isEqualTo(B);
    assertThat(session(cookies, "UNDERSTUDY=old; " + pair)).isEqualTo(B);
    assertThat(session(cookies, "X" + pair)).isNull();
    assertThat(session(cookies, "UNDERSTUDY=b")).isNull();
    assertThat(session(cookies, "x=" + pair)).isNull();
    assertThat(session(cookies, pair.substring(0, pair.length() - 1))).isNull();
    assertThat(session(cookies, pair.split("[.]")[0])).isNull();
  }

  @Test
  void its_attributes_are_those_of_the_settings() {
    assertThat(attributes(null, true, SameSite.LAX, null, false))
        .isEqualTo("; Path=/; HttpOnly; SameSite=Lax");
    assertThat(attributes(true, false, SameSite.STRICT, "x.example", false))
        .isEqualTo("; Path=/; Domain=x.example; SameSite=Strict; Secure");
    assertThat(attributes(false, true, SameSite.LAX, null, true)).doesNotContain("Secure");
    assertThat(attributes(null, true, SameSite.NONE, null, false))
        .isEqualTo("; Path=/; HttpOnly; SameSite=None; Secure");
  }

  private static String attributes(
      Boolean secure, boolean httpOnly, SameSite sameSite, String domain, boolean tls) {
    StickySettings sticky =
        new StickySettings(
            "X",
            AfterFailback.DRAIN,
            StickySettings.Type.COOKIE,
            secure,
            httpOnly,
            sameSite,
            domain,
            1,
            StickySettings.DEFAULT.expire());
    Pool pool = TestPools.pool().master("a", 1).sticky(sticky).build();
    String set =
        new StickyCookies(pool, sticky, StickyKey.DERIVED, TrustedProxies.NONE)
            .setCookie(A, 1, tls);
    return set.substring(set.indexOf(';'));
  }

  private static ServerId session(StickyCookies cookies, String header) {
    StickyCookies.Session session = cookies.session(new DefaultHttpHeaders().set("cookie", header));
    return session == null ? null : session.server();
  }
}
