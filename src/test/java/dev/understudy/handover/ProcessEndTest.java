package dev.understudy.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProcessEndTest {
  @Test
  void a_process_that_its_parent_does_not_reap_has_ended() throws Exception {
    Process parent =
        new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; exec sleep 1000").start();
    try {
      ProcessHandle process =
          ProcessHandle.of(Long.parseLong(parent.inputReader().readLine())).orElseThrow();
      CompletableFuture<?> end = ProcessEnd.of(process.pid());
      assertThat(end).isNotDone();
      process.destroyForcibly();
      Await.until("it has ended", end::isDone);
    } finally {
      parent.destroyForcibly();
    }
  }

  @Test
  void a_process_that_is_not_there_has_ended() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    assertThat(ProcessEnd.of(process.pid())).isDone();
  }
}
