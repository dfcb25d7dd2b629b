package dev.understudy.monitor;

import dev.understudy.agreement.Agreed;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Choice;
import dev.understudy.failover.Failover;
import dev.understudy.failover.Outlook;
import dev.understudy.failover.Standing;
import dev.understudy.failover.Tenure;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
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
  private boolean stopped;
  private @Nullable Standing standing;
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

  /** Why the choice stays as it is; null: nothing is to be said. */
  @Nullable Standing standing() {
    return standing;
  }

  /**
   * The first look.
   *
   * @param keptFrom where what is agreed on already comes from, for people
   */
  void begin(String keptFrom) {
    Agreed before = agreed;
    review();
    ServerId serving = agreed.tenure().serving();
    if (serving != null && agreed.equals(before)) {
      context.events().add(Sentences.kept(id, agreed.tenure(), serving, keptFrom));
    }
  }

  void stop() {
    stopped = true;
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
    var unused = carryOut(choice);
    if (!proposing) {
      explain();
    }
  }

  /** Says why all stays as it is, once for each cause. */
  private void explain() {
    Standing before = standing;
    Standing next = Outlook.of(owner.pool(), view(), agreed.tenure(), context.now());
    standing = next;
    if (next != null && !next.sameCause(before)) {
      context.events().add(Sentences.begins(id, next, context.now()));
    }
    if (!Objects.equals(next, before)) {
      owner.adopted();
    }
  }

  /** Another replica changed what is agreed on, or what it sees. */
  void follow() {
    if (!proposing) {
      context.agreement().agreed(id).ifPresent(elsewhere -> adopt(elsewhere, null));
    }
    review();
  }

  /** An operator's {@code auto}; whether there was a pin to end. */
  CompletableFuture<Boolean> unpin() {
    if (agreed.tenure().pinned() == null) {
      return CompletableFuture.completedFuture(false);
    }
    Agreed next = new Agreed(agreed.tenure().unpinned(), agreed.reason(), agreed.since());
    return propose(new Proposal(next, "", null))
        .thenApply(holds -> reviewed(holds, next.tenure(), true));
  }

  /**
   * An operator's switch; empty: not possible. Then whether another serves now, or the pin is
   * another. Fails if another replica brought something else about meanwhile.
   */
  Optional<CompletableFuture<Boolean>> pin(ServerId to) {
    Tenure before = agreed.tenure();
    return Failover.switchTo(owner.pool(), view(), agreed.tenure(), to)
        .map(
            choice ->
                carryOut(choice)
                    .thenApply(
                        holds ->
                            reviewed(holds, choice.tenure(), !choice.tenure().equals(before))));
  }

  private boolean reviewed(Agreed holds, Tenure wanted, boolean result) {
    review();
    if (!holds.tenure().equals(wanted)) {
      throw new IllegalStateException("another replica was quicker");
    }
    return result;
  }

  private CompletableFuture<Agreed> carryOut(Choice choice) {
    if (choice.tenure().equals(agreed.tenure())) {
      return CompletableFuture.completedFuture(agreed);
    }
    return switch (choice) {
      case Choice.Stay stay ->
          propose(
              new Proposal(new Agreed(stay.tenure(), agreed.reason(), agreed.since()), "", null));
      case Choice.Switch change ->
          propose(
              new Proposal(
                  new Agreed(change.tenure(), change.reason(), context.now()),
                  change.evidence(),
                  change.from() == null ? null : owner.firstBad(change.from())));
    };
  }

  /** The future is completed on the monitor's thread, once what was agreed on is adopted. */
  private CompletableFuture<Agreed> propose(Proposal proposal) {
    CompletableFuture<Agreed> reached = context.agreement().propose(id, agreed, proposal.next());
    if (reached.isDone() && !reached.isCompletedExceptionally()) {
      adopt(reached.join(), proposal);
      return reached;
    }
    proposing = true;
    CompletableFuture<Agreed> adopted = new CompletableFuture<>();
    var unused =
        reached.whenComplete(
            (holds, failure) ->
                context.scheduler().execute(() -> proposed(proposal, adopted, holds, failure)));
    return adopted;
  }

  private void proposed(
      Proposal proposal,
      CompletableFuture<Agreed> adopted,
      @Nullable Agreed holds,
      @Nullable Throwable failure) {
    proposing = false;
    if (stopped) {
      adopted.completeExceptionally(new IllegalStateException("pool " + id + " is gone"));
    } else if (holds == null) {
      log.warn("Pool {}: the replicas did not agree: {}", id, String.valueOf(failure));
      // Whatever was proposed: news that came meanwhile was not looked at.
      lookAgain.cancel();
      lookAgain = context.scheduler().schedule(PROPOSE_AGAIN, this::review);
      adopted.completeExceptionally(failure == null ? new IllegalStateException() : failure);
    } else {
      adopt(holds, proposal);
      adopted.complete(holds);
      review();
    }
  }

  /** Takes what holds now, be it what we proposed (null: nothing) or another replica's. */
  private void adopt(Agreed next, @Nullable Proposal proposal) {
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
        Proposal ours = proposal != null && next.equals(proposal.next()) ? proposal : null;
        Instant firstBad = ours == null ? null : ours.firstBad();
        Duration took = firstBad == null ? null : Duration.between(firstBad, context.now());
        String why = ours == null ? "another replica was first" : ours.evidence();
        context
            .events()
            .add(Sentences.switched(id, from, to, next.reason(), next.tenure().epoch(), why, took));
      }
      standing = null;
    }
    tellPin(before.tenure(), next.tenure());
    quietly(next.tenure());
    owner.adopted();
  }

  private void tellPin(Tenure before, Tenure next) {
    ServerId was = before.pinned();
    ServerId is = next.pinned();
    if (is != null && !is.equals(was)) {
      context.events().add(Sentences.pinned(id, is));
    } else if (is == null && was != null) {
      boolean bySwitch = next.epoch() != before.epoch();
      context.events().add(Sentences.unpinned(id, was, bySwitch));
    }
  }

  /** What the event of the change itself has said is not said again. */
  private void quietly(Tenure next) {
    if (next.serving() == null || next.pinned() != null) {
      standing = Outlook.of(owner.pool(), view(), next, context.now());
    }
  }

  private Map<ServerId, Candidate> view() {
    return context.agreement().view(id, owner.candidates());
  }

  /**
   * What this replica wants.
   *
   * @param evidence what it rests on, for people
   * @param firstBad when what led to it began; null: nothing failed
   */
  private record Proposal(Agreed next, String evidence, @Nullable Instant firstBad) {}
}
