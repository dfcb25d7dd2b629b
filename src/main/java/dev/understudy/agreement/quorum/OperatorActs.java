package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.NotKnownException;
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
 * of the record, and is made again upon what came first. One whose write had no answer is made
 * again until it is known: upon the same revision at most one of its writes is carried out.
 */
final class OperatorActs {
  /** How long an act waits for other writes; one with its read takes 2 s at most. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(3);

  /** How long an act that may have been made is looked after; the operator waits for longer. */
  private static final Duration KNOWN_WITHIN = Duration.ofSeconds(8);

  private static final Duration SOON = Duration.ofMillis(50);

  /**
   * An operator's act.
   *
   * @param holds whether the record has it
   * @param announce tells the register's own event log
   */
  private record Act(
      Predicate<OperatorStates> holds, UnaryOperator<OperatorStates> change, Runnable announce) {}

  /**
   * How far an act is.
   *
   * @param since when it began, in nanoseconds of the loop's clock
   * @param open why it is not known whether the last write of it was carried out; null if it is
   *     known
   */
  private record Trial(long since, @Nullable NotKnownException open) {
    boolean isOver(long now) {
      Duration most = open == null ? MAX_WAIT : KNOWN_WITHIN;
      return now - since - most.toNanos() >= 0;
    }
  }

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
    carryOut(act, new Trial(agreement.loop.nanoTime(), null), done);
    return done;
  }

  private void carryOut(Act act, Trial trial, CompletableFuture<Void> done) {
    PoolRecord known = pool.written();
    NotKnownException open = trial.open();
    if (act.holds().test(known.operatorStates())) {
      done.complete(null);
    } else if (trial.isOver(agreement.loop.nanoTime())) {
      done.completeExceptionally(
          open != null ? open : new IllegalStateException("other writes of its record came first"));
    } else if (writer.isWriting() || !pool.isConsistent()) {
      soon(act, trial, done);
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
                      carryOut(act, new Trial(trial.since(), null), done);
                    } else if (failure instanceof NotKnownException unknown) {
                      soon(act, new Trial(trial.since(), open == null ? unknown : open), done);
                    } else if (open != null) {
                      soon(act, trial, done); // This write was not made; an earlier one may be.
                    } else {
                      done.completeExceptionally(failure);
                    }
                  });
    }
  }

  private void soon(Act act, Trial trial, CompletableFuture<Void> done) {
    var unused = agreement.loop.schedule(SOON, () -> carryOut(act, trial, done));
  }
}
