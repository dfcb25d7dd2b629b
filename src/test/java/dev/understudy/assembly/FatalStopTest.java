package dev.understudy.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class FatalStopTest {

  @Test
  void the_process_ends_once_with_status_1_on_another_thread() {
    List<Integer> ends = new CopyOnWriteArrayList<>();
    List<Thread> threads = new CopyOnWriteArrayList<>();
    FatalStop stop =
        new FatalStop(
            status -> {
              threads.add(Thread.currentThread());
              ends.add(status);
            });
    stop.accept("another process has this replica's name");
    stop.accept("another process has this replica's name");
    Await.until("the end", () -> !ends.isEmpty());
    assertThat(ends).containsExactly(1);
    assertThat(threads).doesNotContain(Thread.currentThread());
  }
}
