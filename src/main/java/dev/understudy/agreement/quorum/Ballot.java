package dev.understudy.agreement.quorum;

import dev.understudy.agreement.RenamedPool;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.failover.Candidate;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.Acknowledgement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One replica's votes on one pool.
 *
 * @param epoch the highest epoch that it knows; 0 if none
 * @param revision of the record that it knows; 0 if none, or if its version does not tell
 * @param acted its choice while out of touch; null if it made none
 * @param votes a vote on each server of its file
 * @param acknowledgement what it told of the planned switch; null if it told nothing
 * @param hooks whether its file has hooks for the pool; null if its version does not tell
 */
record Ballot(
    long epoch,
    long revision,
    @Nullable Acted acted,
    Map<ServerIdentity, Vote> votes,
    @Nullable Acknowledgement acknowledgement,
    @Nullable Boolean hooks) {
  Ballot(long epoch, @Nullable Acted acted, Map<ServerIdentity, Vote> votes) {
    this(epoch, 0, acted, votes, null, null);
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

  /**
   * This replica's votes on a pool of its file.
   *
   * @param fit the servers that have been UP for long enough for a failback
   */
  static Ballot on(
      Pool file, KnownPool known, Set<ServerId> fit, @Nullable Acknowledgement acknowledgement) {
    Pool inForce = known.inForce();
    LocalChoice alone = known.local();
    long epoch = known.written().epoch();
    Map<ServerIdentity, Vote> votes = new HashMap<>();
    for (Server server : file.servers()) {
      ServerIdentity identity = ServerIdentity.of(server);
      boolean here = inForce != null && identity.isIn(inForce);
      Candidate seen = here ? known.own().get(server.id()) : null;
      votes.put(identity, Vote.on(seen, fit.contains(server.id()), epoch));
    }
    boolean hooked = !file.settings().hooks().isEmpty();
    return new Ballot(
        epoch,
        known.revision(),
        alone == null ? null : alone.acted(),
        votes,
        acknowledgement,
        hooked);
  }

  /** Whether both vote alike, whatever revision of the record they know. */
  boolean isSameVote(@Nullable Ballot other) {
    return other != null && equals(other.at(revision));
  }

  private Ballot at(long other) {
    return new Ballot(epoch, other, acted, votes, acknowledgement, hooks);
  }

  /** The votes on the same servers under another pool's name; what it did alone is not told. */
  Ballot renamed(RenamedPool renamed) {
    Map<ServerIdentity, Vote> next = new HashMap<>();
    votes.forEach((server, vote) -> next.put(renamed.of(server), vote));
    return new Ballot(epoch, 0, null, next, null, hooks);
  }

  /** The votes as the register holds them, and as people see them, sorted by server. */
  Map<String, String> votesAsText() {
    Map<String, String> text = new TreeMap<>();
    votes.forEach((server, vote) -> text.put(server.toString(), vote.toString()));
    return text;
  }
}
