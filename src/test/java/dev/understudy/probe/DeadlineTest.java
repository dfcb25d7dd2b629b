package dev.understudy.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The table of looks, with a time-out of a second; times are milliseconds. */
class DeadlineTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private static long nanos(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  // When the first look comes, when the check sent something last, and when the next look is due.
  @Rows(
      """
      a loop in time reads once more                                         | 1000 | 0    | 1000
      a loop in time does so though the request went late                    | 1000 | 900  | 1000
      a twentieth of the time-out is in time                                 | 1050 | 900  | 1050
      a loop that is later gives what it sent late the whole time-out        | 1051 | 900  | 1900
      a loop that is late for what it sent in time waits a tenth             | 1051 | 40   | 1151
      a loop that stood still for a minute waits a tenth                     | 61000| 0    | 61100
      a loop that is late with everything gives no more than five time-outs  | 5000 | 4900 | 5100
      """)
  void the_first_look(String row, long now, long sent, long due) {
    Deadline next = Deadline.of(TIMEOUT, 0).look(nanos(now), nanos(sent), 7);
    assertThat(next.due()).isEqualTo(nanos(due));
    assertThat(next.reads()).isEqualTo(due == 1900 ? -1 : 7);
  }

  @Rows(
      """
      a read that has brought nothing ends it, in time             | 1000 | 0 | true
      a read that has brought nothing ends it, however late        | 4000 | 0 | true
      a read that has brought something lets another one follow    | 1000 | 1 | false
      no reads follow for longer than five time-outs               | 5000 | 1 | true
      """)
  void the_look_after_one_more_read(String row, long now, long more, boolean over) {
    Deadline read = Deadline.of(TIMEOUT, 0).look(nanos(1_000), 0, 7);
    Deadline next = read.look(nanos(now), 0, 7 + more);
    assertThat(next.equals(read)).isEqualTo(over);
    if (!over) {
      assertThat(next.due()).isEqualTo(nanos(now));
    }
  }

  @Test
  void a_check_whose_thread_is_always_late_ends_after_five_time_outs_and_the_last_read() {
    Deadline deadline = Deadline.of(TIMEOUT, 0);
    long now = 0;
    for (int looks = 0; looks < 100; looks++) {
      now = deadline.due() + nanos(600);
      Deadline next = deadline.look(now, now - nanos(1), 0);
      if (next.equals(deadline)) {
        assertThat(now).isLessThanOrEqualTo(nanos(Prober.MOST_TIMEOUTS * 1_000L + 2_400));
        return;
      }
      deadline = next;
    }
    throw new AssertionError("it does not end");
  }
}
