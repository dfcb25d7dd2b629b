package dev.understudy.monitor;

import static dev.understudy.monitor.TestPools.BACKUP;
import static dev.understudy.monitor.TestPools.MASTER;
import static dev.understudy.monitor.TestPools.SENSE;
import static dev.understudy.monitor.TestPools.sense;
import static dev.understudy.monitor.TestPools.server;
import static dev.understudy.monitor.TestPools.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.agreement.Agreed;
import dev.understudy.agreement.Agreement;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Reason;
import dev.understudy.failover.Tenure;
import dev.understudy.health.Status;
import dev.understudy.monitor.Commands.Result;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerId;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
    assertThat(bench.reasons()).containsExactly(Reason.INITIAL);
  }

  @Test
  void a_command_is_done_when_it_is_agreed_on() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    CompletionStage<Result> command = bench.monitor.switchTo(SENSE, BACKUP);
    bench.advance(1_000);
    assertThat(command.toCompletableFuture()).isNotDone();
    assertThat(bench.result(bench.monitor.switchTo(SENSE, MASTER)))
        .isInstanceOf(Result.Conflict.class);
    elsewhere.agree();
    assertThat(bench.result(command)).isEqualTo(new Result.Done(true));
    assertThat(bench.serving()).isEqualTo(BACKUP);
  }

  @Test
  void what_becomes_of_the_trust_in_the_epoch_is_published() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    assertThat(bench.monitor.current().pool(SENSE).epochTrusted()).isTrue();
    elsewhere.trust(false);
    bench.scheduler.settle();
    assertThat(bench.monitor.current().pool(SENSE).epochTrusted()).isFalse();
    elsewhere.trust(true);
    bench.scheduler.settle();
    assertThat(bench.monitor.current().pool(SENSE).epochTrusted()).isTrue();
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
    CompletionStage<Result> command = bench.monitor.switchTo(SENSE, BACKUP);
    bench.scheduler.settle();
    elsewhere.fail();
    assertThat(bench.result(command)).isInstanceOf(Result.Conflict.class);
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @Test
  void what_another_replica_brought_about_is_followed() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    elsewhere.decide(
        new Agreed(new Tenure(BACKUP, 5, BACKUP, 0, null), Reason.OPERATOR, bench.scheduler.now()));
    bench.scheduler.settle();
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.pool().epoch()).isEqualTo(5);
    assertThat(bench.switches().getLast().evidence()).contains("another replica");
  }

  @Test
  void news_that_came_while_a_command_found_no_agreement_is_looked_at() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    CompletionStage<Result> command = bench.monitor.switchTo(SENSE, BACKUP);
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advance(5_000);
    assertThat(bench.server(MASTER).status()).isEqualTo(Status.DOWN);
    elsewhere.fail();
    assertThat(bench.result(command))
        .isEqualTo(new Result.Conflict("the replicas did not agree: cut off"));
    bench.advance(1_000);
    elsewhere.agree();
    bench.scheduler.settle();
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.reasons()).endsWith(Reason.CONNECTION_FAILED);
  }

  @Test
  void a_command_that_another_replica_was_quicker_than_is_a_conflict() {
    bench.begin(sense());
    elsewhere.agree();
    bench.scheduler.settle();
    CompletionStage<Result> command = bench.monitor.switchTo(SENSE, BACKUP);
    bench.scheduler.settle();
    elsewhere.agreeOn(
        new Agreed(new Tenure(null, 2, null, 0, null), Reason.NO_SERVER, bench.scheduler.now()));
    assertThat(bench.result(command))
        .isEqualTo(new Result.Conflict("the replicas did not agree: another replica was quicker"));
    assertThat(bench.switches().get(1).evidence()).isEqualTo("another replica was first");
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
    elsewhere.unanswerable = third;
    Pool longer =
        with(sense(), server(third, "192.0.2.3", Rank.MASTER), sense().servers().getFirst());
    var applied = bench.monitor.apply(List.of(longer)).toCompletableFuture();
    assertThatThrownBy(bench.scheduler::settle).hasMessage("as the test wants");
    assertThat(applied).isCompletedExceptionally();
    bench.apply(sense());
    assertThat(bench.server(MASTER).incarnation()).isEqualTo(incarnation);
    long probes = bench.prober.probes(BACKUP);
    bench.advance(10_000);
    assertThat(bench.prober.probes(BACKUP) - probes).as("one each two seconds").isBetween(4L, 6L);
  }

  private static final class Elsewhere implements Agreement {
    private record Proposal(Agreed next, CompletableFuture<Agreed> answer) {}

    final Queue<Proposal> proposals = new ArrayDeque<>();
    @Nullable ServerId unanswerable;
    private boolean trusted = true;
    private @Nullable Agreed agreed;
    private @Nullable Consumer<PoolId> listener;

    void agree() {
      agreeOn(proposals.element().next());
    }

    void agreeOn(Agreed next) {
      agreed = next;
      proposals.remove().answer().complete(next);
    }

    void fail() {
      proposals.remove().answer().completeExceptionally(new IllegalStateException("cut off"));
    }

    void trust(boolean value) {
      trusted = value;
      listener.accept(SENSE);
    }

    void decide(Agreed next) {
      agreed = next;
      listener.accept(SENSE);
    }

    @Override
    public Optional<Agreed> agreed(PoolId pool) {
      return Optional.ofNullable(agreed);
    }

    @Override
    public boolean isEpochTrusted(PoolId pool) {
      return trusted;
    }

    @Override
    public Map<ServerId, Candidate> view(PoolId pool, Map<ServerId, Candidate> own) {
      return own;
    }

    @Override
    public CompletableFuture<Agreed> propose(PoolId pool, Agreed current, Agreed next) {
      Proposal proposal = new Proposal(next, new CompletableFuture<>());
      proposals.add(proposal);
      return proposal.answer();
    }

    @Override
    public Optional<OperatorState> operatorState(PoolId pool, ServerId server) {
      if (server.equals(unanswerable)) {
        throw new IllegalStateException("as the test wants");
      }
      return Optional.empty();
    }

    @Override
    public void operatorState(PoolId pool, ServerId server, OperatorState state) {}

    @Override
    public void retain(Map<PoolId, Set<ServerId>> servers) {}

    @Override
    public Runnable subscribe(Consumer<PoolId> value) {
      listener = value;
      return () -> listener = null;
    }

    @Override
    public void close() {}
  }
}
