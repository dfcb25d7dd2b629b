package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Line.INSTALLATION;
import static dev.understudy.agreement.quorum.Scene.BACKUP;
import static dev.understudy.agreement.quorum.Scene.BACKUP_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.BACKUP_SERVER;
import static dev.understudy.agreement.quorum.Scene.MASTER;
import static dev.understudy.agreement.quorum.Scene.MASTER_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.MASTER_SERVER;
import static dev.understudy.agreement.quorum.Scene.MOVED_MASTER;
import static dev.understudy.agreement.quorum.Scene.POOL;
import static dev.understudy.agreement.quorum.Scene.SENSE;
import static dev.understudy.agreement.quorum.Scene.held;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.register.MemoryStore;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.failover.Choice;
import dev.understudy.failover.Failover;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.testing.FakeLoop;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Replicas on one store, each with a line of its own that the test disturbs. */
class QuorumAgreementTest {
  private static final RegisterKey RECORD = RegisterKey.pool(SENSE.value());

  private final FakeLoop loop = new FakeLoop();
  private final MemoryStore store = new MemoryStore();
  private final Replica a = new Replica("a", loop, store);
  private final Replica b = new Replica("b", loop, store);
  private final Replica c = new Replica("c", loop, store);

  // Joining and deciding

  @Test
  void one_replica_decides_alone_and_durably() {
    a.begin("UU");
    assertThat(a.turn()).contains(Duration.ZERO);
    a.propose();
    loop.settle();
    assertThat(a.serving()).isEqualTo("sen2 in 1");
    assertThat(record()).isEqualTo(stored("sen2", 1));
    assertThat(a.agreement.isEpochTrusted(SENSE)).isTrue();
    assertThat(a.line.announced).hasSize(1).first().asString().startsWith("Initial: sen2 serves");
  }

  @Test
  void one_that_joins_does_not_count_until_it_is_synced() {
    a.begin("UU");
    a.propose();
    b.agreement.start(loop, b);
    b.see("SU");
    loop.advance(100);
    assertThat(counted(a)).containsExactly("a");
    assertThat(b.turn()).isEmpty();
    assertThat(b.agreement.ready()).isFalse();
    a.see("SU");
    loop.advance(100);
    assertThat(a.choice()).isInstanceOf(Choice.Switch.class);
    b.see("UU");
    b.agreement.synced();
    loop.advance(100);
    assertThat(counted(a)).containsExactly("a", "b");
    assertThat(b.agreement.ready()).isTrue();
    assertThat(a.choice()).as("a tie keeps").isInstanceOf(Choice.Stay.class);
  }

  @Test
  void a_decision_waits_until_the_own_newest_vote_has_come_back() {
    a.begin("UU");
    a.propose();
    loop.advance(100);
    a.line.deaf = true;
    a.see("SU");
    loop.advance(100);
    assertThat(a.turn()).isEmpty();
    int changes = a.changes;
    a.line.deaf = false;
    loop.advance(1_000);
    assertThat(a.turn()).as("found by the missing echo").contains(Duration.ZERO);
    assertThat(a.changes).isGreaterThan(changes);
  }

  @Test
  void replicas_have_their_turns_one_after_another() {
    begin("UU", "UU", "UU");
    assertThat(List.of(a.turn(), b.turn(), c.turn()))
        .containsExactlyInAnyOrder(
            Optional.of(Duration.ZERO),
            Optional.of(Duration.ofMillis(150)),
            Optional.of(Duration.ofMillis(300)));
  }

  @Test
  void a_replica_whose_file_lacks_the_pool_has_no_turn() {
    begin("UU", "UU", "UU");
    List<Replica> all = List.of(a, b, c);
    Replica first = first();
    first.agreement.exist(Set.of());
    loop.advance(100);
    assertThat(first.turn()).isEmpty();
    assertThat(all)
        .filteredOn(each -> each != first)
        .extracting(Replica::turn)
        .containsExactlyInAnyOrder(Optional.of(Duration.ZERO), Optional.of(Duration.ofMillis(150)));
  }

  @Test
  void a_replica_whose_file_lacks_the_pools_hooks_has_its_turn_after_the_others() {
    Pool hooked =
        TestPools.like(POOL)
            .hooks(
                new HookSettings(
                    null,
                    new Hook(null, List.of("promote"), Map.of(), Duration.ofSeconds(5), false)))
            .build();
    begin("UU", "UU", "UU");
    Replica first = first();
    for (Replica each : List.of(a, b, c)) {
      each.file = each == first ? POOL : hooked;
      each.see("UU");
    }
    loop.advance(100);
    assertThat(first.turn()).contains(Duration.ofMillis(300));
    assertThat(List.of(a, b, c))
        .filteredOn(each -> each != first)
        .extracting(Replica::turn)
        .containsExactlyInAnyOrder(Optional.of(Duration.ZERO), Optional.of(Duration.ofMillis(150)));

    first.file = hooked;
    first.see("UU");
    loop.advance(100);
    assertThat(first.turn()).contains(Duration.ZERO);
  }

  private Replica first() {
    return List.of(a, b, c).stream()
        .filter(each -> each.turn().equals(Optional.of(Duration.ZERO)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void a_change_of_what_is_agreed_no_more_is_not_written() {
    begin("UU", "UU", "UU");
    a.propose();
    loop.advance(100);
    AgreedRole before = a.agreement.agreed(SENSE).orElseThrow();
    List.of(a, b, c).forEach(each -> each.see("SU"));
    loop.advance(100);
    b.propose();
    loop.advance(100);
    assertThat(a.serving()).isEqualTo("sen1 in 2");
    CompletableFuture<AgreedRole> late = a.propose(before, before);
    loop.advance(100);
    assertThat(late).isCompletedExceptionally();
    assertThat(record()).isEqualTo(stored("sen1", 2));
  }

  @Test
  void one_of_two_replicas_that_propose_at_once_follows_the_other() {
    begin("UU", "UU", "UU");
    CompletableFuture<AgreedRole> first = a.propose();
    CompletableFuture<AgreedRole> second = b.propose();
    loop.settle();
    assertThat(first.join().decidedBy()).isEqualTo("a");
    assertThat(second.join()).isEqualTo(first.join());
    assertThat(c.agreement.agreed(SENSE)).contains(first.join());
    loop.advance(100);
    assertThat(b.agreement.status().conflicts()).isEqualTo(1);
    assertThat(b.line.announced).isEmpty();
  }

  @Test
  void a_write_whose_response_was_lost_is_recognised() {
    a.begin("UU");
    a.line.responsesLost = true;
    CompletableFuture<AgreedRole> proposed = a.propose();
    loop.advance(1_010);
    assertThat(proposed).isCompleted();
    assertThat(a.serving()).isEqualTo("sen2 in 1");
    assertThat(a.line.announced).hasSize(1);
  }

  @Test
  void after_a_failed_write_the_listener_learns_that_it_may_propose_again() {
    a.begin("UU");
    a.propose();
    a.see("SU");
    loop.advance(100);
    a.line.cut = true;
    CompletableFuture<Void> drained =
        a.agreement.operatorState(SENSE, BACKUP, OperatorState.DRAIN, null);
    a.line.cut = false;
    loop.advance(990);
    assertThat(a.turn()).isEmpty();
    int changes = a.changes;
    loop.advance(20);
    assertThat(drained).isCompletedExceptionally();
    assertThat(a.turn()).isPresent();
    assertThat(a.changes).isGreaterThan(changes);
  }

  @Test
  void a_minority_moves_no_role_and_a_majority_does() {
    served("UU", "UU", "UU");
    a.see("SU");
    loop.advance(1_000);
    assertThat(serving()).containsOnly("sen2 in 1");
    b.see("SU");
    loop.advance(1_000);
    assertThat(serving()).containsOnly("sen1 in 2");
    assertThat(List.of(a, b, c))
        .extracting(replica -> replica.agreement.agreed(SENSE).orElseThrow().evidence())
        .containsOnly("sen2: evidence S; 2 of 3 replicas: a, b");
  }

  @Test
  void a_failback_waits_until_a_majority_finds_the_master_fit_in_this_epoch() {
    served("UU", "UU", "UU");
    List.of(a, b, c).forEach(replica -> replica.see("SU"));
    loop.advance(1_000);
    assertThat(serving()).containsOnly("sen1 in 2");
    a.see("UU");
    loop.advance(5_000);
    assertThat(serving()).containsOnly("sen1 in 2");
    b.see("UU");
    loop.advance(500);
    assertThat(serving()).as("a minority does not find it UP yet").containsOnly("sen2 in 3");
    assertThat(c.agreement.agreed(SENSE).orElseThrow().reason()).isEqualTo(SwitchReason.FAILBACK);
    assertThat(c.roleState().failbacks()).isEqualTo(1);
    assertThat(c.roleState().lastFailback()).as("when it saw it").isNotNull();
  }

  @Test
  void a_replica_cut_off_from_the_backup_does_not_keep_both_of_two_from_serving() {
    a.begin("US");
    b.begin("UU");
    List.of(a, b).forEach(Replica::decide);
    loop.advance(1_000);
    assertThat(a.serving()).isEqualTo("sen2 in 1");
    a.see("SS");
    b.see("SU");
    loop.advance(6_000);
    assertThat(a.agreement.ready()).isTrue();
    loop.advance(2_000);
    assertThat(a.agreement.ready()).isFalse();
    assertThat(b.agreement.ready()).isTrue();
    assertThat(List.of(a.serving(), b.serving())).containsOnly(b.serving());
    assertThat(b.roleState().serving()).isEqualTo(BACKUP);
  }

  @Test
  void the_last_of_two_decides_alone_once_the_other_is_dropped() {
    a.begin("UU");
    b.begin("UU");
    List.of(a, b).forEach(Replica::decide);
    loop.advance(500);
    b.line.cut = true;
    a.see("SU");
    loop.advance(4_000);
    assertThat(a.serving()).isEqualTo("sen2 in 1");
    loop.advance(3_000);
    assertThat(a.serving()).isEqualTo("sen1 in 2");
  }

  @Test
  void a_process_that_was_restarted_under_its_name_takes_part_after_silence() {
    a.begin("UU");
    a.decide();
    loop.advance(500);
    a.line.cut = true;
    Replica again = new Replica("a", loop, store, OnLoss.LOCAL, "second-run").begin("UU");
    again.decide();
    loop.advance(5_000);
    assertThat(again.agreement.ready()).isFalse();
    assertThat(again.turn()).isEmpty();
    loop.advance(3_000);
    assertThat(again.refused).isNull();
    assertThat(again.agreement.ready()).isTrue();
    assertThat(again.serving()).as("what was agreed on before").isEqualTo("sen2 in 1");
    assertThat(again.agreement.isEpochTrusted(SENSE)).isTrue();
  }

  @Test
  void two_processes_of_one_name_end_the_newcomer_only() {
    a.begin("UU");
    Replica second = new Replica("a", loop, store, OnLoss.LOCAL, "second-run").begin("UU");
    loop.advance(20_000);
    assertThat(second.refused).contains("replica a", "must be unique");
    assertThat(a.refused).isNull();
    assertThat(a.agreement.contact().holds()).isTrue();
  }

  @Test
  void a_new_vote_against_the_serving_server_makes_the_others_suspect_it_once() {
    served("UU", "UU", "UU");
    a.see("SU");
    loop.advance(10_000);
    assertThat(b.suspected).containsExactly("sen2 by a");
    assertThat(c.suspected).containsExactly("sen2 by a");
    assertThat(a.suspected).isEmpty();
    a.see("US");
    loop.advance(100);
    assertThat(b.suspected).as("nobody suspects another than the serving one").hasSize(1);
  }

  @Test
  void one_that_is_silent_counts_for_three_renewals_and_then_no_more() {
    served("UU", "UU", "UU");
    loop.advance(500);
    c.line.cut = true;
    loop.advance(3_900);
    assertThat(counted(a)).containsExactly("a", "b", "c");
    loop.advance(3_000);
    assertThat(counted(a)).containsExactly("a", "b");
  }

  @Test
  void one_that_was_silent_for_long_counts_again_as_soon_as_it_says_the_same_as_before() {
    served("UU", "UU", "UU");
    c.deciding = false;
    c.see("SU");
    loop.advance(100);
    c.line.cut = true;
    loop.advance(8_000);
    a.see("SU");
    loop.advance(1_000);
    assertThat(counted(a)).containsExactly("a", "b");
    assertThat(serving()).as("a tie").containsOnly("sen2 in 1");
    c.line.cut = false;
    loop.advance(4_000);
    assertThat(counted(a)).containsExactly("a", "b", "c");
    assertThat(serving()).containsOnly("sen1 in 2");
  }

  @Test
  void one_that_left_counts_no_more_at_once_but_follows() {
    served("UU", "UU", "UU");
    c.agreement.leave();
    loop.advance(100);
    assertThat(counted(a)).containsExactly("a", "b");
    assertThat(c.turn()).isEmpty();
    assertThat(c.agreement.ready()).isTrue();
    a.see("SU");
    b.see("SU");
    loop.advance(1_000);
    assertThat(serving()).containsOnly("sen1 in 2");
    assertThat(store.get(INSTALLATION, RegisterKey.voter("c"))).isEmpty();
    loop.advance(20_000);
    assertThat(store.get(INSTALLATION, RegisterKey.voter("c"))).isEmpty();
  }

  @Test
  void replicas_whose_files_gave_the_holders_name_to_another_leave_it() {
    store.compareAndSet(
        INSTALLATION, RECORD, RecordCodec.write(held(MASTER_IDENTITY, 3), loop.now()), 0);
    a.file = Scene.pool(SENSE, MOVED_MASTER, BACKUP_SERVER);
    a.begin("UU");
    a.decide();
    loop.advance(1_000);
    assertThat(a.serving()).as("by way of the backup").isEqualTo("sen2 in 5");
    assertThat(a.agreement.agreed(SENSE).orElseThrow().isOf(MOVED_MASTER)).isTrue();
  }

  @Test
  void readiness_does_not_fall_when_all_entries_are_deleted() {
    served("UU", "UU", "UU");
    List<Boolean> ready = new ArrayList<>();
    for (RegisterEntry entry : store.list(INSTALLATION).entries()) {
      store.delete(INSTALLATION, entry.key(), entry.revision());
      ready.add(a.agreement.ready());
    }
    for (int i = 0; i < 3_000; i++) {
      loop.advance(1);
      ready.add(a.agreement.ready() && b.agreement.ready() && c.agreement.ready());
    }
    assertThat(ready).containsOnly(true);
    assertThat(serving()).containsOnly("sen2 in 2");
    assertThat(counted(a)).containsExactly("a", "b", "c");
  }

  // Repair

  @Test
  void a_record_that_was_deleted_is_written_anew_in_a_higher_epoch() {
    served("UU", "UU", "UU");
    delete(RECORD);
    loop.advance(1_000);
    assertThat(record()).isEqualTo(stored("sen2", 2));
    assertThat(serving()).containsOnly("sen2 in 2");
    assertThat(recordWrites()).as("the first, and the repair").isEqualTo(2);
  }

  @Test
  void a_record_that_was_set_back_is_written_anew() {
    served("UU", "UU", "UU");
    a.see("SU");
    b.see("SU");
    loop.advance(1_000);
    overwrite(held(MASTER_IDENTITY, 1));
    loop.advance(1_000);
    assertThat(serving()).containsOnly("sen1 in 3");
  }

  @Test
  void a_record_that_was_edited_to_another_holder_is_written_anew() {
    served("UU", "UU", "UU");
    overwrite(held(BACKUP_IDENTITY, 1));
    loop.advance(1_000);
    assertThat(serving()).containsOnly("sen2 in 2");
    assertThat(a.agreement.isEpochTrusted(SENSE)).isTrue();
  }

  @Test
  void a_record_of_a_far_higher_epoch_is_followed() {
    served("UU", "UU", "UU");
    List.of(a, b, c).forEach(replica -> replica.deciding = false);
    overwrite(held(BACKUP_IDENTITY, 1_000));
    loop.advance(10);
    assertThat(serving()).containsOnly("sen1 in 1000");
  }

  @Test
  void only_a_replica_that_knows_the_highest_epoch_repairs() {
    served("UU", "UU", "UU");
    a.see("SU");
    b.see("SU");
    loop.advance(1_000);
    assertThat(serving()).containsOnly("sen1 in 2");
    for (Replica replica : List.of(a, b)) {
      replica.agreement.leave();
    }
    loop.advance(100);
    c.line.cut = true;
    delete(RECORD);
    Replica fresh = new Replica("d", loop, store).begin("UU");
    fresh.decide();
    loop.advance(2_000);
    assertThat(fresh.serving()).as("c lives still, and knows more").isEqualTo("nobody in 0");
    c.line.cut = false;
    loop.advance(8_000);
    assertThat(record().epoch()).isGreaterThan(2);
    assertThat(fresh.roleState().epoch()).isEqualTo(c.roleState().epoch()).isGreaterThan(2);
  }

  // Out of touch

  @Test
  void out_of_touch_the_agreement_stays_and_no_epoch_is_sent() {
    served("UU", "UU", "UU");
    a.line.cut = true;
    loop.advance(5_500);
    assertThat(a.agreement.contact().holds()).isFalse();
    assertThat(a.serving()).isEqualTo("sen2 in 1");
    assertThat(a.agreement.isEpochTrusted(SENSE)).isFalse();
    assertThat(a.agreement.ready()).isTrue();
    assertThat(a.agreement.whyNoCommands()).isPresent();
  }

  @Test
  void a_pause_ends_touch_before_any_timer_runs() {
    served("UU", "UU", "UU");
    loop.pause(0);
    long before = loop.nanoTime();
    assertThat(a.agreement.contact().holds()).isTrue();
    loop.pause(10_000);
    assertThat(loop.nanoTime() - before).isEqualTo(10_000_000_000L);
    assertThat(a.choice()).isInstanceOf(Choice.Stay.class);
    loop.advance(100);
    assertThat(a.agreement.contact().holds()).isTrue();
    assertThat(counted(a)).containsExactly("a", "b", "c");
  }

  @Test
  void out_of_touch_it_decides_by_its_own_view_without_raising_the_epoch() {
    served("UU", "UU", "UU");
    actAlone(a);
    assertThat(a.serving()).isEqualTo("sen1 in 1");
    assertThat(a.agreement.isEpochTrusted(SENSE)).isFalse();
    assertThat(record()).isEqualTo(stored("sen2", 1));
    assertThat(a.agreement.agreed(SENSE).orElseThrow().evidence()).contains("decided alone");
  }

  @Test
  void out_of_touch_no_replica_fails_back() {
    served("UU", "UU", "UU");
    a.see("SU");
    b.see("SU");
    c.see("SU");
    loop.advance(1_000);
    assertThat(serving()).containsOnly("sen1 in 2");
    for (Replica each : List.of(a, b, c)) {
      each.line.cut = true;
      each.see("UU");
    }
    loop.advance(30_000);
    assertThat(a.agreement.contact().holds()).isFalse();
    a.decide();
    loop.advance(30_000);
    assertThat(serving()).as("as agreed").containsOnly("sen1 in 2");
    assertThat(a.agreement.status().pools()).allMatch(pool -> pool.local() == null);
  }

  @Test
  void what_it_chose_alone_it_keeps_while_out_of_touch_though_the_better_rank_returns() {
    served("UU", "UU", "UU");
    actAlone(a);
    a.see("UU");
    a.decide();
    loop.advance(30_000);
    assertThat(a.serving()).isEqualTo("sen1 in 1");
    a.see("US");
    a.decide();
    loop.advance(1_000);
    assertThat(a.serving()).as("it has failed").isEqualTo("sen2 in 1");
  }

  @Test
  void a_choice_made_alone_is_shown() {
    served("UU", "UU", "UU");
    actAlone(a);
    loop.advance(100);
    assertThat(a.agreement.status().pools())
        .extracting(pool -> pool.holder() + " " + pool.local())
        .containsExactly("sen2 sen1");
  }

  @Test
  void back_in_touch_a_newer_epoch_ends_what_was_chosen_alone() {
    served("UU", "UU", "UU");
    actAlone(a);
    b.see("SU");
    c.see("SU");
    loop.advance(7_000);
    assertThat(b.serving()).isEqualTo("sen1 in 2");
    a.line.cut = false;
    loop.advance(5_000);
    assertThat(serving()).containsOnly("sen1 in 2");
    assertThat(a.agreement.isEpochTrusted(SENSE)).isTrue();
  }

  @Test
  void back_in_touch_the_choice_from_all_votes_replaces_the_one_made_alone() {
    served("UU", "UU", "UU");
    List.of(a, b, c).forEach(this::actAlone);
    List.of(a, b, c).forEach(replica -> replica.line.cut = false);
    loop.advance(5_000);
    assertThat(serving()).containsOnly("sen1 in 2");
    assertThat(record()).isEqualTo(stored("sen1", 2));
  }

  @Test
  void back_in_touch_the_choice_of_a_majority_becomes_the_record_where_nothing_calls_it_back() {
    Replica[] all = {a, b, c};
    for (Replica replica : all) {
      replica.file = manual();
    }
    served("UU", "UU", "UU");
    actAlone(a);
    actAlone(b);
    a.see("UU");
    b.see("UU");
    a.line.cut = false;
    b.line.cut = false;
    loop.advance(20_000);
    assertThat(serving()).containsOnly("sen1 in 2");
  }

  @Test
  void back_in_touch_the_record_stays_where_only_a_minority_left_it() {
    served("UU", "UU", "UU");
    actAlone(a);
    a.see("UU");
    a.line.cut = false;
    loop.advance(20_000);
    assertThat(serving()).containsOnly("sen2 in 1");
    assertThat(a.agreement.isEpochTrusted(SENSE)).isTrue();
  }

  @Test
  void what_one_replica_chose_alone_ends_though_nobody_else_says_anything() {
    a.begin("UU");
    a.decide();
    loop.advance(100);
    actAlone(a);
    a.see("UU");
    a.deciding = false;
    a.line.cut = false;
    loop.advance(30_000);
    assertThat(a.agreement.isEpochTrusted(SENSE)).isTrue();
    assertThat(a.serving()).isEqualTo(record().holder().id() + " in " + record().epoch());
  }

  @Test
  void a_majority_that_has_taken_its_choice_back_before_the_turn_came_is_not_followed() {
    List<String> names = List.of("a", "b", "c");
    String last =
        names.stream()
            .filter(name -> Ranking.rank(SENSE, name, names) == 2)
            .findFirst()
            .orElseThrow();
    List<String> others = names.stream().filter(name -> !name.equals(last)).toList();
    store.compareAndSet(
        INSTALLATION, RECORD, RecordCodec.write(held(MASTER_IDENTITY, 1), loop.now()), 0);
    Replica replica = new Replica(last, loop, store);
    replica.file = manual();
    replica.begin("UU");
    actAlone(replica);
    replica.see("UU");
    replica.line.cut = false;
    while (!replica.agreement.contact().holds()) {
      loop.advance(1);
    }
    Ballot.Acted acted = new Ballot.Acted(Optional.of(BACKUP_IDENTITY), 1);
    for (int i = 0; i < 6; i++) {
      others.forEach(other -> say(other, acted));
      loop.advance(1_000);
    }
    loop.advance(100);
    assertThat(replica.serving()).isEqualTo("sen1 in 1");
    others.forEach(other -> say(other, null));
    loop.advance(1_000);
    assertThat(record()).isEqualTo(stored("sen2", 1));
    assertThat(replica.serving()).isEqualTo("sen2 in 1");
  }

  @Test
  void a_switch_to_what_was_chosen_alone_does_not_give_one_epoch_two_holders() {
    served("UU", "UU", "UU");
    actAlone(a);
    a.see("UU");
    a.line.cut = false;
    while (!a.agreement.contact().holds()) {
      loop.advance(10);
    }
    loop.advance(2_500);
    assertThat(a.serving()).isEqualTo("sen1 in 1");
    Choice pin = Failover.switchTo(a.file, a.view(), a.roleState(), BACKUP).orElseThrow();
    AgreedRole current = a.agreement.agreed(SENSE).orElseThrow();
    CompletableFuture<AgreedRole> pinned = a.propose(current.with(pin.roleState()), current);
    loop.settle();
    assertThat(pinned).isDone();
    boolean otherHolder = BACKUP_IDENTITY.equals(record().holder());
    assertThat(otherHolder && record().epoch() == 1).as("%s", record()).isFalse();
  }

  @Test
  void a_choice_made_alone_ends_with_a_new_file_that_balances_the_pool() {
    begin("UU", "UU", "UU");
    List.of(a, b, c).forEach(Replica::decide);
    loop.advance(1_000);
    a.line.cut = true;
    a.see("SU");
    loop.advance(10_000);
    assertThat(a.serving()).isEqualTo("sen1 in 1");
    a.file =
        Scene.pool(SENSE, PoolMode.BALANCE, FailbackSettings.DEFAULT, MASTER_SERVER, BACKUP_SERVER);
    a.see("UU");
    a.line.cut = false;
    loop.advance(20_000);
    assertThat(record()).isEqualTo(stored("sen2", 1));
    assertThat(a.serving()).isEqualTo("sen2 in 1");
  }

  @Test
  void a_replica_whose_new_file_balances_the_pool_takes_the_role_from_nobody() {
    served("UU", "UU", "UU");
    c.file =
        Scene.pool(SENSE, PoolMode.BALANCE, FailbackSettings.DEFAULT, MASTER_SERVER, BACKUP_SERVER);
    c.see("UU");
    loop.advance(5_000);
    assertThat(c.choice()).isInstanceOf(Choice.Switch.class);
    assertThat(c.turn()).isEmpty();
    assertThat(record().holder()).isEqualTo(MASTER_IDENTITY);
    assertThat(record().epoch()).isEqualTo(1);
  }

  @Test
  void a_pin_is_ended_by_a_replica_whose_file_does_not_know_the_holder() {
    served("UU", "UU", "UU");
    AgreedRole current = a.agreement.agreed(SENSE).orElseThrow();
    RoleState pinned = new RoleState(MASTER, 1, MASTER, 0, null, RoleMemory.NONE);
    a.propose(current.with(pinned), current);
    loop.settle();
    assertThat(c.roleState().pinned()).isEqualTo(MASTER);
    c.file = Scene.pool(SENSE, BACKUP_SERVER);
    c.see("UU");
    loop.advance(100);
    AgreedRole now = c.agreement.agreed(SENSE).orElseThrow();
    c.propose(now.with(now.roleState().unpinned()), now);
    loop.settle();
    assertThat(record().holder()).isEqualTo(MASTER_IDENTITY);
    assertThat(a.roleState()).isEqualTo(new RoleState(MASTER, 1, null, 0, null, RoleMemory.NONE));
  }

  @Test
  void alone_the_holders_name_at_another_address_does_not_stand_for_the_holder() {
    served("UU", "UU", "UU");
    a.line.cut = true;
    loop.advance(7_000);
    a.file = Scene.pool(SENSE, MOVED_MASTER, BACKUP_SERVER);
    a.see("UU");
    a.decide();
    loop.advance(10);
    AgreedRole agreed = a.agreement.agreed(SENSE).orElseThrow();
    assertThat(a.file.servers()).anyMatch(agreed::isOf);
  }

  @Test
  void hold_sends_nothing_and_decides_nothing_out_of_touch() {
    Replica strict = new Replica("d", loop, store, OnLoss.HOLD).begin("UU");
    strict.decide();
    loop.advance(100);
    assertThat(strict.agreement.suspends()).isTrue();
    assertThat(strict.agreement.ready()).isTrue();
    strict.line.cut = true;
    strict.see("SU");
    loop.advance(6_000);
    assertThat(strict.agreement.ready()).isFalse();
    assertThat(strict.turn()).isEmpty();
    assertThat(strict.serving()).isEqualTo("sen2 in 1");
    strict.line.cut = false;
    loop.advance(5_000);
    assertThat(strict.agreement.ready()).isTrue();
    assertThat(strict.serving()).isEqualTo("sen1 in 2");
  }

  @Test
  void hold_holds_on_while_a_replica_that_is_out_of_touch_ends() {
    Replica strict = new Replica("d", loop, store, OnLoss.HOLD).begin("UU");
    strict.line.cut = true;
    loop.advance(6_000);
    strict.agreement.leave();
    loop.advance(100);
    assertThat(strict.agreement.suspends()).isTrue();
    assertThat(strict.agreement.contact().holds()).isFalse();
  }

  @Test
  void hold_lets_a_replica_end_that_is_in_touch() {
    Replica strict = new Replica("d", loop, store, OnLoss.HOLD).begin("UU");
    strict.agreement.leave();
    loop.advance(10_000);
    assertThat(strict.agreement.suspends()).isFalse();
  }

  // Starting without the register

  @Test
  void without_the_register_it_starts_alone_after_ten_seconds() {
    a.line.cut = true;
    a.begin("UU");
    a.deciding = true;
    loop.advance(9_980);
    assertThat(a.agreement.ready()).isFalse();
    assertThat(a.turn()).isEmpty();
    loop.advance(20);
    assertThat(a.agreement.ready()).isTrue();
    assertThat(a.serving()).isEqualTo("sen2 in 1");
    assertThat(a.agreement.isEpochTrusted(SENSE)).isFalse();
    a.line.cut = false;
    loop.advance(10_000);
    assertThat(record()).isEqualTo(stored("sen2", 1));
    assertThat(a.agreement.isEpochTrusted(SENSE)).isTrue();
  }

  @Test
  void with_a_register_that_refuses_its_writes_it_starts_alone_after_ten_seconds() {
    a.line.readOnly = true;
    a.begin("UU");
    a.deciding = true;
    loop.advance(10_000);
    assertThat(a.agreement.ready()).isTrue();
    assertThat(a.serving()).isEqualTo("sen2 in 1");
    assertThat(a.agreement.isEpochTrusted(SENSE)).isFalse();
  }

  // Operators' states

  @Test
  void an_operators_state_holds_at_all_replicas_and_survives_a_switch() {
    served("UU", "UU", "UU");
    CompletableFuture<Void> done =
        a.agreement.operatorState(SENSE, MASTER, OperatorState.DRAIN, null);
    loop.advance(1_000);
    assertThat(done).isCompleted();
    assertThat(serving()).containsOnly("sen1 in 2");
    assertThat(List.of(a, b, c))
        .extracting(replica -> replica.agreement.operatorStates(SENSE).of(MASTER))
        .containsOnly(OperatorState.DRAIN);
  }

  @Test
  void two_operators_at_once_both_get_what_they_want() {
    served("UU", "UU", "UU");
    CompletableFuture<Void> first =
        a.agreement.operatorState(SENSE, MASTER, OperatorState.DRAIN, null);
    CompletableFuture<Void> second =
        b.agreement.operatorState(SENSE, BACKUP, OperatorState.MAINTENANCE, null);
    loop.advance(1_000);
    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
    assertThat(c.agreement.operatorStates(SENSE).states())
        .containsEntry(MASTER, OperatorState.DRAIN)
        .containsEntry(BACKUP, OperatorState.MAINTENANCE);
  }

  @Test
  void two_states_asked_of_one_replica_are_both_set_though_the_store_takes_its_time() {
    served("UU", "UU", "UU");
    a.line.responsesLost = true;
    CompletableFuture<Void> first =
        a.agreement.operatorState(SENSE, MASTER, OperatorState.DRAIN, null);
    CompletableFuture<Void> second =
        a.agreement.operatorState(SENSE, BACKUP, OperatorState.DRAIN, null);
    loop.advance(3_000);
    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
    assertThat(b.agreement.operatorStates(SENSE).states()).hasSize(2);
  }

  @Test
  void before_the_first_epoch_a_state_that_is_ended_stays_so() {
    a.begin("SS");
    a.agreement.operatorState(SENSE, BACKUP, OperatorState.DRAIN, null);
    loop.advance(1_000);
    a.agreement.operatorState(SENSE, BACKUP, OperatorState.READY, null);
    loop.advance(10_000);
    assertThat(a.agreement.operatorStates(SENSE).states()).isEmpty();
    assertThat(record().operatorStates().states()).isEmpty();
    assertThat(record().epoch()).isZero();
  }

  @Test
  void an_operators_state_fails_while_the_register_is_away() {
    served("UU", "UU", "UU");
    a.line.cut = true;
    CompletableFuture<Void> done =
        a.agreement.operatorState(SENSE, MASTER, OperatorState.DRAIN, null);
    loop.advance(3_000);
    assertThat(done).isCompletedExceptionally();
    assertThat(a.agreement.operatorStates(SENSE).states()).isEmpty();
  }

  @Test
  void operators_acts_are_announced_by_the_replica_that_wrote_them_with_name_and_reason() {
    served("UU", "UU", "UU");
    loop.advance(1_000);
    List.of(a, b, c).forEach(replica -> replica.line.announced.clear());
    Operator alice = new Operator("alice", "disk swap");
    a.agreement.operatorState(SENSE, MASTER, OperatorState.DRAIN, alice);
    loop.advance(1_000);
    AgreedRole current = b.agreement.agreed(SENSE).orElseThrow();
    Choice pin = Failover.switchTo(b.file, b.view(), b.roleState(), BACKUP).orElseThrow();
    b.propose(current.withPin(pin.roleState(), new Operator("bob", null)), current);
    loop.advance(1_000);
    List<String> all = new ArrayList<>();
    List.of(a, b, c).forEach(replica -> all.addAll(replica.line.announced));
    assertThat(all)
        .containsExactlyInAnyOrder(
            "OperatorState: An operator set sen2 to drain, by alice: disk swap",
            "Operator: sen1 serves in epoch 2: OPERATOR (an operator set sen2 to drain), by alice:"
                + " disk swap",
            "Pinned: An operator pinned sen1, which serves in epoch 2, by bob");
    assertThat(a.line.announced)
        .contains("OperatorState: An operator set sen2 to drain, by alice: disk swap");
  }

  // Readiness

  @Test
  void a_replica_that_sees_less_turns_unready_after_seven_seconds_and_ready_at_once() {
    served("UU", "UU", "UU");
    a.see("SU");
    loop.advance(6_900);
    assertThat(a.agreement.ready()).isTrue();
    loop.advance(200);
    assertThat(a.agreement.ready()).isFalse();
    assertThat(b.agreement.ready()).isTrue();
    a.see("UU");
    loop.advance(10);
    assertThat(a.agreement.ready()).isTrue();
  }

  @Test
  void out_of_touch_no_replica_is_unready() {
    served("UU", "UU", "UU");
    a.see("SU");
    loop.advance(8_000);
    assertThat(a.agreement.ready()).isFalse();
    a.line.cut = true;
    loop.advance(6_000);
    assertThat(a.agreement.ready()).isTrue();
  }

  private static Pool manual() {
    FailbackSettings failback = TestSettings.failback(Policy.MANUAL, Duration.ofSeconds(30));
    return Scene.pool(SENSE, failback, MASTER_SERVER, BACKUP_SERVER);
  }

  /** Another replica, of which there is an entry only, finds both servers UP. */
  private void say(String replica, Ballot.@Nullable Acted acted) {
    RegisterKey key = RegisterKey.voter(replica);
    Ballot ballot = Scene.ballot("UU", 0, MASTER_SERVER, BACKUP_SERVER);
    Voter voter = Scene.voter(replica, true, new Ballot(1, acted, ballot.votes()));
    store.compareAndSet(
        INSTALLATION,
        key,
        VoterCodec.write(voter, loop.now(), loop.now()),
        store.get(INSTALLATION, key).map(RegisterEntry::revision).orElse(0L));
  }

  private void begin(String first, String second, String third) {
    a.begin(first);
    b.begin(second);
    c.begin(third);
  }

  /** All decide as monitors do; the master serves in epoch 1. */
  private void served(String first, String second, String third) {
    begin(first, second, third);
    List.of(a, b, c).forEach(Replica::decide);
    loop.advance(1_000);
    assertThat(serving()).containsOnly("sen2 in 1");
  }

  /** Cut off, it finds the master silent. */
  private void actAlone(Replica replica) {
    replica.line.cut = true;
    loop.advance(5_500);
    replica.see("SU");
    replica.decide();
    loop.advance(1_500);
    assertThat(replica.serving()).isEqualTo("sen1 in 1");
  }

  private List<String> serving() {
    return List.of(a.serving(), b.serving(), c.serving());
  }

  private List<String> counted(Replica replica) {
    loop.advance(60);
    return replica.agreement.status().voters().stream()
        .filter(AgreementStatus.Voter::counted)
        .map(AgreementStatus.Voter::replica)
        .toList();
  }

  private int recordWrites() {
    return a.line.recordWrites + b.line.recordWrites + c.line.recordWrites;
  }

  private PoolRecord record() {
    return RecordCodec.read(store.get(INSTALLATION, RECORD).orElseThrow().document());
  }

  /** The record as it is stored, if these are its holder and epoch. */
  private PoolRecord stored(String holder, long epoch) {
    PoolRecord record = record();
    assertThat(record.holder()).isNotNull();
    assertThat(record.holder().id() + " in " + record.epoch()).isEqualTo(holder + " in " + epoch);
    return record;
  }

  private void delete(RegisterKey key) {
    RegisterEntry entry = store.get(INSTALLATION, key).orElseThrow();
    store.delete(INSTALLATION, key, entry.revision());
  }

  private void overwrite(PoolRecord record) {
    RegisterEntry entry = store.get(INSTALLATION, RECORD).orElseThrow();
    store.compareAndSet(
        INSTALLATION, RECORD, RecordCodec.write(record, loop.now()), entry.revision());
  }
}
