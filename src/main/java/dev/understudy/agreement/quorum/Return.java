package dev.understudy.agreement.quorum;

import dev.understudy.agreement.ServerIdentity;
import dev.understudy.pool.PoolId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Settles the choices that replicas made alone, when they are back in touch.
 *
 * <p>In most cases a newer epoch, or the choice from all votes, has settled them. In the remaining
 * case the record's holder could serve on, but a majority has moved to another server meanwhile.
 * That server becomes the holder, so that its clients are moved once and not twice.
 */
final class Return {
  private Return() {}

  /**
   * The server that a majority chose alone under the record's epoch; empty if there is none.
   *
   * @param voters all living, synced voters
   */
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
