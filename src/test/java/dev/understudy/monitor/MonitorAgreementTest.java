package dev.understudy.monitor;

import static dev.understudy.monitor.TestPools.BACKUP;
import static dev.understudy.monitor.TestPools.MASTER;
import static dev.understudy.monitor.TestPools.SENSE;
import static dev.understudy.monitor.TestPools.sense;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.Agreed;
import dev.understudy.agreement.Agreement;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Reason;
import dev.understudy.failover.Tenure;
import dev.understudy.monitor.Commands.Result;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.util.ArrayDeque;
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

  private static final class Elsewhere implements Agreement {
    private record Proposal(Agreed next, CompletableFuture<Agreed> answer) {}

    final Queue<Proposal> proposals = new ArrayDeque<>();
    private @Nullable Agreed agreed;
    private @Nullable Consumer<PoolId> listener;

    void agree() {
      Proposal proposal = proposals.remove();
      agreed = proposal.next();
      proposal.answer().complete(proposal.next());
    }

    void fail() {
      proposals.remove().answer().completeExceptionally(new IllegalStateException("cut off"));
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
