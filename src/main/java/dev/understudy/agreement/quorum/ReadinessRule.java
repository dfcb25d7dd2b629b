package dev.understudy.agreement.quorum;

import dev.understudy.agreement.ServerIdentity;
import dev.understudy.pool.PoolId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a replica should leave its traffic to another one that sees more: a ready voter
 * that can serve every pool this one can, and at least one more. "More" is a strict order, so among
 * the ready replicas one always stays: they are never all unready.
 *
 * <p>A replica can serve a pool if it does not find the holder DOWN; if there is no holder, or a
 * majority finds it bad, if it finds any server UP whose claim to the role no voter finds stale.
 */
final class ReadinessRule {
  private ReadinessRule() {}

  /**
   * A replica that sees more; null if there is none.
   *
   * @param voters all living, synced voters
   * @param records those of the pools in this replica's file
   */
  static @Nullable String seesMore(
      Voter self, List<Voter> voters, Map<PoolId, PoolRecord> records) {
    Set<PoolId> mine = servable(self, voters, records);
    for (Voter other : voters) {
      if (other.ready() && !other.replica().equals(self.replica())) {
        Set<PoolId> theirs = servable(other, voters, records);
        if (theirs.size() > mine.size() && theirs.containsAll(mine)) {
          return other.replica();
        }
      }
    }
    return null;
  }

  private static Set<PoolId> servable(
      Voter voter, List<Voter> voters, Map<PoolId, PoolRecord> records) {
    Set<PoolId> servable = new HashSet<>();
    records.forEach(
        (pool, record) -> {
          Ballot ballot = voter.ballot(pool);
          if (ballot != null && canServe(pool, ballot, record.holder(), voters)) {
            servable.add(pool);
          }
        });
    return servable;
  }

  private static boolean canServe(
      PoolId pool, Ballot ballot, @Nullable ServerIdentity holder, List<Voter> voters) {
    if (holder != null && !MergedVotes.isBad(pool, holder, voters)) {
      Vote vote = ballot.votes().get(holder);
      return vote != null && !vote.finding().isDown();
    }
    return ballot.votes().entrySet().stream()
        .anyMatch(
            vote -> vote.getValue().isUp() && !MergedVotes.isStale(pool, vote.getKey(), voters));
  }
}
