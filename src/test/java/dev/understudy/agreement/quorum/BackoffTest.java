package dev.understudy.agreement.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.testing.Rows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How long to wait before something is tried again. */
class BackoffTest {
  /** In the middle: no jitter. */
  private static final RandomGenerator MIDDLE = () -> 1L << 63;

  private static final RandomGenerator LEAST = () -> 0L;
  private static final RandomGenerator MOST = () -> -1L;

  @Test
  void at_once_then_half_a_second_then_doubled_up_to_two() {
    assertThat(waits(new Backoff(MIDDLE), 7))
        .containsExactly(50L, 500L, 1000L, 2000L, 2000L, 2000L, 2000L);
  }

  @Test
  void ten_per_cent_less_at_least_and_more_at_most() {
    assertThat(waits(new Backoff(LEAST), 4)).containsExactly(45L, 450L, 900L, 1800L);
    assertThat(waits(new Backoff(MOST), 4)).containsExactly(55L, 550L, 1100L, 2200L);
  }

  @Test
  void a_success_begins_anew() {
    Backoff backoff = new Backoff(MIDDLE);
    waits(backoff, 3);
    backoff.reset();
    assertThat(waits(backoff, 2)).containsExactly(50L, 500L);
  }

  @Test
  void a_thousand_failures_wait_no_longer() {
    Backoff backoff = new Backoff(MIDDLE);
    waits(backoff, 1_000);
    assertThat(waits(backoff, 1)).containsExactly(2000L);
  }

  @Rows(
      """
      // row                              | failures before | asked | ms
      less than we would wait anyway     | 1               | 499   | 500
      as long as we would wait           | 1               | 500   | 500
      a little longer                    | 1               | 501   | 501
      a second at the first failure      | 0               | 1000  | 1000
      just within the bound              | 0               | 9999  | 9999
      the bound                          | 0               | 10000 | 10000
      beyond the bound                   | 0               | 10001 | 10000
      an hour                            | 3               | 3600000 | 10000
      nothing                            | 2               | 0     | 1000
      """)
  void what_the_register_asks_for(String row, int before, long asked, long expected) {
    Backoff backoff = new Backoff(MIDDLE);
    waits(backoff, before);
    RegisterException failure =
        new RegisterException(Reason.UNCERTAIN, "429", Duration.ofMillis(asked), null);
    assertThat(backoff.next(failure)).isEqualTo(Duration.ofMillis(expected));
  }

  @Test
  void what_the_register_asks_for_is_found_within_a_futures_failure() {
    RegisterException failure =
        new RegisterException(Reason.UNCERTAIN, "429", Duration.ofSeconds(3), null);
    assertThat(new Backoff(MIDDLE).next(new CompletionException(failure)))
        .isEqualTo(Duration.ofSeconds(3));
  }

  private static List<Long> waits(Backoff backoff, int count) {
    List<Long> waits = new ArrayList<>();
    @Nullable Throwable unknown = null;
    for (int i = 0; i < count; i++) {
      waits.add(backoff.next(unknown).toMillis());
    }
    return waits;
  }
}
