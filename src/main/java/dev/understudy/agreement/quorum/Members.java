package dev.understudy.agreement.quorum;

import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All replicas, and which of them live by this replica's monotonic clock: one that was not heard of
 * for {@code 3 * renew} does not, if this replica was in touch for all that time.
 *
 * <p>Who counts only because that time has not passed, or was only found in a list, abstains: what
 * it said may be old, but it may live and decide.
 */
final class Members {
  /**
   * A replica.
   *
   * @param at when it was heard of last
   * @param fresh whether that was while in touch: else it may have been written any time before
   */
  record Seen(Voter voter, long at, boolean fresh) {}

  private final String self;
  private final long life;
  private final Map<String, Seen> seen = new TreeMap<>();
  private long inTouchSince;

  Members(QuorumSettings settings) {
    this.self = settings.replica();
    this.life = settings.lifeNanos();
  }

  /** This replica is in touch again, or for the first time. */
  void inTouchSince(long now) {
    inTouchSince = now;
  }

  /** That replica has written; returns what it said before. */
  @Nullable Voter heard(Voter voter, long now, boolean inTouch) {
    Seen before = seen.put(voter.replica(), new Seen(voter, now, inTouch));
    return before == null ? null : before.voter();
  }

  /** That replica is gone, or said so; returns what it said before. */
  @Nullable Voter left(String replica) {
    Seen before = seen.remove(replica);
    return before == null ? null : before.voter();
  }

  Collection<Seen> all() {
    return seen.values();
  }

  /** What this replica said last, as the others know it; null: nothing yet. */
  @Nullable Voter self() {
    Seen own = seen.get(self);
    return own == null ? null : own.voter();
  }

  /** Whether it counts with its votes. */
  boolean isVoting(String replica, long now) {
    Seen member = seen.get(replica);
    return member != null && isLiving(member, now) && isFresh(member, now);
  }

  boolean isLiving(Seen member, long now) {
    return member.voter().replica().equals(self) || now - expiry(member) < 0;
  }

  /** Who counts, by name; who may be long dead without votes. */
  List<Voter> electorate(long now) {
    List<Voter> voters = new ArrayList<>();
    for (Seen member : seen.values()) {
      if (member.voter().synced() && isLiving(member, now)) {
        voters.add(isFresh(member, now) ? member.voter() : member.voter().abstaining());
      }
    }
    return voters;
  }

  private boolean isFresh(Seen member, long now) {
    return member.voter().replica().equals(self)
        || (member.fresh() && now - member.at() - life < 0);
  }

  /** The highest epoch of a pool that anybody who counts knows: that is true for ever. */
  long newestEpoch(PoolId pool, long now) {
    long newest = 0;
    for (Seen member : seen.values()) {
      Ballot ballot = member.voter().ballot(pool);
      if (ballot != null && member.voter().synced() && isLiving(member, now)) {
        newest = Math.max(newest, ballot.epoch());
      }
    }
    return newest;
  }

  /** Whether nobody counts any more only because its time has not passed since we are in touch. */
  boolean isCalm(long now) {
    return now - inTouchSince - life >= 0;
  }

  /**
   * How long until the next one that lives now lives no more, if it is not heard of, or until it is
   * calm; null: time alone changes nothing.
   */
  @Nullable Long nextExpiry(long now) {
    long calm = inTouchSince + life - now;
    Long next = calm > 0 ? calm : null;
    for (Seen member : seen.values()) {
      long left = expiry(member) - now;
      if (!member.voter().replica().equals(self) && left > 0 && (next == null || left < next)) {
        next = left;
      }
    }
    return next;
  }

  private long expiry(Seen member) {
    long from = member.at() - inTouchSince > 0 ? member.at() : inTouchSince;
    return from + life;
  }
}
