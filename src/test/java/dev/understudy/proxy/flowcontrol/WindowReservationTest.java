package dev.understudy.proxy.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowReservationTest {
  private static final int BUDGET = 16 << 20;
  private static final int KB = 1024;
  private static final int FIRST = WindowSizing.FIRST;

  private final WindowBudget budget = new WindowBudget(BUDGET);
  private final WindowReservation reservation = new WindowReservation(budget);

  private int kept() {
    return (int) (BUDGET - budget.left());
  }

  /** A connection that keeps 1 MB, of which 256 KB are for a complete response. */
  @ParameterizedTest(name = "{0} KB wanted, {1} KB used, {2} KB in the budget: {3} KB, {4} KB kept")
  @CsvSource({
    // Out of what is kept and not used.
    " 500,   0, 15360,  500, 1024",
    " 768,   0, 15360,  768, 1024",
    // The rest out of the budget.
    " 768, 500, 15360,  768, 1524",
    "1000, 768, 15360, 1000, 2024",
    // What is unread is in use, too.
    " 500, 900, 15360,  500, 1524",
    // A quarter of what is left, or nothing if that is less than a first window.
    "1000, 768,   400,  100, 1124",
    "1000, 768,   200,    0, 1024",
    "1000, 768,     0,    0, 1024",
    // Less is wanted than a first window.
    "  10, 768,   200,   10, 1034",
  })
  void what_a_window_may_grow_by(int wanted, int used, int left, int more, int kept) {
    assertThat(reservation.grow(KB * KB, 0, true)).isEqualTo(KB * KB);
    reservation.keep(1, 256 * KB);
    int others = (int) budget.left() - left * KB;
    budget.giveBack(-others);
    assertThat(reservation.grow(wanted * KB, used * KB, true)).isEqualTo(more * KB);
    budget.giveBack(others);
    assertThat(kept()).isEqualTo(kept * KB);
  }

  @Test
  void what_may_come_and_what_is_unread_are_kept() {
    reservation.grow(KB * KB, 0, true);
    reservation.settle(500 * KB);
    assertThat(kept()).isEqualTo(500 * KB);
    reservation.keep(1, 300 * KB);
    reservation.keep(3, 0);
    reservation.settle(500 * KB);
    assertThat(kept()).as("no more than before").isEqualTo(500 * KB);
    reservation.settle(0);
    assertThat(kept()).isEqualTo(300 * KB);
    assertThat(reservation.release(3)).isFalse();
    assertThat(reservation.release(1)).isTrue();
    assertThat(reservation.release(1)).isFalse();
    reservation.settle(0);
    assertThat(kept()).isZero();
  }

  @Test
  void a_closed_connection_keeps_nothing_and_takes_nothing() {
    reservation.grow(KB * KB, 0, true);
    reservation.close();
    assertThat(kept()).isZero();
    assertThat(reservation.grow(FIRST, 0, true)).isZero();
    reservation.settle(0);
    assertThat(kept()).isZero();
  }
}
