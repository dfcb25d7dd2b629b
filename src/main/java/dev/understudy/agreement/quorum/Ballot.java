package dev.understudy.agreement.quorum;

import dev.understudy.agreement.ServerIdentity;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one replica says of one pool.
 *
 * @param epoch the highest that it knows; 0: none
 * @param acted what it chose alone while out of touch; null: nothing
 * @param votes a row for each server of its file
 */
record Ballot(long epoch, @Nullable Acted acted, Map<ServerIdentity, Vote> votes) {
  /**
   * A choice made alone.
   *
   * @param server empty: nobody
   * @param epoch the pool's, under which it was made
   */
  record Acted(Optional<ServerIdentity> server, long epoch) {}

  Ballot {
    votes = Map.copyOf(votes);
  }
}
