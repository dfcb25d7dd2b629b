package dev.understudy.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WindowBudgetTest {
  @Test
  void no_more_is_taken_than_there_is_and_what_came_back_can_be_taken_again() {
    WindowBudget budget = new WindowBudget(100);
    assertThat(budget.take(60)).isTrue();
    assertThat(budget.take(60)).isFalse();
    assertThat(budget.take(40)).isTrue();
    assertThat(budget.taken()).isEqualTo(100);
    budget.giveBack(60);
    assertThat(budget.take(60)).isTrue();
  }
}
