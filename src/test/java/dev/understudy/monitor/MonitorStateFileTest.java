package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.network.Networks;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.Await;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Commands, and what is told, while the state file cannot be written. */
class MonitorStateFileTest {
  static final List<Story> STORIES =
      Story.of(
          """
          a command that is not written says that it is in memory only, as often as it is given
            begin sense; the disk is full
            set sen2 to DRAIN -> done ~ state.json cannot be written: it is a directory
            sen2.operatorState = DRAIN; set sen2 to DRAIN -> unchanged ~ in memory only
            switch to sen1 -> done ~ in memory only; switch to auto -> done ~ in memory only
            maintain sense -> done ~ in memory only
          so does the begin of a planned switch
            begin sense; the disk is full; plan sen1 within 5 s -> done ~ in memory only
          one that has room again is written
            begin sense; the disk is full; set sen2 to DRAIN -> done ~ in memory only
            the disk has room; set sen2 to DRAIN -> unchanged; restart; begin sense
            sen2.operatorState = DRAIN
          a durable command that cannot be written changes nothing
            begin sense; the disk is full; keep pool.epoch as before
            durably set sen2 to DRAIN -> unavailable ~ state.json cannot be written: it is a directory
            sen2.operatorState = READY
            durably switch to sen1 -> unavailable ~ cannot be written; pool.epoch = $before
            serving = sen2; pool.pinned = null
            durably maintain sense -> unavailable ~ cannot be written; pool.maintenance = null
            durably plan sen1 within 5 s -> unavailable ~ cannot be written; pool.planned = null
            the disk has room; durably set sen1 to DRAIN -> done; restart; begin sense
            sen2.operatorState = READY; sen1.operatorState = DRAIN; pool.maintenance = null
          a durable command that is written holds and survives
            begin sense; durably switch to sen1 -> done; serving = sen1; durably maintain sense -> done
            durably set sen2 to DRAIN -> done; durably set sen2 to DRAIN -> unchanged; restart
            begin sense; serving = sen1; pool.pinned = sen1; sen2.operatorState = DRAIN
            pool.maintenance != null
          what is in memory already is not durable
            begin sense; the disk is full; set sen2 to DRAIN -> done ~ in memory only
            durably set sen2 to DRAIN -> unavailable ~ cannot be written; sen2.operatorState = DRAIN
          roles move on while the disk is full and that is one event with its end
            begin sense; the disk is full; set sen1 to DRAIN -> done ~ in memory only; wait 10 s
            set sen1 to READY -> done ~ in memory only; wait 10 s
            sen2 becomes KILLED; until sen1 serves; wait 10 s
            count.StateUnwritten = 1; last.StateUnwritten.over = false
            last.StateUnwritten.message ~ What operators set and who serves is in memory only, and a restart forgets it:
            last.StateUnwritten.message ~ state.json cannot be written: it is a directory
            alarms.kind = STATE_UNWRITTEN; the disk has room; set sen1 to READY -> unchanged; wait 1 s
            all.StateUnwritten.over = "false, true"; alarms.size = 0
          """);

  private final Path directory;
  @AutoClose private final Stage stage;

  MonitorStateFileTest(@TempDir Path directory) {
    this.directory = directory;
    stage =
        new Stage(directory)
            .verb("the disk is full", on -> fill())
            .verb("the disk has room", on -> empty())
            .command("maintain sense", on -> maintain(stage().monitor().commands()))
            .command("durably maintain sense", on -> maintain(durably()))
            .command(
                "durably set (\\S+) to ([A-Z]+)",
                on ->
                    durably()
                        .setState(
                            SENSE,
                            Stage.id(on.group(1)),
                            OperatorState.valueOf(on.group(2)),
                            false,
                            null))
            .command(
                "durably switch to (\\S+)",
                on -> durably().switchTo(SENSE, Stage.id(on.group(1)), null))
            .command(
                "durably plan (\\S+) within 5 s",
                on ->
                    durably()
                        .planSwitch(
                            SENSE,
                            new SwitchRequest(
                                Stage.id(on.group(1)), Duration.ofSeconds(5), false, null, null)));
  }

  private Stage stage() {
    return stage;
  }

  private OperatorCommands durably() {
    return stage.monitor().commands().durably();
  }

  private CompletionStage<Result> maintain(OperatorCommands commands) {
    PoolMaintenance on =
        new PoolMaintenance(true, stage.bench.scheduler.now(), null, Networks.of(List.of()), null);
    return commands.setState(SENSE, on, true);
  }

  private Path next() {
    return directory.resolve("state.json.tmp");
  }

  private void fill() {
    Await.until(
        "no write is under way",
        () -> {
          try {
            return Files.createDirectory(next()) != null;
          } catch (FileAlreadyExistsException e) {
            return false;
          }
        });
  }

  private void empty() {
    try {
      Files.delete(next());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void what_cannot_be_written_is_said(Story story) {
    stage.play(story);
  }

  @Test
  void without_a_state_file_no_command_is_durable() {
    try (Stage memory = new Stage()) {
      memory.bench.begin(SensePool.sense());
      for (OperatorState state : List.of(OperatorState.READY, OperatorState.DRAIN)) {
        CompletionStage<Result> refused =
            memory.monitor().commands().durably().setState(SENSE, MASTER, state, false, null);
        assertThat(Stage.said(memory.bench.result(refused)))
            .isEqualTo("unavailable: understudy.state-file is not set");
      }
      assertThat(memory.bench.serving()).isEqualTo(MASTER);
      CompletionStage<Result> done =
          memory.monitor().commands().setState(SENSE, MASTER, OperatorState.DRAIN, false, null);
      assertThat(Stage.said(memory.bench.result(done))).isEqualTo("done");
    }
  }

  @Test
  void a_disk_that_hangs_delays_a_command_for_two_seconds_and_nothing_else() throws Exception {
    Bench bench = stage.bench;
    bench.begin(SensePool.sense());
    hang();

    CompletableFuture<Result> command =
        bench
            .monitor
            .commands()
            .setState(SENSE, MASTER, OperatorState.DRAIN, false, null)
            .toCompletableFuture();
    CompletableFuture<Result> durable =
        durably()
            .setState(SENSE, SensePool.BACKUP, OperatorState.DRAIN, true, null)
            .toCompletableFuture();
    bench.scheduler.advance(1_900);
    assertThat(command).isNotDone();
    assertThat(durable).isNotDone();
    assertThat(bench.serving()).isEqualTo(SensePool.BACKUP);
    bench.scheduler.advance(200);
    assertThat(Stage.said(command.join())).contains("in memory only").contains("not done within");
    assertThat(Stage.said(durable.join())).contains("unavailable").contains("not done within 2 s");
    write();
  }

  @Test
  void a_role_that_moves_while_a_durable_switch_waits_for_the_disk_does_not_wait()
      throws Exception {
    Bench bench = stage.bench;
    bench.begin(SensePool.sense());
    hang();

    CompletableFuture<Result> pin = durably().switchTo(SENSE, MASTER, null).toCompletableFuture();
    bench.scheduler.settle();
    var unused = bench.monitor.commands().setState(SENSE, MASTER, OperatorState.DRAIN, false, null);
    bench.scheduler.settle();
    assertThat(pin).isNotDone();
    assertThat(bench.serving()).isEqualTo(SensePool.BACKUP);
    bench.scheduler.advance(2_000);
    assertThat(Stage.said(pin.join())).contains("unavailable").contains("not done within 2 s");
    write();
  }

  /** Has the next write hang: the file has that name while it is written. */
  private void hang() {
    Await.until(
        "there is a FIFO",
        () -> new ProcessBuilder("mkfifo", next().toString()).start().waitFor() == 0);
  }

  /** Ends the write that hangs. */
  private void write() throws IOException {
    try (FileInputStream reader = new FileInputStream(next().toFile())) {
      Await.until("the write has ended", () -> reader.read() >= 0);
      Files.delete(next());
    }
  }
}
