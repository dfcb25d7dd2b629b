package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Choice;
import dev.understudy.failover.Failover;
import dev.understudy.failover.RoleState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Hooks;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Settles the choice that this replica made alone, once it is back in touch. Pure.
 *
 * <table>
 * <caption>The first row that fits</caption>
 * <tr><td>a planned switch holds the pool's clients: its phases alone decide<td>Drop
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
  sealed interface Way {
    /** Settle later. */
    record Wait() implements Way {}

    /** Follow the record again. */
    record Drop() implements Way {}

    /** Write the choice of a majority into the record. */
    record Adopt() implements Way {}

    /** Write the choice of all into the record: a server, or null for none. */
    record Decide(@Nullable ServerId to) implements Way {}
  }

  /**
   * Applies the table.
   *
   * @param alone the server that this replica chose alone; null if none
   * @param holderKnown whether the record's holder is in this replica's file, or gone for all
   * @param calm whether no replica may be missing, see {@link Members#isSettled}
   */
  Way way(@Nullable ServerId alone, boolean holderKnown, boolean calm) {
    if (isBeingSwitched()) {
      return new Way.Drop();
    }
    if (!holderKnown) {
      return calm ? new Way.Drop() : new Way.Wait();
    }
    Map<ServerId, Candidate> view = view();
    if (choice(view) instanceof Choice.Switch change) {
      return new Way.Decide(change.to());
    }
    if (!Failover.usable(pool, own).contains(alone)) {
      return new Way.Drop();
    }
    if (!calm) {
      return new Way.Wait();
    }
    return majority(view).isPresent() ? new Way.Adopt() : new Way.Drop();
  }

  private boolean isBeingSwitched() {
    PlannedSwitch planned = record.planned();
    return planned != null && planned.phase().pauses();
  }

  /**
   * The record with the server that a majority chose alone; empty if that is not usable, or no
   * majority did, or a planned switch has begun.
   *
   * @param alone this replica's choice
   * @param wall the time by the clock on the wall
   */
  Optional<PoolRecord> adopted(AgreedRole alone, Instant wall, String replica) {
    return isBeingSwitched()
        ? Optional.empty()
        : majority(view()).map(server -> adopted(server, alone, wall, replica));
  }

  private PoolRecord adopted(
      ServerIdentity server, AgreedRole alone, Instant wall, String replica) {
    RoleState next = roleState.next(server.id()).with(alone.roleState().memory());
    String evidence = "a majority of the replicas switched to it while they were out of touch";
    AgreedRole agreed =
        new AgreedRole(next, alone.reason(), wall, evidence)
            .with(alone.operators())
            .with(record.planned())
            .with(record.agreed().owed().moved(record.serving(), server.id(), true, hooks(), wall));
    return record.next(agreed, server, replica);
  }

  /**
   * The record with the choice by the votes of all; empty if that is not the server {@code to}, or
   * a planned switch has begun.
   *
   * @param to null for no server
   */
  Optional<PoolRecord> decided(@Nullable ServerId to, Instant wall, String replica) {
    if (isBeingSwitched()
        || !(choice(view()) instanceof Choice.Switch change)
        || !Objects.equals(change.to(), to)) {
      return Optional.empty();
    }
    AgreedRole next =
        record
            .agreed(null)
            .moved(change, hooks(), wall)
            .with(record.planned())
            .with(record.operatorStates().behind(change));
    Server server = to == null ? null : pool.server(to);
    return Optional.of(
        record.next(next, server == null ? null : ServerIdentity.of(server), replica));
  }

  private Hooks hooks() {
    return Hooks.of(pool.settings().hooks());
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
