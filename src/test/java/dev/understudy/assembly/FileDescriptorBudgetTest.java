package dev.understudy.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileDescriptorBudgetTest {
  @ParameterizedTest
  @CsvSource({
    // limit, open, processors, wanted, clients, upstream, management
    "1048576, 25, 2, 20000, 20000, 1027203, 256",
    "65536, 25, 2, 20000, 20000, 44163, 256",
    "65536, 25, 2, 100, 100, 64063, 256",
    "4096, 25, 2, 20000, 1729, 1762, 256",
    "1024, 25, 2, 20000, 385, 418, 64",
    "400, 25, 2, 20000, 119, 145, 25",
    "400, 25, 2, 50, 50, 214, 25",
    "128, 25, 2, 20000, 17, 26, 8",
    "128, 25, 2, 4, 4, 39, 8"
  })
  void clients_get_half_of_what_the_process_probes_and_the_management_port_leave(
      long limit,
      long open,
      int processors,
      int wanted,
      int clients,
      int upstream,
      int management) {
    assertThat(FileDescriptorBudget.of(limit, open, processors, wanted))
        .isEqualTo(new FileDescriptorBudget(limit, clients, upstream, management));
  }

  @Test
  void all_parts_together_never_exceed_the_limit() {
    for (long limit = 160; limit < 100_000; limit += limit / 7) {
      FileDescriptorBudget plan = FileDescriptorBudget.of(limit, 30, 2, 20_000);
      assertThat((long) plan.clients() + plan.upstream() + plan.management())
          .isLessThan(limit - 30);
      assertThat(plan.upstream())
          .as("also for clients that two event loops accepted before they learned of the limit")
          .isGreaterThanOrEqualTo(plan.clients() + (int) Math.min(2 * 16, limit / 16));
    }
  }

  @Test
  void a_limit_without_room_for_a_few_clients_is_refused_with_the_one_that_would_do() {
    assertThatThrownBy(() -> FileDescriptorBudget.of(64, 25, 2, 20_000))
        .hasMessage("expected at least 123 file descriptors, found 64");
    assertThat(FileDescriptorBudget.of(123, 25, 2, 20_000).clients()).isEqualTo(16);
  }
}
