package dev.understudy.agreement.quorum;

import dev.understudy.agreement.ServerIdentity;
import dev.understudy.pool.PoolId;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One replica's content in the register: all that it tells the others.
 *
 * @param replica its name
 * @param incarnation identifies the process of that name: any text that no other process has
 * @param pod the UID of the pod that it runs in; empty if unknown
 * @param stage only in {@code DECIDING} its votes count
 * @param ready false if it takes no traffic, as another replica sees more than it does
 * @param ballots votes on the pools of its file
 * @param running hashes of addresses at which its requests run, although its file has no server
 *     there any more; the first {@value #MOST_RUNNING}
 */
record Voter(
    String replica,
    String incarnation,
    String pod,
    Stage stage,
    boolean ready,
    Map<PoolId, Ballot> ballots,
    Set<String> running) {
  /** As many as fit beside the votes; each has a request, which are bounded. */
  private static final int MOST_RUNNING = 1000;

  /** What a replica's process has come to. */
  enum Stage {
    /** Its first probes have not ended. */
    STARTING,
    DECIDING,
    /** It is stopping, and may still have clients. */
    LEAVING
  }

  Voter {
    ballots = Map.copyOf(ballots);
    running =
        running.size() > MOST_RUNNING
            ? running.stream().sorted().limit(MOST_RUNNING).collect(Collectors.toUnmodifiableSet())
            : Set.copyOf(running);
  }

  /** Whether its votes count. */
  boolean synced() {
    return stage == Stage.DECIDING;
  }

  /** The same voter without any votes. */
  Voter abstaining() {
    return new Voter(replica, incarnation, pod, stage, ready, Map.of(), running);
  }

  /** Whether it tells nothing, so that its file may have any pool. */
  boolean abstains() {
    return ballots.isEmpty();
  }

  /** The same voter with a ballot on one more pool. */
  Voter with(PoolId pool, Ballot ballot) {
    Map<PoolId, Ballot> next = new HashMap<>(ballots);
    next.put(pool, ballot);
    return new Voter(replica, incarnation, pod, stage, ready, next, running);
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
