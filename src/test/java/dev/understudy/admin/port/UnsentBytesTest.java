package dev.understudy.admin.port;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What one connection adds to the total of all, and gives back. */
@Tag(Extent.FULL)
class UnsentBytesTest {
  private final AtomicLong total = new AtomicLong();

  @Test
  void the_total_follows_until_the_connection_is_closed() {
    UnsentBytes held = new UnsentBytes(total::addAndGet);
    held.add(5);
    held.add(7);
    held.add(-5);
    assertThat(held.get()).isEqualTo(7);
    assertThat(total).hasValue(7);

    held.close();
    held.add(3);
    held.add(-7);
    held.close();
    assertThat(held.get()).isZero();
    assertThat(total).hasValue(0);
  }

  @Test
  void nothing_remains_of_a_connection_that_another_thread_closes_while_it_writes()
      throws Exception {
    for (int round = 0; round < Extent.rounds(5_000); round++) {
      UnsentBytes held = new UnsentBytes(total::addAndGet);
      CyclicBarrier both = new CyclicBarrier(2);
      CompletableFuture<Void> closes =
          CompletableFuture.runAsync(
              () -> {
                meet(both);
                held.close();
              });
      meet(both);
      for (int i = 0; i < 200; i++) {
        held.add(2000);
        held.add(-1000);
      }
      closes.get(1, TimeUnit.MINUTES);
      assertThat(total).as("after round %d", round).hasValue(0);
    }
  }

  private static void meet(CyclicBarrier both) {
    try {
      both.await(1, TimeUnit.MINUTES);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
