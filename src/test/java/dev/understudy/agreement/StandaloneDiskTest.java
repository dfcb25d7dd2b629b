package dev.understudy.agreement;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.file.FileTenure;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.FakeLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A process that decides alone, on a disk that is full or hangs, killed at any time, in stories
 * that seeds tell: {@code -Dunderstudy.disk.seed=N} is one of them. The laws:
 *
 * <ul>
 *   <li>What was acknowledged as kept, or asked for durably and done, is there after every kill,
 *       unless something was asked for since.
 *   <li>What was asked for durably and refused is not in force.
 *   <li>An epoch that is trusted is on the disk, and so is all that is not said to be unwritten.
 *   <li>On a good disk all is kept in the end.
 * </ul>
 */
@Tag(Extent.FULL)
class StandaloneDiskTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final PoolId POOL = new PoolId("sense");
  private static final ServerId SERVER = new ServerId("sen1");
  private static final int STEPS = 40;

  private enum Condition {
    GOOD,
    /** There is room for one more write. */
    NEARLY_FULL,
    FULL,
    HANGS
  }

  /** What survives a kill. */
  private static final class Disk {
    private byte[] content =
        StateFile.bytes(StateDocument.of(Map.of(), Duration.ZERO), LaterFields.NONE);
    private Condition condition = Condition.GOOD;
    private @Nullable Object owner;

    synchronized void be(Condition next) {
      condition = next;
      notifyAll();
    }

    /** From now on the process with that file alone runs. */
    synchronized void belongTo(Object file) {
      owner = file;
      notifyAll();
    }

    synchronized byte[] read() {
      return content;
    }

    synchronized void write(Object file, byte[] next) throws IOException {
      try {
        while (condition == Condition.HANGS && owner == file) {
          wait();
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      if (condition == Condition.FULL || owner != file) {
        throw new IOException("No space left on device");
      }
      content = next;
      condition = condition == Condition.NEARLY_FULL ? Condition.FULL : condition;
    }
  }

  private static final class FileOnDisk extends StateFile {
    private final Disk disk;

    FileOnDisk(Disk disk) {
      super(Path.of("state.json"));
      this.disk = disk;
      disk.belongTo(this);
    }

    @Override
    synchronized void lock() {}

    @Override
    Content read(Instant now) throws IOException {
      return parse(disk.read(), now);
    }

    @Override
    void write(byte[] content) throws IOException {
      disk.write(this, content);
    }
  }

  static LongStream seeds() {
    Long one = Long.getLong("understudy.disk.seed");
    return one == null ? LongStream.range(0, Extent.rounds(100, 10)) : LongStream.of(one);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void what_was_acknowledged_is_there_after_every_kill(long seed) throws IOException {
    new Story(seed).tell();
  }

  @Test
  void a_durable_change_that_was_made_meanwhile_too_is_kept() {
    Disk disk = new Disk();
    FakeLoop loop = new FakeLoop();
    StandaloneAgreement alone =
        StandaloneAgreement.withFile(new FileOnDisk(disk), NOW, FileTenure.ours());
    alone.start(loop, new StandaloneAgreementTest.Told(new LinkedBlockingQueue<>()));
    Supplier<CompletableFuture<Void>> drain =
        () -> alone.operatorState(POOL, SERVER, OperatorState.DRAIN, null, null);
    disk.be(Condition.HANGS);
    CompletableFuture<Void> durable = alone.durably(drain);
    assertThat(drain.get()).isCompleted();
    assertThat(durable).isNotDone();
    disk.be(Condition.GOOD);
    Await.until(
        "the command ends",
        () -> {
          loop.settle();
          return durable.isDone();
        });
    assertThat(durable).isCompleted();
    alone.close();
  }

  private static final class Story {
    private final Random random;
    private final Disk disk = new Disk();
    private final List<String> told = new ArrayList<>();

    /** What the operator's state, and the epoch, may be after a kill. */
    private final TreeSet<Integer> states = new TreeSet<>(List.of(0));

    private final TreeSet<Integer> epochs = new TreeSet<>(List.of(0));
    private FakeLoop loop = new FakeLoop();
    private StandaloneAgreement alone = start();
    private int asked;

    Story(long seed) {
      random = new Random(seed);
    }

    private StandaloneAgreement start() {
      loop = new FakeLoop();
      StandaloneAgreement next =
          StandaloneAgreement.withFile(new FileOnDisk(disk), NOW, FileTenure.ours());
      next.start(loop, new StandaloneAgreementTest.Told(new LinkedBlockingQueue<>()));
      return next;
    }

    void tell() throws IOException {
      try {
        for (int i = 0; i < STEPS; i++) {
          step();
          checkDisk();
        }
        be(Condition.GOOD);
        keep();
        kill();
        assertThat(states).hasSize(1);
      } catch (AssertionError e) {
        throw new AssertionError(e.getMessage() + "\n" + String.join("\n", told), e);
      } finally {
        disk.belongTo(this);
        alone.close();
      }
    }

    private void step() {
      switch (random.nextInt(8)) {
        case 0, 1 -> be(Condition.values()[random.nextInt(4)]);
        case 2 -> propose();
        case 3 -> setState();
        case 4, 5 -> setStateDurably();
        case 6 -> keep();
        default -> kill();
      }
    }

    private void be(Condition condition) {
      told.add("the disk is " + condition);
      disk.be(condition);
    }

    private void propose() {
      int next = epoch(alone) + 1;
      told.add("epoch " + next);
      epochs.add(next);
      RoleState role = new RoleState(SERVER, next, null, 0, null, RoleMemory.NONE);
      alone.propose(POOL, AgreedRole.nothing(NOW), new AgreedRole(role, null, NOW, ""));
    }

    private CompletableFuture<Void> ask() {
      states.add(++asked);
      return alone.operatorState(
          POOL,
          SERVER,
          asked % 2 == 0 ? OperatorState.MAINTENANCE : OperatorState.DRAIN,
          null,
          new Operator("alice", String.valueOf(asked)));
    }

    private void setState() {
      told.add("state " + (asked + 1));
      assertThat(ask()).isCompleted();
    }

    private void setStateDurably() {
      int before = state(alone);
      CompletableFuture<Void> done = alone.durably(this::ask);
      boolean kept = !end(done).isCompletedExceptionally();
      told.add("state " + asked + " durably: " + kept);
      assertThat(state(alone)).isEqualTo(kept ? asked : before);
      if (kept) {
        states.retainAll(List.of(asked));
      }
    }

    private void keep() {
      Optional<String> why = end(alone.kept()).join();
      told.add("kept: " + why);
      if (why.isEmpty()) {
        states.retainAll(List.of(state(alone)));
        epochs.retainAll(List.of(epoch(alone)));
      }
    }

    private <T> CompletableFuture<T> end(CompletableFuture<T> command) {
      if (disk.condition == Condition.HANGS) {
        loop.advance(Duration.ofSeconds(2));
        assertThat(command).isDone();
      }
      Await.until(
          "the command ends",
          () -> {
            loop.settle();
            return command.isDone();
          });
      return command;
    }

    private void kill() {
      StandaloneAgreement before = alone;
      alone = start();
      told.add("killed; then state " + state(alone) + ", epoch " + epoch(alone));
      before.close();
      assertThat(states).contains(state(alone));
      assertThat(epochs).contains(epoch(alone));
      states.retainAll(List.of(state(alone)));
      epochs.retainAll(List.of(epoch(alone)));
    }

    private void checkDisk() throws IOException {
      boolean trusted = alone.isEpochTrusted(POOL);
      boolean written = alone.unwritten().isEmpty();
      StandaloneAgreement there =
          StandaloneAgreement.following(
              null, new String(disk.read(), UTF_8), NOW, FileTenure.ofAnother());
      assertThat(!trusted || epoch(there) == epoch(alone)).as("a trusted epoch").isTrue();
      assertThat(!written || state(there) == state(alone)).as("what is written").isTrue();
    }

    private static int epoch(StandaloneAgreement of) {
      return (int) of.agreed(POOL).map(role -> role.roleState().epoch()).orElse(0L).longValue();
    }

    private static int state(StandaloneAgreement of) {
      Operator by = of.operatorStates(POOL).setter(SERVER);
      return by == null ? 0 : Integer.parseInt(String.valueOf(by.reason()));
    }
  }
}
