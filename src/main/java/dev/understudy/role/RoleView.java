package dev.understudy.role;

import dev.understudy.agreement.OperatorStates;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Failover;
import dev.understudy.failover.RoleEvidence;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchFacts.Hooks;
import dev.understudy.switchover.SwitchFacts.Release;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one replica sees of a pool at one moment, beside what is agreed on.
 *
 * @param now by the clock of this replica that never steps, for intervals
 * @param wall by its clock on the wall, for what people mean by a time, and what is agreed on
 * @param pool in force: as the file has it, with the serving server until all have left it
 * @param own the servers as this replica sees them
 * @param all the servers as all replicas see them
 * @param evidence what checks that prove the role show of it now
 * @param firstBad when the run of bad observations began, of each server that is DOWN here
 * @param silent the servers of whose machines nothing was heard by the newest probe here, whatever
 *     explains that
 * @param operators the states that operators set
 * @param replicas this replica's place among the others
 * @param traffic what runs at the pool's servers
 * @param search what is still looked for
 * @param random a number at random, for what must not be the same everywhere
 */
public record RoleView(
    Instant now,
    Instant wall,
    Pool pool,
    Map<ServerId, Candidate> own,
    Map<ServerId, Candidate> all,
    RoleEvidence evidence,
    Map<ServerId, Instant> firstBad,
    Set<ServerId> silent,
    OperatorStates operators,
    Replicas replicas,
    Traffic traffic,
    Search search,
    long random) {
  /**
   * This replica's place among the others.
   *
   * @param name of this replica; empty if it decides alone
   * @param follows whether this process decides nothing, as another one of this replica does
   * @param outOfTouch why nothing can be agreed on now, for people; empty if it can
   * @param turn the time for which this replica waits before it proposes a change that stays called
   *     for; empty if it may not propose for now
   * @param hookTurn the same for calls of hooks: zero if they are this replica's
   * @param releases the living replicas, this one and those that are stopping included, with what
   *     each told of the planned switch
   * @param deciding the living replicas that decide
   * @param trusted whether the epoch that is agreed on is that of all replicas
   * @param silent a living replica that has not been heard of for a while; empty if there is none
   */
  public record Replicas(
      String name,
      boolean follows,
      Optional<String> outOfTouch,
      Optional<Duration> turn,
      Optional<Duration> hookTurn,
      Map<String, Release> releases,
      Set<String> deciding,
      boolean trusted,
      Optional<String> silent) {}

  /**
   * What runs at the pool's servers.
   *
   * @param idle whether nothing runs at any but the one that the planned switch leads to
   * @param before what the process before this one told of the planned switch
   */
  public record Traffic(boolean idle, Release before) {
    /** Of no switch. */
    public static final Traffic NONE = new Traffic(false, Release.NONE);
  }

  /**
   * What is still looked for in DNS or the cluster.
   *
   * @param serving whether the serving server is not there, but may still be found
   * @param complete whether each first query has ended
   */
  public record Search(boolean serving, boolean complete) {}

  /** A part of the time between calls of hooks, from −0.1 to 0.1, so that replicas do not agree. */
  double spread() {
    return ((random >>> 11) * 0x1.0p-52 - 1) / 10;
  }

  /** Whether something can be agreed on. */
  boolean inTouch() {
    return replicas.outOfTouch().isEmpty();
  }

  /** The hooks that the pool has. */
  Hooks hooks() {
    return Hooks.of(pool.settings().hooks());
  }

  /** The servers that are usable in the view of all replicas. */
  public Set<ServerId> usable() {
    return Failover.usable(pool, all);
  }

  /** The candidate in the view of all replicas; null if they do not all know it. */
  @Nullable Candidate candidate(ServerId server) {
    return all.get(server);
  }
}
