package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.TimeoutSettings;
import dev.understudy.proxy.engine.AttemptTimer.Late;
import dev.understudy.proxy.eventloop.TickClock;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table in the javadoc of {@link AttemptTimer}. */
class AttemptTimerTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final TimeoutSettings TIMEOUTS =
      TestSettings.timeouts(
          Duration.ofSeconds(2),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10),
          Duration.ofHours(1));

  private final TickClock clock = new TickClock(SECOND);
  private final AttemptTimer timer = new AttemptTimer(clock);
  private long now;

  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++) {
      now += SECOND;
      clock.tick(now);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // phase, the client takes, the request has ended, it is the server's turn → after how long what
    // is late
    "SELECTING,  true,  true,  true,  99, NOTHING",
    "CONNECTING, true,  false, false, 2,  CONNECTION",
    "CONNECTING, true,  true,  true,  2,  CONNECTION",
    "AWAITING,   true,  true,  true,  20, RESPONSE",
    "AWAITING,   true,  false, true,  10, RESPONSE",
    "AWAITING,   true,  false, false, 10, REQUEST",
    "AWAITING,   false, true,  true,  10, CLIENT",
    "AWAITING,   false, false, false, 10, CLIENT",
    "RELAYING,   true,  true,  true,  10, REST",
    "RELAYING,   true,  false, false, 10, REST",
    "RELAYING,   false, true,  true,  10, CLIENT",
    "OVER,       true,  true,  true,  99, NOTHING",
  })
  void each_wait_has_its_limit(
      ExchangePhase phase,
      boolean taken,
      boolean ended,
      boolean serversTurn,
      int limit,
      Late expected) {
    // A mark is one tick ahead.
    pass(limit);
    assertThat(timer.late(phase, TIMEOUTS, taken, ended, serversTurn)).isEqualTo(Late.NOTHING);
    pass(1);
    assertThat(timer.late(phase, TIMEOUTS, taken, ended, serversTurn)).isEqualTo(expected);
    timer.begin();
    assertThat(timer.late(phase, TIMEOUTS, taken, ended, serversTurn)).isEqualTo(Late.NOTHING);
  }

  @Test
  void bytes_that_move_prolong_each_wait_but_that_for_a_connection() {
    pass(3);
    timer.moved();
    assertThat(timer.late(ExchangePhase.CONNECTING, TIMEOUTS, true, false, false))
        .isEqualTo(Late.CONNECTION);
    pass(8);
    assertThat(timer.late(ExchangePhase.RELAYING, TIMEOUTS, true, true, true))
        .isEqualTo(Late.NOTHING);
    pass(3);
    assertThat(timer.late(ExchangePhase.RELAYING, TIMEOUTS, true, true, true)).isEqualTo(Late.REST);
  }

  @Test
  void the_longest_gap_is_that_between_bytes_of_the_response() {
    pass(5);
    timer.received();
    pass(2);
    timer.moved();
    pass(4);
    timer.received();
    assertThat(timer.longestGapNanos()).isEqualTo(5 * SECOND);
  }
}
