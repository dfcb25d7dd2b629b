package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Writes what operators set into one pool's record; the holder stays. An act waits for other writes
 * of the record, and is made again upon what came first.
 */
final class OperatorActs {
  /** How long an act waits for other writes; one with its read takes 2 s at most. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(3);

  private static final Duration SOON = Duration.ofMillis(50);

  /**
   * An operator's act.
   *
   * @param holds whether the record has it
   * @param announce tells the register's own event log
   */
  private record Act(
      Predicate<OperatorStates> holds, UnaryOperator<OperatorStates> change, Runnable announce) {}

  private final Participation agreement;
  private final KnownPool pool;
  private final RecordWriter writer;

  OperatorActs(Participation agreement, KnownPool pool, RecordWriter writer) {
    this.agreement = agreement;
    this.pool = pool;
    this.writer = writer;
  }

  CompletableFuture<Void> operatorState(
      ServerId server, OperatorState state, @Nullable AgentOverride over, @Nullable Operator by) {
    return carryOut(
        new Act(
            states ->
                states.of(server) == state
                    && (over == null || over.equals(states.override(server))),
            states -> states.with(server, state, over, by),
            () -> AgreementEventText.state(agreement.register, pool.id(), server, state, by)));
  }

  CompletableFuture<Void> endOverride(ServerId server, AgentOverride ended) {
    return carryOut(
        new Act(
            states -> states.equals(states.without(server, ended)),
            states -> states.without(server, ended),
            () -> {}));
  }

  CompletableFuture<Void> maintenance(PoolMaintenance next) {
    return carryOut(
        new Act(
            states -> next.equals(states.maintenance()),
            states -> states.with(next),
            () -> AgreementEventText.maintenance(agreement.register, pool.id(), next)));
  }

  private CompletableFuture<Void> carryOut(Act act) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    carryOut(act, agreement.loop.nanoTime() + MAX_WAIT.toNanos(), done);
    return done;
  }

  private void carryOut(Act act, long until, CompletableFuture<Void> done) {
    PoolRecord known = pool.written();
    if (act.holds().test(known.operatorStates())) {
      done.complete(null);
    } else if (agreement.loop.nanoTime() - until >= 0) {
      done.completeExceptionally(
          new IllegalStateException("other writes of its record came first"));
    } else if (writer.isWriting() || !pool.isConsistent()) {
      var unused = agreement.loop.schedule(SOON, () -> carryOut(act, until, done));
    } else {
      var unused =
          writer
              .write(known.with(act.change().apply(known.operatorStates())))
              .whenComplete(
                  (ours, failure) -> {
                    if (ours != null && ours) {
                      act.announce().run();
                    }
                    if (failure == null || act.holds().test(pool.written().operatorStates())) {
                      carryOut(act, until, done);
                    } else {
                      done.completeExceptionally(failure);
                    }
                  });
    }
  }
}
