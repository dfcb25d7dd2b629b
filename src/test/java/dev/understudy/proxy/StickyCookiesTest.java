package dev.understudy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.testing.TestPools;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StickyCookiesTest {
  private static StickyCookies cookies(int port) {
    Pool pool =
        TestPools.pool().master("a", port).backup("b", port).sticky(AfterFailback.KEEP).build();
    return new StickyCookies(pool, pool.sticky());
  }

  @Test
  void the_value_is_the_same_on_every_replica_and_names_no_server() {
    String here = cookies(1).setCookie(new ServerId("a"), false);
    assertThat(here).isEqualTo(cookies(2).setCookie(new ServerId("a"), false));
    assertThat(here).isNotEqualTo(cookies(1).setCookie(new ServerId("b"), false));
    assertThat(here).startsWith("UNDERSTUDY=").doesNotContain("UNDERSTUDY=a").contains("HttpOnly");
  }

  @Test
  void it_is_secure_over_tls_only() {
    assertThat(cookies(1).setCookie(new ServerId("a"), true)).endsWith("; Secure");
    assertThat(cookies(1).setCookie(new ServerId("a"), false)).doesNotContain("Secure");
  }

  @Test
  void a_request_is_recognised_by_it_and_by_nothing_else() {
    StickyCookies cookies = cookies(1);
    String set = cookies.setCookie(new ServerId("b"), false);
    String pair = set.substring(0, set.indexOf(';'));
    assertThat(session(cookies, pair)).isEqualTo(new ServerId("b"));
    assertThat(session(cookies, "x=1; " + pair + ";y=2")).isEqualTo(new ServerId("b"));
    assertThat(session(cookies, "UNDERSTUDY=old; " + pair)).isEqualTo(new ServerId("b"));
    assertThat(session(cookies, "X" + pair)).isNull();
    assertThat(session(cookies, "UNDERSTUDY=b")).isNull();
    assertThat(session(cookies, "x=" + pair)).isNull();
  }

  private static ServerId session(StickyCookies cookies, String header) {
    return cookies.session(new DefaultHttpHeaders().set("cookie", header));
  }

  @ParameterizedTest
  @CsvSource({
    "'U=1',                ''",
    "'a=1; U=1',           'a=1'",
    "'U=1; a=1',           'a=1'",
    "'a=1; U=1; b=2',      'a=1; b=2'",
    "'U=1;U=2; b=2; U=3',  'b=2'",
    "'XU=1; a=U=2',        'XU=1; a=U=2'",
    "'UX=1',               'UX=1'",
    "'a=1',                'a=1'",
  })
  void it_is_cut_out_of_a_cookie_field(String before, String after) {
    assertThat(StickyCookies.strip(before, "U")).isEqualTo(after);
  }
}
