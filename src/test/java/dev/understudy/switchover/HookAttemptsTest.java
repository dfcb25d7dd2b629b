package dev.understudy.switchover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.switchover.SwitchFacts.Call;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a call that is owed is made again. */
class HookAttemptsTest {
  private static final Instant NOW = Instant.parse("2026-11-24T14:02:00Z");

  private static HookAttempts after(int calls, Call outcome, double spread) {
    HookAttempts made = HookAttempts.none(0, NOW, NOW);
    for (int i = 0; i < calls; i++) {
      made = made.begun(NOW).ended(outcome, NOW, spread);
    }
    return made;
  }

  @Test
  void the_first_call_is_made_at_once() {
    assertThat(HookAttempts.none(4, NOW, NOW).next(NOW)).isZero();
  }

  @Test
  void no_call_begins_while_one_runs() {
    assertThat(HookAttempts.none(0, NOW, NOW).begun(NOW).next(NOW.plusSeconds(600))).isNull();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 4", "4, 8", "5, 16", "6, 30", "7, 30", "1000, 30"})
  void each_call_waits_twice_as_long_as_the_one_before_up_to_30_s(int calls, long seconds) {
    HookAttempts made = after(calls, Call.REFUSED, 0);
    assertThat(made.next(NOW)).hasSeconds(seconds);
    assertThat(made.next(NOW.plusSeconds(seconds).minusNanos(1))).isEqualTo(Duration.ofNanos(1));
    assertThat(made.next(NOW.plusSeconds(seconds))).isZero();
    assertThat(made.next(NOW.plusSeconds(seconds + 1))).isZero();
  }

  @ParameterizedTest
  @CsvSource({"REFUSED", "UNCERTAIN", "DONE"})
  void every_outcome_waits_likewise(Call outcome) {
    assertThat(after(3, outcome, 0).next(NOW)).hasSeconds(4);
  }

  @Test
  void the_wait_is_spread_by_a_tenth() {
    assertThat(after(6, Call.UNCERTAIN, 0.1).next(NOW)).hasSeconds(33);
    assertThat(after(6, Call.UNCERTAIN, -0.1).next(NOW)).hasSeconds(27);
  }

  @Test
  void a_call_at_another_server_goes_on_with_the_waits() {
    HookAttempts made = HookAttempts.none(3, NOW, NOW).begun(NOW).ended(Call.REFUSED, NOW, 0);
    assertThat(made.next(NOW)).hasSeconds(8);
  }

  @ParameterizedTest
  @CsvSource({"REFUSED, false", "UNCERTAIN, false", "DONE, true"})
  void only_what_was_done_is_called_again_on_another_occasion(Call outcome, boolean another) {
    HookAttempts made = HookAttempts.none(0, NOW, NOW).begun(NOW);
    assertThat(made.occasion()).isEqualTo(NOW);
    Instant end = NOW.plusSeconds(2);
    assertThat(made.ended(outcome, end, 0).begun(end).occasion()).isEqualTo(another ? end : NOW);
  }
}
