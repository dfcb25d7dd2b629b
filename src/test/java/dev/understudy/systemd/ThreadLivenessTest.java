package dev.understudy.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Threads are alive while they run what they get. */
class ThreadLivenessTest {
  private final Queue<Runnable> queue = new ArrayDeque<>();

  @Test
  void felt_as_long_as_every_thread_has_run_the_last_beat() {
    ThreadLiveness pulse = new ThreadLiveness(List.<Executor>of(Runnable::run, queue::add));
    assertThat(pulse.allRanLastTask()).isTrue();
    assertThat(pulse.allRanLastTask()).isFalse();
    assertThat(pulse.allRanLastTask()).isFalse();
    assertThat(queue).hasSize(1);

    queue.remove().run();
    assertThat(pulse.allRanLastTask()).isTrue();
  }

  @Test
  void not_felt_once_a_thread_has_ended() {
    ThreadLiveness pulse =
        new ThreadLiveness(
            List.<Executor>of(
                task -> {
                  throw new RejectedExecutionException();
                }));
    assertThat(pulse.allRanLastTask()).isFalse();
    assertThat(pulse.allRanLastTask()).isFalse();
  }
}
