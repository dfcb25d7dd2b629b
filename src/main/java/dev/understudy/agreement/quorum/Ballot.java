package dev.understudy.agreement.quorum;

import dev.understudy.agreement.ServerIdentity;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One replica's votes on one pool.
 *
 * @param epoch the highest epoch that it knows; 0 if none
 * @param acted its choice while out of touch; null if it made none
 * @param votes a vote on each server of its file
 */
record Ballot(long epoch, @Nullable Acted acted, Map<ServerIdentity, Vote> votes) {
  /**
   * A choice that a replica made alone.
   *
   * @param server empty if no server serves
   * @param epoch the pool's epoch under which it was made
   */
  record Acted(Optional<ServerIdentity> server, long epoch) {}

  Ballot {
    votes = Map.copyOf(votes);
  }
}
