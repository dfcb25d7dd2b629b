package dev.understudy.agreement.quorum;

import dev.understudy.agreement.ServerIdentity;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Choice;
import dev.understudy.failover.Failover;
import dev.understudy.failover.RoleState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Settles the choice that this replica made alone, once it is back in touch. Pure.
 *
 * <table>
 * <caption>The first row that fits</caption>
 * <tr><td>only this replica's file lacks the record's holder, replicas may be missing<td>Wait
 * <tr><td>only this replica's file lacks the record's holder<td>Drop
 * <tr><td>the votes of all choose another server than the record's holder<td>Decide
 * <tr><td>the server that this replica chose alone is no longer usable<td>Drop
 * <tr><td>replicas may be missing<td>Wait
 * <tr><td>a majority chose one server alone, which is usable<td>Adopt
 * <tr><td>otherwise: the record's holder serves on<td>Drop
 * </table>
 *
 * <p>Adopt makes the majority's server the holder, so that its clients are moved once and not
 * twice. If a better server is there again, a failback under the new epoch follows, as policy and
 * damping want it: a server that was left never gets the role back under the epoch that it had.
 *
 * @param pool the pool in force
 * @param roleState of the record
 * @param voters all living, synced voters
 * @param own this replica's view
 */
record Settlement(
    Pool pool,
    PoolRecord record,
    RoleState roleState,
    List<Voter> voters,
    Map<ServerId, Candidate> own,
    Instant now) {
  /** The way to settle. */
  sealed interface Step {
    /** Settle later. */
    record Wait() implements Step {}

    /** Follow the record again. */
    record Drop() implements Step {}

    /** Write {@link #majority} into the record. */
    record Adopt() implements Step {}

    /** Write the choice of all into the record. */
    record Decide(Choice.Switch choice) implements Step {}
  }

  /**
   * Applies the table.
   *
   * @param alone the server that this replica chose alone; null if none
   * @param holderKnown whether the record's holder is in this replica's file, or gone for all
   * @param calm whether no replica may be missing, see {@link Members#isSettled}
   */
  Step step(@Nullable ServerId alone, boolean holderKnown, boolean calm) {
    if (!holderKnown) {
      return calm ? new Step.Drop() : new Step.Wait();
    }
    Map<ServerId, Candidate> view = view();
    if (choice(view) instanceof Choice.Switch change) {
      return new Step.Decide(change);
    }
    if (!Failover.usable(pool, own).contains(alone)) {
      return new Step.Drop();
    }
    if (!calm) {
      return new Step.Wait();
    }
    return majority(view).isPresent() ? new Step.Adopt() : new Step.Drop();
  }

  /** The choice by the votes of all. */
  Choice choice() {
    return choice(view());
  }

  /** The server that a majority chose alone, if it is usable. */
  Optional<ServerIdentity> majority() {
    return majority(view());
  }

  private Map<ServerId, Candidate> view() {
    return MergedVotes.of(pool, record, voters, own, now).candidates();
  }

  private Choice choice(Map<ServerId, Candidate> view) {
    return Failover.choose(pool, view, roleState, now);
  }

  private Optional<ServerIdentity> majority(Map<ServerId, Candidate> view) {
    return majority(pool.id(), record, voters).filter(server -> isUsable(server, view));
  }

  private boolean isUsable(ServerIdentity server, Map<ServerId, Candidate> view) {
    return server.isIn(pool) && Failover.usable(pool, view).contains(server.id());
  }

  /** The server that a majority chose alone under the record's epoch; empty if there is none. */
  static Optional<ServerIdentity> majority(PoolId pool, PoolRecord record, List<Voter> voters) {
    Map<ServerIdentity, Integer> counts = new HashMap<>();
    for (Voter voter : voters) {
      acted(voter.ballot(pool), record).ifPresent(server -> counts.merge(server, 1, Integer::sum));
    }
    return counts.entrySet().stream()
        .filter(count -> count.getValue() * 2 > voters.size())
        .map(Map.Entry::getKey)
        .filter(server -> !server.equals(record.holder()))
        .findFirst();
  }

  private static Optional<ServerIdentity> acted(@Nullable Ballot ballot, PoolRecord record) {
    Ballot.Acted acted = ballot == null ? null : ballot.acted();
    return acted == null || acted.epoch() != record.epoch() ? Optional.empty() : acted.server();
  }
}
