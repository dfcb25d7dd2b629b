package dev.understudy.agreement.quorum;

import dev.understudy.failover.FailbackEligibility;
import dev.understudy.pool.Pool;
import dev.understudy.recurring.Timers;
import dev.understudy.switchover.Acknowledgement;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** This replica's votes on one pool, and whether the others know them. */
final class OwnVotes {
  private final Participation agreement;
  private final KnownPool pool;
  private @Nullable Ballot ballot;
  private @Nullable Acknowledgement acknowledgement;

  /** Whether the other replicas know the present votes. */
  private boolean known;

  private Timers.Timer fitnessTimer = () -> {};

  OwnVotes(Participation agreement, KnownPool pool) {
    this.agreement = agreement;
    this.pool = pool;
  }

  /** The present votes; null if this replica's file does not have the pool. */
  @Nullable Ballot ballot() {
    return ballot;
  }

  /** Whether the other replicas know the present votes. */
  boolean areKnown() {
    return known;
  }

  /** Tells the other replicas of a planned switch; null to tell nothing. */
  void acknowledge(@Nullable Acknowledgement given) {
    acknowledgement = given;
    vote();
  }

  /** Votes again, if what this replica knows of the pool calls for other votes. */
  void vote() {
    fitnessTimer.cancel();
    Ballot before = ballot;
    Pool file = pool.file();
    ballot = file == null ? null : ballotOn(file);
    if (!Objects.equals(ballot, before)) {
      agreement.ballotChanged();
      checkKnown();
    }
  }

  private Ballot ballotOn(Pool file) {
    Instant now = agreement.loop.now();
    FailbackEligibility fitness = FailbackEligibility.of(file, pool.own(), pool.roleState(), now);
    Instant again = fitness.lookAgain();
    if (again != null) {
      fitnessTimer = agreement.loop.schedule(Duration.between(now, again), this::vote);
    }
    return Ballot.on(file, pool, fitness.fit(), acknowledgement);
  }

  /** Updates whether the other replicas know these votes. */
  void checkKnown() {
    boolean now = agreement.areKnown(pool.id(), ballot);
    if (now != known) {
      known = now;
      if (now) {
        agreement.pools.changed(pool.id());
      }
    }
  }
}
