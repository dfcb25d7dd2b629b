package dev.understudy.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.pool.StickySettings.SameSite;
import dev.understudy.pool.StickySettings.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions from one process to the next, whose clocks have nothing in common. */
class SessionHandoverTest {
  private static final PoolId SHOP = new PoolId("shop");
  private static final PoolId DATA = new PoolId("data");
  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");

  /** Near the end of the clock's range, which it may pass at any time. */
  private static final long THEN = Long.MAX_VALUE - 5;

  private static final long NOW = -7;
  private static final StickySettings COOKIE = sticky(Type.APP_COOKIE, "JSESSIONID", 160, 60);
  private static final StickySettings ADDRESS = sticky(Type.CLIENT_ADDRESS, "X", 160, 60);
  private static final Map<PoolId, StickySettings> POOLS = Map.of(SHOP, COOKIE, DATA, ADDRESS);

  private final SessionTables before = new SessionTables();
  private final SessionTables after = new SessionTables();

  private static StickySettings sticky(Type type, String cookie, int entries, int seconds) {
    return sticky(AfterFailback.DRAIN, type, cookie, entries, seconds);
  }

  static StickySettings sticky(
      AfterFailback after, Type type, String cookie, int entries, int seconds) {
    Duration expire = Duration.ofSeconds(seconds);
    return new StickySettings(cookie, after, type, null, true, SameSite.LAX, null, entries, expire);
  }

  private void keep(String session, ServerId server, long nanos) {
    Sessions sessions = before.of(SHOP, COOKIE);
    sessions.keep(sessions.hash(session, 0, session.length()), server, nanos);
  }

  private @Nullable ServerId find(String session, long nanos) {
    return find(after.of(SHOP, COOKIE), session, nanos);
  }

  private static @Nullable ServerId find(Sessions sessions, String session, long nanos) {
    return sessions.find(sessions.hash(session, 0, session.length()), nanos);
  }

  @Test
  void each_session_is_on_its_server_in_the_next_process() throws Exception {
    IpAddress client = IpAddress.of(new byte[] {10, 0, 2, 7});
    keep("one", A, THEN);
    keep("two", B, THEN);
    Sessions addresses = before.of(DATA, ADDRESS);
    addresses.keep(addresses.hash(client), B, THEN);
    after.restore(before.text(THEN), POOLS::get, NOW);
    assertThat(find("one", NOW)).isEqualTo(A);
    assertThat(find("two", NOW)).isEqualTo(B);
    assertThat(find("three", NOW)).isNull();
    Sessions restored = after.of(DATA, ADDRESS);
    assertThat(restored.find(restored.hash(client), NOW)).isEqualTo(B);
  }

  @Test
  void a_third_process_has_the_sessions_that_the_second_did_not_use() {
    keep("one", A, THEN);
    after.restore(before.text(THEN), POOLS::get, NOW);
    SessionTables third = new SessionTables();
    third.restore(after.text(NOW), POOLS::get, 99);
    assertThat(find(third.of(SHOP, COOKIE), "one", 99)).isEqualTo(A);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, true", "0, 60, true", "20, 40, true", "20, 41, false", "61, 0, false"})
  void a_session_expires_as_though_its_process_had_gone_on(
      int secondsBefore, int secondsAfter, boolean known) {
    keep("one", A, THEN);
    after.restore(before.text(THEN + Duration.ofSeconds(secondsBefore).toNanos()), POOLS::get, NOW);
    assertThat(find("one", NOW + Duration.ofSeconds(secondsAfter).toNanos()))
        .isEqualTo(known ? A : null);
  }

  @Test
  void sessions_that_clients_alone_have_named_still_leave_first() {
    StickySettings large = sticky(Type.APP_COOKIE, "JSESSIONID", 1_600, 60);
    Sessions sessions = before.of(SHOP, large);
    for (int i = 0; i < 400; i++) {
      sessions.keep(sessions.hash("set" + i, 0, ("set" + i).length()), A, THEN);
      sessions.keepClaimed(sessions.hash("bad" + i, 0, ("bad" + i).length()), B, THEN + 1);
    }
    after.restore(before.text(THEN + 1), id -> large, NOW);
    Sessions restored = after.of(SHOP, large);
    assertThat(restored.size()).isEqualTo(800);
    for (int i = 0; i < 10_000; i++) {
      restored.keepClaimed(restored.hash("new" + i, 0, ("new" + i).length()), B, NOW);
    }
    for (int i = 0; i < 400; i++) {
      assertThat(find(restored, "set" + i, NOW)).as("set" + i).isEqualTo(A);
    }
  }

  @Test
  void a_smaller_table_keeps_those_that_were_used_last() {
    StickySettings large = sticky(Type.APP_COOKIE, "JSESSIONID", 1_600, 60);
    Sessions sessions = before.of(SHOP, large);
    for (int i = 0; i < 1_000; i++) {
      long used = THEN + Duration.ofMillis(i).toNanos();
      sessions.keep(sessions.hash("" + i, 0, ("" + i).length()), A, used);
    }
    after.restore(before.text(THEN + Duration.ofSeconds(1).toNanos()), POOLS::get, NOW);
    Sessions restored = after.of(SHOP, COOKIE);
    assertThat(restored.size()).isEqualTo(160);
    assertThat(find(restored, "999", NOW)).isEqualTo(A);
    assertThat(find(restored, "0", NOW)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "APP_COOKIE, JSESSIONID, true",
    "APP_COOKIE, OTHER, false",
    "CLIENT_ADDRESS, JSESSIONID, false",
    ", , false"
  })
  void a_pool_whose_sessions_are_shown_otherwise_now_begins_anew(
      @Nullable Type type, @Nullable String cookie, boolean kept) {
    keep("one", A, THEN);
    StickySettings now = type == null || cookie == null ? null : sticky(type, cookie, 320, 120);
    after.restore(before.text(THEN), id -> now, NOW);
    Sessions sessions = after.of(SHOP, now == null ? COOKIE : now);
    assertThat(find(sessions, "one", NOW)).isEqualTo(kept ? A : null);
  }

  @Test
  void a_table_in_use_is_not_replaced() {
    keep("one", A, THEN);
    Sessions used = after.of(SHOP, COOKIE);
    after.restore(before.text(THEN), POOLS::get, NOW);
    assertThat(after.of(SHOP, COOKIE)).isSameAs(used);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sessions 2\npool shop APP_COOKIE JSESSIONID 1\nk shop 1 a 0",
        "sessions 1\npool shop APP_COOKIE JSESSIONID\nk shop 1 a 0",
        "sessions 1\npool shop LATER JSESSIONID 1\nk shop 1 a 0",
        "sessions 1\npool NO.POOL APP_COOKIE JSESSIONID 1\nk NO.POOL 1 a 0",
        "sessions 1\nk shop 1 a 0",
        "sessions 1\npool shop APP_COOKIE JSESSIONID 1\nk shop x a 0\nk shop 1 NO.SERVER 0"
            + "\nk shop 1 a -1\nk shop 1 a 99999999999999999999\nk shop 1\nk\n\nlater shop",
      })
  void what_is_damaged_or_not_known_is_left(String text) {
    after.restore(text, POOLS::get, NOW);
    assertThat(after.of(SHOP, COOKIE).size()).isZero();
  }

  /** Every later version must read it. */
  @Test
  void the_text_of_version_1_is_read() throws Exception {
    Path recorded = Path.of("src/test/resources/dev/understudy/proxy/session/sessions-1.txt");
    after.restore(Files.readString(recorded), POOLS::get, NOW);
    assertThat(find("one", NOW)).isEqualTo(A);
    assertThat(find("two", NOW)).isEqualTo(B);
    assertThat(find("old", NOW)).isEqualTo(A);
    assertThat(find("old", NOW + Duration.ofSeconds(31).toNanos())).isEqualTo(A);
    assertThat(after.of(SHOP, COOKIE).size()).isEqualTo(3);
    assertThat(after.of(DATA, ADDRESS).size()).isEqualTo(1);
  }
}
