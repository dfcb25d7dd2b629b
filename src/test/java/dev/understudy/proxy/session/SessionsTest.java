package dev.understudy.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.StickySettings.AfterFailback;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Near the end of the clock's range, which it may pass at any time. */
  private static final long NOW = Long.MAX_VALUE - 5;

  private final Sessions sessions = new Sessions(160, MINUTE);

  private long hash(String text) {
    return sessions.hash(text, 0, text.length());
  }

  @Test
  void a_session_is_found_where_it_was_kept_last() {
    sessions.keep(hash("one"), A, NOW);
    sessions.keep(hash("two"), B, NOW);
    assertThat(sessions.find(hash("one"), NOW)).isEqualTo(A);
    sessions.keep(hash("one"), B, NOW);
    assertThat(sessions.find(hash("one"), NOW)).isEqualTo(B);
    assertThat(sessions.find(hash("three"), NOW)).isNull();
  }

  @Test
  void it_is_forgotten_some_time_after_its_last_use() {
    sessions.keep(hash("one"), A, NOW);
    long used = NOW + MINUTE.toNanos();
    assertThat(sessions.find(hash("one"), used)).isEqualTo(A);
    assertThat(sessions.find(hash("one"), used + MINUTE.toNanos())).isEqualTo(A);
    assertThat(sessions.find(hash("one"), used + 2 * MINUTE.toNanos() + 1)).isNull();
    assertThat(sessions.size()).isZero();
  }

  @Test
  void a_full_table_forgets_those_that_were_not_used_for_longest() {
    for (int i = 0; i < 10_000; i++) {
      sessions.keep(hash("" + i), A, NOW);
      sessions.find(hash("0"), NOW);
    }
    assertThat(sessions.size()).isEqualTo(160);
    assertThat(sessions.find(hash("0"), NOW)).isEqualTo(A);
    assertThat(sessions.find(hash("9999"), NOW)).isEqualTo(A);
    assertThat(sessions.find(hash("1"), NOW)).isNull();
  }

  @Test
  void sessions_that_clients_invent_push_out_only_their_like() {
    Sessions large = new Sessions(1_600, MINUTE);
    for (int i = 0; i < 400; i++) {
      large.keep(hash("set" + i), A, NOW);
    }
    for (int i = 0; i < 10_000; i++) {
      large.keepClaimed(hash("" + i), B, NOW);
      assertThat(large.find(hash("" + i), NOW)).as("it has a place for now").isEqualTo(B);
    }
    assertThat(large.size()).isEqualTo(1_600);
    for (int i = 0; i < 400; i++) {
      assertThat(large.find(hash("set" + i), NOW)).as("set" + i).isEqualTo(A);
    }
  }

  @Test
  void a_session_that_a_server_names_later_stays() {
    sessions.keepClaimed(hash("one"), A, NOW);
    sessions.keep(hash("one"), B, NOW);
    for (int i = 0; i < 10_000; i++) {
      sessions.keepClaimed(hash("" + i), A, NOW);
    }
    assertThat(sessions.find(hash("one"), NOW)).isEqualTo(B);
    sessions.keepClaimed(hash("one"), A, NOW);
    assertThat(sessions.find(hash("one"), NOW)).isEqualTo(A);
  }

  @Test
  void a_table_full_of_a_servers_sessions_has_room_for_some_that_clients_name() {
    for (int i = 0; i < 10_000; i++) {
      sessions.keep(hash("set" + i), A, NOW);
    }
    sessions.keepClaimed(hash("one"), B, NOW);
    assertThat(sessions.find(hash("one"), NOW)).isEqualTo(B);
    assertThat(sessions.size()).isEqualTo(160);
  }

  @Test
  void sessions_that_have_expired_make_room_for_any() {
    for (int i = 0; i < 10_000; i++) {
      sessions.keep(hash("set" + i), A, NOW);
    }
    long later = NOW + MINUTE.toNanos() + 1;
    for (int i = 0; i < 10_000; i++) {
      sessions.keepClaimed(hash("" + i), B, later);
    }
    long claimed =
        IntStream.range(0, 10_000).filter(i -> sessions.find(hash("" + i), later) != null).count();
    assertThat(claimed).isEqualTo(160);
  }

  @Test
  void texts_and_addresses_that_differ_in_one_letter_have_unlike_hashes() {
    Set<Long> hashes = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      hashes.add(hash("session" + i));
      hashes.add(sessions.hash(IpAddress.of(new byte[] {10, 0, (byte) (i >> 8), (byte) i})));
      byte[] six = new byte[16];
      six[14] = (byte) (i >> 8);
      six[7] = (byte) i;
      hashes.add(sessions.hash(IpAddress.of(six)));
    }
    assertThat(hashes).hasSize(30_000);
  }

  @Test
  void nobody_can_compute_a_hash_from_outside() {
    assertThat(new Sessions(16, MINUTE).hash("x", 0, 1)).isNotEqualTo(hash("x"));
  }

  @Test
  void a_part_of_a_text_has_the_hash_of_that_part() {
    assertThat(sessions.hash("a=one; b", 2, 5)).isEqualTo(hash("one"));
  }

  @Test
  void a_table_outlives_changes_of_other_settings_and_goes_with_its_pool() {
    SessionTables tables = new SessionTables();
    PoolId pool = new PoolId("p");
    Sessions first = tables.of(pool, sticky(AfterFailback.DRAIN, 10));
    assertThat(tables.of(pool, sticky(AfterFailback.KEEP, 10))).isSameAs(first);
    Sessions larger = tables.of(pool, sticky(AfterFailback.KEEP, 20));
    assertThat(larger).isNotSameAs(first);
    tables.retain(pool::equals);
    assertThat(tables.of(pool, sticky(AfterFailback.KEEP, 20))).isSameAs(larger);
    tables.retain(other -> false);
    assertThat(tables.of(pool, sticky(AfterFailback.KEEP, 20))).isNotSameAs(larger);
  }

  private static StickySettings sticky(AfterFailback after, int entries) {
    return SessionHandoverTest.sticky(after, StickySettings.Type.APP_COOKIE, "X", entries, 60);
  }
}
