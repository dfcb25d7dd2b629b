package dev.understudy.agreement.quorum;

import dev.understudy.agreement.RenamedPool;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.switchover.Acknowledgement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One replica's votes on one pool.
 *
 * @param epoch the highest epoch that it knows; 0 if none
 * @param acted its choice while out of touch; null if it made none
 * @param votes a vote on each server of its file
 * @param acknowledgement what it told of the planned switch; null if it told nothing
 * @param hooks whether its file has hooks for the pool; null if its version does not tell
 */
record Ballot(
    long epoch,
    @Nullable Acted acted,
    Map<ServerIdentity, Vote> votes,
    @Nullable Acknowledgement acknowledgement,
    @Nullable Boolean hooks) {
  Ballot(long epoch, @Nullable Acted acted, Map<ServerIdentity, Vote> votes) {
    this(epoch, acted, votes, null, null);
  }

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

  /** The votes on the same servers under another pool's name; what it did alone is not told. */
  Ballot renamed(RenamedPool renamed) {
    Map<ServerIdentity, Vote> next = new HashMap<>();
    votes.forEach((server, vote) -> next.put(renamed.of(server), vote));
    return new Ballot(epoch, null, next, null, hooks);
  }

  /** The votes as the register holds them, and as people see them, sorted by server. */
  Map<String, String> votesAsText() {
    Map<String, String> text = new TreeMap<>();
    votes.forEach((server, vote) -> text.put(server.toString(), vote.toString()));
    return text;
  }
}
