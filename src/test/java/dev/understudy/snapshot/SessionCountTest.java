package dev.understudy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.snapshot.SessionCount.Seen;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionCountTest {
  private static final Instant NOW = Instant.parse("2039-01-01T00:00:00.5Z");

  private final SessionCount count = new SessionCount();

  @Test
  void nothing_was_seen() {
    assertThat(count.read(NOW)).isEqualTo(new Seen(0, null));
  }

  @Test
  void a_session_counts_once_however_many_its_requests() {
    for (int i = 0; i < 100; i++) {
      count.seen(42, NOW.plusSeconds(i));
    }
    assertThat(count.read(NOW.plusSeconds(100)))
        .isEqualTo(new Seen(1, Instant.parse("2039-01-01T00:01:39Z")));
  }

  @Test
  void a_session_counts_until_it_has_been_silent_for_the_window() {
    count.seen(1, NOW);
    count.seen(2, NOW.plusSeconds(10));
    Instant end = NOW.plus(SessionCount.WINDOW);
    assertThat(count.read(end.minusSeconds(1)).recent()).isEqualTo(2);
    assertThat(count.read(end).recent()).isEqualTo(1);
    assertThat(count.read(end.plusSeconds(10)).recent()).isZero();
    assertThat(count.read(end.plus(Duration.ofDays(30))).last())
        .as("long after")
        .isEqualTo(Instant.parse("2039-01-01T00:00:10Z"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 50, 300, 1000, 3000, 5000, 20_000, 80_000})
  void the_estimate_is_near(int sessions) {
    Random random = new Random(sessions);
    for (int i = 0; i < sessions; i++) {
      count.seen(random.nextInt(), NOW);
    }
    assertThat(count.read(NOW).recent())
        .isCloseTo(sessions, within(Math.max(sessions > 40 ? 3 : 0, sessions * 15 / 100)));
  }

  @Test
  void it_is_bounded_whatever_clients_send() {
    for (int i = 0; i < 3_000_000; i++) {
      count.seen(i, NOW);
    }
    assertThat(count.read(NOW).recent()).isBetween(100_000, 120_000);
  }
}
