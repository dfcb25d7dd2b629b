package dev.understudy.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.agreement.StandaloneAgreementTest.AtOnce;
import dev.understudy.agreement.StandaloneAgreementTest.Told;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.file.FileTenure;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Await;
import dev.understudy.testing.FakeLoop;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two processes of a replica that decides alone, the second of which takes over. */
class StandaloneHandoverTest {
  private static final PoolId SENSE = new PoolId("sense");
  private static final PoolId OTHER = new PoolId("other");
  private static final ServerId SEN1 = new ServerId("sen1");
  private static final Instant NOW = FakeLoop.START;
  private static final AgreedRole NOTHING = AgreedRole.nothing(NOW);

  @TempDir Path directory;

  private final FakeLoop loop = new FakeLoop();
  private final List<PoolId> changed = new CopyOnWriteArrayList<>();

  private static AgreedRole role(long epoch) {
    return new AgreedRole(
        new RoleState(SEN1, epoch, null, 0, null, RoleMemory.NONE), SwitchReason.OPERATOR, NOW, "");
  }

  private Path file() {
    return directory.resolve("state.json");
  }

  private StandaloneAgreement leading(long epoch) {
    StandaloneAgreement alone = StandaloneAgreement.inMemory();
    alone.start(loop, new Told(changed));
    alone.propose(SENSE, NOTHING, role(epoch));
    return alone;
  }

  private StandaloneAgreement following(String state, FileTenure tenure) throws IOException {
    StandaloneAgreement next = StandaloneAgreement.following(file(), state, NOW, tenure);
    next.start(loop, new Told(changed));
    return next;
  }

  private StandaloneAgreement following(StandaloneAgreement before) throws IOException {
    return following(before.state(), FileTenure.ours());
  }

  private static long epoch(StandaloneAgreement alone) {
    return alone.agreed(SENSE).map(agreed -> agreed.roleState().epoch()).orElse(0L);
  }

  @Test
  void a_follower_has_all_that_the_other_has_decided() throws IOException {
    StandaloneAgreement before = leading(7);
    before.operatorState(OTHER, SEN1, OperatorState.DRAIN, null, new Operator("alice", "disk"));
    try (StandaloneAgreement next = following(before)) {
      assertThat(next.agreed(SENSE)).contains(role(7));
      assertThat(next.operatorStates(OTHER)).isEqualTo(before.operatorStates(OTHER));
      assertThat(next.follows()).isTrue();
    }
  }

  @Test
  void it_takes_what_the_other_decides_and_tells_the_listener_of_what_has_changed()
      throws IOException {
    StandaloneAgreement before = leading(7);
    before.propose(OTHER, NOTHING, role(1));
    try (StandaloneAgreement next = following(before)) {
      before.propose(SENSE, role(7), role(8));
      next.use(before.state());
      loop.settle();
      assertThat(epoch(next)).isEqualTo(8);
      assertThat(changed).containsExactly(SENSE);
    }
  }

  @Test
  void it_takes_what_it_is_told_before_its_monitor_starts() throws IOException {
    StandaloneAgreement before = leading(7);
    try (StandaloneAgreement next =
        StandaloneAgreement.following(null, before.state(), NOW, FileTenure.ours())) {
      before.propose(SENSE, role(7), role(8));
      next.use(before.state());
      assertThat(epoch(next)).isEqualTo(8);
    }
  }

  static Stream<Arguments> acts() {
    return Stream.<Function<StandaloneAgreement, CompletableFuture<?>>>of(
            alone -> alone.propose(SENSE, role(7), role(8)),
            alone -> alone.operatorState(SENSE, SEN1, OperatorState.DRAIN, null, null),
            alone -> alone.maintenance(SENSE, PoolMaintenance.ended(NOW, null)))
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("acts")
  void a_follower_decides_nothing(Function<StandaloneAgreement, CompletableFuture<?>> act)
      throws IOException {
    StandaloneAgreement before = leading(7);
    try (StandaloneAgreement next = following(before)) {
      assertThat(act.apply(next)).isCompletedExceptionally();
      assertThat(next.state()).isEqualTo(before.state());
      assertThat(next.turn(SENSE, 0)).isEmpty();
      assertThat(next.whyNoCommands()).isPresent();
    }
    assertThat(file()).as("it writes nothing").doesNotExist();
    before.follow();
    assertThat(act.apply(before)).as("as the one that is left").isCompletedExceptionally();
    assertThat(epoch(before)).isEqualTo(7);
  }

  @Test
  void one_that_leads_from_now_on_decides_writes_the_file_and_tells_the_other() throws IOException {
    StandaloneAgreement before = leading(7);
    FileTenure tenure = FileTenure.ofAnother();
    DecisionThread atOnce = new AtOnce();
    before.start(atOnce, new Told(changed));
    try (StandaloneAgreement next =
        StandaloneAgreement.following(file(), before.state(), NOW, tenure)) {
      next.start(atOnce, new Told(changed));
      before.follow();
      next.whenSaved(() -> use(before, next));
      tenure.begin();
      next.lead();
      assertThat(next.follows()).isFalse();
      assertThat(next.whyNoCommands()).isEmpty();
      assertThat(next.turn(SENSE, 0)).isPresent();
      next.propose(SENSE, role(7), role(8));
      assertThat(epoch(before)).isEqualTo(8);
      Await.until("it is written", () -> next.isEpochTrusted(SENSE));
    }
    try (StandaloneAgreement restarted = StandaloneAgreement.withFile(file(), NOW)) {
      assertThat(epoch(restarted)).isEqualTo(8);
    }
  }

  private static void use(StandaloneAgreement follower, StandaloneAgreement leader) {
    try {
      follower.use(leader.state());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_decision_of_the_last_moment_is_not_lost() throws IOException {
    StandaloneAgreement before = leading(7);
    try (StandaloneAgreement next = following(before)) {
      before.propose(SENSE, role(7), role(8));
      before.follow();
      next.use(before.state());
      next.lead();
      loop.settle();
      assertThat(epoch(next)).isEqualTo(8);
    }
  }

  @Test
  void what_the_other_says_does_not_undo_what_one_that_leads_decides() throws IOException {
    StandaloneAgreement before = leading(7);
    String then = before.state();
    try (StandaloneAgreement next = following(before)) {
      next.lead();
      loop.settle();
      next.propose(SENSE, role(7), role(8));
      next.use(then);
      loop.settle();
      assertThat(epoch(next)).isEqualTo(8);
    }
  }

  @Test
  void an_epoch_that_the_other_has_written_is_trusted() throws IOException {
    try (StandaloneAgreement next = following(leading(7))) {
      assertThat(next.isEpochTrusted(SENSE)).isTrue();
    }
  }

  @Rows(
      """
      ``
      {
      {"version":2,"pools":{}}
      {"version":1,"pools":null}
      {"version":1,"pools":{"sense":{"epoch":1,"failbacks":0,"since":"2026-01-01T00:00:00Z","operatorStates":{"Not A Label":"drain"}}}}
      """)
  void a_state_that_is_not_understood_changes_nothing(String state) throws IOException {
    try (StandaloneAgreement next = following(leading(7))) {
      assertThatThrownBy(() -> next.use(state)).isInstanceOf(IOException.class);
      loop.settle();
      assertThat(epoch(next)).isEqualTo(7);
    }
  }

  /** Between the offer and the handover nobody writes the file, and a crash of both forgets it. */
  @Test
  void while_the_file_is_offered_no_change_is_told_as_kept_and_the_disk_is_not_blamed() {
    FileTenure tenure = FileTenure.ours();
    try (StandaloneAgreement before = StandaloneAgreement.withFile(file(), NOW, tenure)) {
      before.start(loop, new Told(changed));
      before.propose(SENSE, NOTHING, role(7));
      Await.until("it is written", () -> before.isEpochTrusted(SENSE));
      tenure.end();

      CompletableFuture<AgreedRole> refused =
          before.durably(() -> before.propose(SENSE, role(7), role(8)));
      awaitEnd(refused);
      assertThat(refused)
          .failsWithin(Duration.ZERO)
          .withThrowableThat()
          .withCauseInstanceOf(NotKeptException.class)
          .withMessageContaining("another process is taking it over");
      assertThat(epoch(before)).isEqualTo(7);

      before.propose(SENSE, role(7), role(8));
      CompletableFuture<Optional<String>> kept = before.kept();
      awaitEnd(kept);
      assertThat(kept.join().orElseThrow()).contains("another process is taking it over");
      assertThat(before.unwritten()).isEmpty();

      tenure.begin();
      CompletableFuture<AgreedRole> again =
          before.durably(() -> before.propose(SENSE, role(8), role(9)));
      awaitEnd(again);
      assertThat(again).isCompletedWithValue(role(9));
    }
  }

  @Test
  void after_a_handover_that_failed_the_file_is_taken_again_though_nothing_is_written() {
    FileTenure tenure = FileTenure.ours();
    try (StandaloneAgreement before = StandaloneAgreement.withFile(file(), NOW, tenure)) {
      before.start(loop, new Told(changed));
      assertThat(isTaken()).isTrue();
      tenure.end();
      assertThat(isTaken()).isFalse();
      tenure.begin();
      Await.until("it is taken again", this::isTaken);
    }
  }

  /** Whether a process has the file: this one, which cannot lock it twice. */
  private boolean isTaken() {
    StateFile other = new StateFile(file());
    try {
      other.lock();
      other.unlock();
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private void awaitEnd(CompletableFuture<?> call) {
    Await.until(
        "it has ended",
        () -> {
          loop.settle();
          return call.isDone();
        });
  }

  /** Every later version must read it. */
  @Test
  void the_state_of_version_1_is_read() throws IOException {
    String recorded =
        Files.readString(Path.of("src/test/resources/dev/understudy/agreement/state-1.json"));
    Instant later = Instant.parse("2026-12-01T00:00:00Z");
    try (StandaloneAgreement next =
        StandaloneAgreement.following(null, recorded, later, FileTenure.ours())) {
      AgreedRole sense = next.agreed(SENSE).orElseThrow();
      Instant failedBack = Instant.parse("2026-11-24T23:58:30Z");
      assertThat(sense.roleState())
          .isEqualTo(new RoleState(SEN1, 7, SEN1, 2, failedBack, RoleMemory.NONE));
      assertThat(sense.reason()).isEqualTo(SwitchReason.OPERATOR);
      assertThat(sense.operators())
          .isEqualTo(new RoleOperators(new Operator("alice", "disk swap"), null));
      assertThat(next.operatorStates(SENSE).states())
          .isEqualTo(Map.of(new ServerId("sen2"), OperatorState.DRAIN));
      assertThat(next.operatorStates(SENSE).setter(new ServerId("sen2")))
          .isEqualTo(new Operator("bob", null));
    }
  }
}
