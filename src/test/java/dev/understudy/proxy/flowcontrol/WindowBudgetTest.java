package dev.understudy.proxy.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowBudgetTest {
  /** Of a budget of 1,600 bytes, of which others have taken some. */
  @ParameterizedTest(name = "wanted {0}, taken by itself {1}, left {2}: gets {3}, {4} if unproved")
  @CsvSource({
    "  100,   0, 1600, 100, 100",
    " 1000,   0, 1600, 400, 400", // a quarter of what is left
    " 1000, 600, 1000, 150, 150", // three quarters of the rest of its half of all
    " 1000,   0,  900, 225, 100", // half of all stays
    " 1000,   0,  400, 100,   0",
    " 1000, 800,  800,   0,   0", // has its half
    " 1000, 900,  700,   0,   0",
    " 1000,   0,    3,   0,   0",
    " 1000,   0,    0,   0,   0",
  })
  void what_a_connection_gets(int wanted, int taken, int left, int gets, int unproved) {
    WindowBudget budget = new WindowBudget(1600);
    budget.giveBack(left - 1600);
    assertThat(budget.take(wanted, taken, false)).isEqualTo(unproved);
    budget.giveBack(unproved);
    assertThat(budget.take(wanted, taken, true)).isEqualTo(gets);
    assertThat(budget.left()).isEqualTo(left - gets);
  }

  @Test
  void the_budget_never_becomes_negative() {
    WindowBudget budget = new WindowBudget(1_000_000);
    long taken = 0;
    for (int i = 0; i < 1000; i++) {
      taken += budget.take(1_000_000, 0, true);
    }
    assertThat(budget.left()).isEqualTo(1_000_000 - taken).isNotNegative();
  }

  @Test
  void a_budget_beyond_2_gb_is_no_matter() {
    WindowBudget budget = new WindowBudget(1L << 40);
    assertThat(budget.take(Integer.MAX_VALUE, 0, true)).isEqualTo(192 << 20);
    assertThat(budget.take(Integer.MAX_VALUE, 256 << 20, true)).isZero();
  }
}
