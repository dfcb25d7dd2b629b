package dev.understudy.monitor;

import dev.understudy.agreement.Agreed;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Choice;
import dev.understudy.failover.Failover;
import dev.understudy.failover.Tenure;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who plays one pool's role: makes the choice from what all replicas see, proposes it, and adopts
 * what was agreed on. While a proposal is under way nothing else is proposed.
 */
final class RoleKeeper {
  private static final Logger log = LoggerFactory.getLogger(RoleKeeper.class);
  private static final Duration PROPOSE_AGAIN = Duration.ofSeconds(1);

  /** The pool whose role it is. */
  interface Owner {
    Pool pool();

    /** As this replica sees them. */
    Map<ServerId, Candidate> candidates();

    /** When what that server is left for began; null: nothing failed. */
    @Nullable Instant firstBad(ServerId left);

    /** The choice has seen the candidates. */
    void reviewed();

    /** Another serves. */
    void switched(@Nullable ServerId from, @Nullable ServerId to);

    /** Something was adopted. */
    void adopted();
  }

  private final Context context;
  private final PoolId id;
  private final Owner owner;
  private Agreed agreed;
  private boolean proposing;
  private Scheduler.Timer lookAgain = () -> {};

  /** Begins with what is agreed on already. */
  RoleKeeper(Context context, PoolId id, Owner owner) {
    this.context = context;
    this.id = id;
    this.owner = owner;
    this.agreed =
        context
            .agreement()
            .agreed(id)
            .orElseGet(() -> new Agreed(Tenure.NONE, null, context.now()));
  }

  Agreed agreed() {
    return agreed;
  }

  void stop() {
    lookAgain.cancel();
  }

  /** Whether a proposal is under way. */
  boolean proposing() {
    return proposing;
  }

  /** Makes the choice; to be called on all news. */
  void review() {
    if (proposing) {
      return;
    }
    Choice choice = Failover.choose(owner.pool(), view(), agreed.tenure(), context.now());
    owner.reviewed();
    lookAgain.cancel();
    Instant when = choice.lookAgain();
    if (when != null) {
      Duration wait = Duration.between(context.now(), when);
      lookAgain = context.scheduler().schedule(wait, this::review);
    }
    var unused = carryOut(choice).whenComplete((holds, failure) -> tryAgainAfter(failure));
  }

  /** Another replica changed what is agreed on, or what it sees. */
  void follow() {
    if (!proposing) {
      context.agreement().agreed(id).ifPresent(elsewhere -> adopt(elsewhere, "", null));
    }
    review();
  }

  /** An operator's {@code auto}; whether there was a pin to end. */
  CompletableFuture<Boolean> unpin() {
    if (agreed.tenure().pinned() == null) {
      return CompletableFuture.completedFuture(false);
    }
    Agreed next = new Agreed(agreed.tenure().unpinned(), agreed.reason(), agreed.since());
    return propose(next, "", null).thenApply(holds -> reviewed(true));
  }

  /** An operator's switch; empty: not possible. Then whether another serves now. */
  Optional<CompletableFuture<Boolean>> pin(ServerId to) {
    return Failover.switchTo(owner.pool(), view(), agreed.tenure(), to)
        .map(
            choice ->
                carryOut(choice).thenApply(holds -> reviewed(choice instanceof Choice.Switch)));
  }

  private boolean reviewed(boolean result) {
    review();
    return result;
  }

  private void tryAgainAfter(@Nullable Throwable failure) {
    if (failure != null) {
      log.warn("Pool {}: the replicas did not agree: {}", id, failure.toString());
      lookAgain = context.scheduler().schedule(PROPOSE_AGAIN, this::review);
    }
  }

  private CompletableFuture<Agreed> carryOut(Choice choice) {
    if (choice.tenure().equals(agreed.tenure())) {
      return CompletableFuture.completedFuture(agreed);
    }
    return switch (choice) {
      case Choice.Stay stay ->
          propose(new Agreed(stay.tenure(), agreed.reason(), agreed.since()), "", null);
      case Choice.Switch change ->
          propose(
              new Agreed(change.tenure(), change.reason(), context.now()),
              change.evidence(),
              change.from() == null ? null : owner.firstBad(change.from()));
    };
  }

  /** The future is completed on the monitor's thread, once what was agreed on is adopted. */
  private CompletableFuture<Agreed> propose(
      Agreed next, String evidence, @Nullable Instant firstBad) {
    CompletableFuture<Agreed> reached = context.agreement().propose(id, agreed, next);
    if (reached.isDone() && !reached.isCompletedExceptionally()) {
      adopt(reached.join(), evidence, firstBad);
      return reached;
    }
    proposing = true;
    CompletableFuture<Agreed> adopted = new CompletableFuture<>();
    var unused =
        reached.whenComplete(
            (holds, failure) ->
                context
                    .scheduler()
                    .execute(() -> proposed(adopted, holds, failure, evidence, firstBad)));
    return adopted;
  }

  private void proposed(
      CompletableFuture<Agreed> adopted,
      @Nullable Agreed holds,
      @Nullable Throwable failure,
      String evidence,
      @Nullable Instant firstBad) {
    proposing = false;
    if (holds == null) {
      adopted.completeExceptionally(failure == null ? new IllegalStateException() : failure);
      return;
    }
    adopt(holds, evidence, firstBad);
    adopted.complete(holds);
    review();
  }

  private void adopt(Agreed next, String evidence, @Nullable Instant firstBad) {
    Agreed before = agreed;
    if (next.equals(before)) {
      return;
    }
    agreed = next;
    ServerId from = before.tenure().serving();
    ServerId to = next.tenure().serving();
    if (next.tenure().epoch() != before.tenure().epoch()) {
      owner.switched(from, to);
      if (next.reason() != null) {
        Duration took = firstBad == null ? null : Duration.between(firstBad, context.now());
        String why = evidence.isEmpty() ? "another replica was first" : evidence;
        context
            .events()
            .add(Sentences.switched(id, from, to, next.reason(), next.tenure().epoch(), why, took));
      }
    }
    owner.adopted();
  }

  private Map<ServerId, Candidate> view() {
    return context.agreement().view(id, owner.candidates());
  }
}
