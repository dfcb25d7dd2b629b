package dev.understudy.agreement.quorum;

import dev.understudy.pool.PoolId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that one replica tells the others.
 *
 * @param replica its name
 * @param incarnation which process of that name it is: any text that no other process has
 * @param pod the UID of the pod that it runs in; empty: unknown
 * @param synced whether its first probes have ended: before, its votes do not count
 * @param ready false: it takes no traffic, as another replica sees more than it does
 * @param ballots of its file's pools
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

  /** The same, but it says nothing of any pool. */
  Voter abstaining() {
    return new Voter(replica, incarnation, pod, synced, ready, Map.of());
  }

  @Nullable Ballot ballot(PoolId pool) {
    return ballots.get(pool);
  }
}
