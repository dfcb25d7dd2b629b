package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.faults.HookEntry.Stage;
import dev.understudy.bench.faults.HookLog.Mood;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HookLogTest {
  @TempDir private Path folder;
  private HookLog log;

  @BeforeEach
  void begin() {
    log = HookLog.of(folder.resolve("register"));
  }

  @Test
  void call_is_carried_out_and_may_be_repeated() throws IOException {
    assertThat(log.carryOut("sen1", "r1", true, 2)).isTrue();
    assertThat(log.carryOut("sen1", "r2", true, 2)).isTrue();
    assertThat(log.read())
        .extracting(HookEntry::stage)
        .containsExactly(Stage.BEGUN, Stage.DONE, Stage.BEGUN, Stage.DONE);
  }

  @Test
  void calls_of_one_replica_fail() throws IOException {
    log.set("r1", Mood.FAILS);
    assertThat(log.carryOut("sen1", "r1", true, 2)).isFalse();
    assertThat(log.carryOut("sen1", "r2", true, 2)).isTrue();
    log.set("r1", Mood.WORKS);
    assertThat(log.carryOut("sen1", "r1", true, 2)).isTrue();
  }

  @Test
  void older_epoch_is_refused_by_the_server_that_heard_of_a_newer_one() throws IOException {
    log.set("r1", Mood.FAILS);
    log.carryOut("sen1", "r1", true, 3);
    assertThat(log.carryOut("sen1", "r2", false, 2)).isFalse();
    assertThat(log.carryOut("sen2", "r2", false, 2)).isTrue();
  }

  @Test
  void call_that_hangs_is_carried_out_afterwards() throws Exception {
    log.set("r1", Mood.HANGS);
    CompletableFuture<Boolean> call = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                call.complete(log.carryOut("sen1", "r1", true, 2));
              } catch (IOException e) {
                call.completeExceptionally(e);
              }
            });
    Await.until("it has begun", () -> !log.read().isEmpty());
    assertThat(log.read()).extracting(HookEntry::stage).containsExactly(Stage.BEGUN);
    log.set("r1", Mood.WORKS);
    assertThat(call.get()).isTrue();
  }
}
