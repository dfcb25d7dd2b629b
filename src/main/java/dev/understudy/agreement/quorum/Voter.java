package dev.understudy.agreement.quorum;

import dev.understudy.agreement.ServerIdentity;
import dev.understudy.pool.PoolId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One replica's content in the register: all that it tells the others.
 *
 * @param replica its name
 * @param incarnation identifies the process of that name: any text that no other process has
 * @param pod the UID of the pod that it runs in; empty if unknown
 * @param synced whether its first probes have ended; before, its votes do not count
 * @param ready false if it takes no traffic, as another replica sees more than it does
 * @param ballots votes on the pools of its file
 */
record Voter(
    String replica,
    String incarnation,
    String pod,
    boolean synced,
    boolean ready,
    Map<PoolId, Ballot> ballots) {
  Voter {
    ballots = Map.copyOf(ballots);
  }

  /** The same voter without any votes. */
  Voter abstaining() {
    return new Voter(replica, incarnation, pod, synced, ready, Map.of());
  }

  /** Whether it tells nothing, so that its file may have any pool. */
  boolean abstains() {
    return ballots.isEmpty();
  }

  /** The same voter with a ballot on one more pool. */
  Voter with(PoolId pool, Ballot ballot) {
    Map<PoolId, Ballot> next = new HashMap<>(ballots);
    next.put(pool, ballot);
    return new Voter(replica, incarnation, pod, synced, ready, next);
  }

  @Nullable Ballot ballot(PoolId pool) {
    return ballots.get(pool);
  }

  /** The vote on a server; null if there is none. */
  @Nullable Vote vote(PoolId pool, ServerIdentity server) {
    Ballot ballot = ballot(pool);
    return ballot == null ? null : ballot.votes().get(server);
  }
}
