package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.server;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With an agreement that takes its time and has other replicas: the form that is to come. */
class MonitorAgreementTest {
  private final Elsewhere elsewhere = new Elsewhere();
  private final Bench bench = new Bench(elsewhere, Bench.NO_JITTER);

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void nothing_is_adopted_before_it_is_agreed_on_and_nothing_is_proposed_meanwhile() {
    bench.begin(sense());
    assertThat(bench.serving()).isNull();
    assertThat(elsewhere.proposals).hasSize(1);
    elsewhere.agree();
    bench.scheduler.settle();
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.reasons()).containsExactly(SwitchReason.INITIAL);
  }

  @Test
  void a_pool_of_a_refused_file_exists_no_longer_and_costs_no_state() {
    PoolId other = new PoolId("other");
    bench.apply(sense(), SensePool.pool(other, SensePool.master("192.0.2.3")));
    bench.apply(sense());
    bench.monitor.retain();
    bench.scheduler.settle();
    assertThat(elsewhere.told)
        .containsExactly("exist [other, sense]", "exist [sense]", "retain [sense]");
  }

  @Test
  void a_command_is_done_when_it_is_agreed_on() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    CompletionStage<Result> command = bench.monitor.switchTo(SENSE, BACKUP, null);
    bench.advance(1_000);
    assertThat(command.toCompletableFuture()).isNotDone();
    assertThat(bench.result(bench.monitor.switchTo(SENSE, MASTER, null)))
        .isInstanceOf(Result.Conflict.class);
    elsewhere.agree();
    assertThat(bench.result(command)).isEqualTo(new Result.Done(true));
    assertThat(bench.serving()).isEqualTo(BACKUP);
  }

  @Test
  void changes_of_the_trust_in_the_epoch_are_published() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    assertThat(bench.pool().tellsEpoch(bench.server(MASTER))).isTrue();
    elsewhere.trust(false);
    bench.scheduler.settle();
    assertThat(bench.pool().tellsEpoch(bench.server(MASTER))).isFalse();
    elsewhere.trust(true);
    bench.scheduler.settle();
    assertThat(bench.pool().tellsEpoch(bench.server(MASTER))).isTrue();
  }

  @Test
  void the_epoch_is_not_told_of_a_server_chosen_alone_while_news_of_the_agreement_is_on_its_way() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    elsewhere.trust(false);
    elsewhere.decide(decision(BACKUP, 1));
    bench.scheduler.settle();
    assertThat(bench.serving()).isEqualTo(BACKUP);
    elsewhere.agreed = decision(MASTER, 1);
    elsewhere.trusted = true;
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advance(5_000);
    assertThat(bench.pool().epoch()).isEqualTo(1);
    assertThat(bench.server(MASTER).status()).as("it was published").isEqualTo(HealthStatus.DOWN);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.pool().tellsEpoch(bench.server(BACKUP))).isFalse();
    elsewhere.tell();
    bench.scheduler.settle();
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.pool().tellsEpoch(bench.server(MASTER))).isTrue();
  }

  @Test
  void without_agreement_a_command_is_a_conflict_and_the_choice_is_proposed_again() {
    bench.begin(sense());
    elsewhere.fail();
    bench.advance(900);
    assertThat(elsewhere.proposals).isEmpty();
    bench.advance(200);
    assertThat(elsewhere.proposals).hasSize(1);
    elsewhere.agree();
    bench.scheduler.settle();
    CompletionStage<Result> command = bench.monitor.switchTo(SENSE, BACKUP, null);
    bench.scheduler.settle();
    elsewhere.fail();
    assertThat(bench.result(command)).isInstanceOf(Result.Conflict.class);
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @Test
  void a_decision_of_another_replica_is_followed() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    elsewhere.decide(
        new AgreedRole(
            new RoleState(BACKUP, 5, BACKUP, 0, null, RoleMemory.NONE),
            SwitchReason.OPERATOR,
            bench.scheduler.now(),
            "seen elsewhere"));
    bench.scheduler.settle();
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.pool().epoch()).isEqualTo(5);
    assertThat(bench.switches().getLast().evidence()).isEqualTo("seen elsewhere");
  }

  @Test
  void news_that_came_while_a_command_found_no_agreement_is_looked_at() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    CompletionStage<Result> command = bench.monitor.switchTo(SENSE, BACKUP, null);
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advance(5_000);
    assertThat(bench.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    elsewhere.fail();
    assertThat(bench.result(command))
        .isEqualTo(new Result.Conflict("the replicas did not agree: cut off"));
    bench.advance(1_000);
    elsewhere.agree();
    bench.scheduler.settle();
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.reasons()).endsWith(SwitchReason.CONNECTION_FAILED);
  }

  @Test
  void a_command_that_another_replica_was_quicker_than_is_a_conflict() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    CompletionStage<Result> command = bench.monitor.switchTo(SENSE, BACKUP, null);
    bench.scheduler.settle();
    elsewhere.agreeOn(
        new AgreedRole(
            new RoleState(null, 2, null, 0, null, RoleMemory.NONE),
            SwitchReason.NO_SERVER,
            bench.scheduler.now(),
            "seen elsewhere"));
    assertThat(bench.result(command))
        .isEqualTo(new Result.Conflict("the replicas did not agree: another replica was quicker"));
    assertThat(bench.switches().get(1).evidence()).isEqualTo("seen elsewhere");
  }

  @Test
  void an_agreement_that_comes_after_its_pool_is_gone_does_not_bring_it_back() {
    bench.begin(sense());
    bench.apply();
    elsewhere.agree();
    bench.advance(10_000);
    assertThat(bench.monitor.current().pools()).isEmpty();
    assertThat(elsewhere.proposals).isEmpty();
    assertThat(bench.switches()).isEmpty();
  }

  @Test
  void a_reload_that_fails_loses_no_server() {
    bench.begin(sense());
    long incarnation = bench.server(MASTER).incarnation();
    ServerId third = new ServerId("sen3");
    elsewhere.unanswerable = true;
    Pool longer =
        with(sense(), server(third, "192.0.2.3", Rank.MASTER), sense().servers().getFirst());
    var applied = bench.monitor.apply(List.of(longer)).toCompletableFuture();
    assertThatThrownBy(bench.scheduler::settle).hasMessage("as the test wants");
    assertThat(applied).isCompletedExceptionally();
    elsewhere.unanswerable = false;
    bench.apply(sense());
    assertThat(bench.server(MASTER).incarnation()).isEqualTo(incarnation);
    long probes = bench.prober.probes(BACKUP);
    bench.advance(10_000);
    assertThat(bench.prober.probes(BACKUP) - probes).as("one each two seconds").isBetween(4L, 6L);
  }

  @Test
  void a_newer_decision_during_a_proposal_is_adopted_at_once() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    CompletionStage<Result> command = bench.monitor.switchTo(SENSE, BACKUP, null);
    bench.scheduler.settle();
    elsewhere.decide(decision(BACKUP, 7));
    bench.scheduler.settle();
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.pool().epoch()).isEqualTo(7);
    elsewhere.agreeOn(decision(BACKUP, 7));
    assertThat(bench.result(command))
        .isEqualTo(new Result.Conflict("the replicas did not agree: another replica was quicker"));
  }

  @Test
  void a_lower_epoch_is_not_adopted() {
    bench.begin(sense());
    elsewhere.agreeOn(decision(MASTER, 5));
    bench.scheduler.settle();
    elsewhere.decide(decision(BACKUP, 4));
    bench.scheduler.settle();
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.pool().epoch()).isEqualTo(5);
  }

  @Test
  void news_is_reported_while_a_proposal_is_under_way() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    bench.monitor.switchTo(SENSE, BACKUP, null);
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advance(5_000);
    assertThat(elsewhere.proposals).hasSize(1);
    assertThat(elsewhere.reports.getLast().get(MASTER).status()).isEqualTo(HealthStatus.DOWN);
  }

  @ParameterizedTest
  @EnumSource(
      value = Behaviour.class,
      names = {"KILLED", "KILLED_BEHIND_RELAY", "FROZEN"})
  void a_server_that_is_down_here_is_published_as_down_and_serving_until_all_have_left_it(
      Behaviour behaviour) {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    long before = bench.server(MASTER).incarnation();
    bench.prober.set(MASTER, behaviour);
    bench.advance(5_000);
    ServerState serving = bench.pool().serving();
    assertThat(serving).isNotNull().isEqualTo(bench.server(MASTER));
    assertThat(serving.status()).isEqualTo(HealthStatus.DOWN);
    assertThat(serving.lastProbe().outcome().hasResponse()).isFalse();
    assertThat(serving.incarnation()).as("it is left by connections").isNotEqualTo(before);
    elsewhere.agree();
    bench.scheduler.settle();
    assertThat(bench.serving()).isEqualTo(BACKUP);
  }

  @Test
  void an_operator_state_that_was_set_elsewhere_is_followed() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    elsewhere.states = Map.of(BACKUP, OperatorState.DRAIN);
    elsewhere.trust(true);
    bench.scheduler.settle();
    assertThat(bench.server(BACKUP).operatorState()).isEqualTo(OperatorState.DRAIN);
    elsewhere.states = Map.of();
    elsewhere.trust(true);
    bench.scheduler.settle();
    assertThat(bench.server(BACKUP).operatorState()).isEqualTo(OperatorState.READY);
  }

  @Test
  void an_operator_state_is_set_when_it_is_agreed_on() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    CompletionStage<Result> command =
        bench.monitor.setState(SENSE, BACKUP, OperatorState.MAINTENANCE, false, null);
    bench.advance(1_000);
    assertThat(command.toCompletableFuture()).isNotDone();
    assertThat(bench.server(BACKUP).operatorState()).isEqualTo(OperatorState.READY);
    elsewhere.loop.execute(() -> elsewhere.stateAsked.complete(null));
    assertThat(bench.result(command)).isEqualTo(new Result.Done(true));
    assertThat(bench.server(BACKUP).operatorState()).isEqualTo(OperatorState.MAINTENANCE);
  }

  private AgreedRole decision(ServerId serving, long epoch) {
    RoleState roleState = new RoleState(serving, epoch, null, 0, null, RoleMemory.NONE);
    return new AgreedRole(
        roleState, SwitchReason.OPERATOR, bench.scheduler.now(), "seen elsewhere");
  }

  private static final class Elsewhere extends FakeAgreement {
    private record Proposal(AgreedRole next, CompletableFuture<AgreedRole> response) {}

    final Queue<Proposal> proposals = new ArrayDeque<>();
    boolean unanswerable;
    private boolean trusted = true;
    private CompletableFuture<Void> stateAsked = new CompletableFuture<>();
    private Map<ServerId, OperatorState> states = Map.of();
    final List<Map<ServerId, Candidate>> reports = new ArrayList<>();

    /** What was told: the pools that exist, and whose operator states are kept. */
    final List<String> told = new ArrayList<>();

    @Override
    public void exist(Set<PoolId> pools) {
      told.add("exist " + new TreeSet<>(pools.stream().map(PoolId::value).toList()));
    }

    @Override
    public void retain(Map<PoolId, Set<ServerId>> servers) {
      told.add("retain " + servers.keySet());
    }

    void agree() {
      agreeOn(proposals.element().next());
    }

    void agreeOn(AgreedRole next) {
      agreed = next;
      proposals.remove().response().complete(next);
    }

    void fail() {
      proposals.remove().response().completeExceptionally(new IllegalStateException("cut off"));
    }

    void trust(boolean value) {
      trusted = value;
      tell();
    }

    @Override
    public boolean isEpochTrusted(PoolId pool) {
      return trusted;
    }

    @Override
    public void report(Pool file, Pool inForce, Map<ServerId, Candidate> own) {
      reports.add(own);
    }

    @Override
    public Optional<Duration> turn(PoolId pool) {
      return Optional.of(Duration.ZERO);
    }

    @Override
    public CompletableFuture<AgreedRole> propose(PoolId pool, AgreedRole current, AgreedRole next) {
      Proposal proposal = new Proposal(next, new CompletableFuture<>());
      proposals.add(proposal);
      return proposal.response();
    }

    @Override
    public OperatorStates operatorStates(PoolId pool) {
      if (unanswerable) {
        throw new IllegalStateException("as the test wants");
      }
      return new OperatorStates(states, Map.of());
    }

    @Override
    public CompletableFuture<Void> operatorState(
        PoolId pool, ServerId server, OperatorState state, @Nullable Operator by) {
      stateAsked = new CompletableFuture<>();
      return stateAsked.thenRun(() -> states = Map.of(server, state));
    }
  }
}
