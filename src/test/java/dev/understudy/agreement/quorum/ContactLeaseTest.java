package dev.understudy.agreement.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Until when a replica is in touch, wherever its clock begins. */
class ContactLeaseTest {
  private static final long LASTS = 4_000;

  private long now;
  private Duration ahead = Duration.ZERO;
  private final ContactLease lease = new ContactLease(() -> now, () -> ahead, LASTS);

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, -2_000, -4_000, Long.MIN_VALUE, Long.MAX_VALUE - 1_000})
  void it_lasts_from_when_the_renewal_was_sent_not_from_when_it_came_back(long start) {
    now = start;
    assertThat(lease.counts()).as("before the first").isFalse();
    assertThat(lease.hasCounted()).isFalse();
    now = start + 900;
    lease.renewed(start);
    assertThat(lease.counts()).isTrue();
    assertThat(lease.left()).isEqualTo(3_100);
    now = start + 3_999;
    assertThat(lease.counts()).isTrue();
    now = start + 4_000;
    assertThat(lease.counts()).isFalse();
    assertThat(lease.left()).isZero();
    assertThat(lease.hasCounted()).isTrue();
  }

  @Test
  void a_later_renewal_prolongs_contact_and_an_earlier_one_does_not_shorten_it() {
    lease.renewed(1_000);
    lease.renewed(500);
    now = 4_999;
    assertThat(lease.counts()).isTrue();
    now = 5_000;
    assertThat(lease.counts()).isFalse();
    lease.renewed(2_000);
    assertThat(lease.counts()).isTrue();
  }

  @Test
  void a_list_informs_and_does_not_make_a_replica_count() {
    lease.listed(0);
    assertThat(lease.informs()).isTrue();
    assertThat(lease.counts()).isFalse();
    assertThat(lease.hasCounted()).isFalse();
    assertThat(lease.left()).isEqualTo(4_000);
    now = 1_000;
    lease.renewed(500);
    lease.listed(1_000);
    assertThat(lease.left()).as("until it counts no longer").isEqualTo(3_500);
    now = 4_500;
    assertThat(lease.counts()).isFalse();
    assertThat(lease.informs()).isTrue();
    assertThat(lease.left()).as("until it is not informed").isEqualTo(500);
    now = 5_000;
    assertThat(lease.informs()).isFalse();
    assertThat(lease.left()).isZero();
  }

  @Test
  void a_renewal_that_comes_back_too_late_does_not_restore_contact() {
    now = 10_000;
    lease.renewed(0);
    assertThat(lease.counts()).isFalse();
  }

  @Rows(
      """
      // between two ticks                                    | ns    | the wall's step | in touch
      nothing happens                                        | 500   | 0               | true
      a tick is late, as of a busy machine                   | 2000  | 0               | true
      the process stood still                                | 2001  | 0               | false
      the clock on the wall was corrected by less            | 500   | 2000            | true
      the other clock stood still for longer than a renewal  | 500   | 2001            | false
      the clock on the wall was set back                     | 500   | -2001           | false
      """)
  void contact_ends_where_clocks_are_in_doubt(String row, long later, long step, boolean inTouch) {
    assertThat(lease.ticked()).isFalse();
    lease.renewed(0);
    now = later;
    ahead = Duration.ofNanos(step);
    assertThat(lease.counts()).as("before the tick").isEqualTo(inTouch);
    assertThat(lease.ticked()).isEqualTo(!inTouch);
    assertThat(lease.counts()).as("after it").isEqualTo(inTouch);
    lease.renewed(later - 1);
    assertThat(lease.counts()).as("after a renewal that was sent before").isEqualTo(inTouch);
    lease.renewed(later);
    assertThat(lease.counts()).as("after one that was sent since").isTrue();
    now += 500;
    assertThat(lease.ticked()).as("a second time").isFalse();
  }
}
