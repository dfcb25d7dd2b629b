package dev.understudy.agreement.quorum;

import dev.understudy.agreement.quorum.Voter.Stage;
import dev.understudy.pool.PoolId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Release;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All replicas, and which of them count as living by this replica's monotonic clock: a replica
 * lives until it has not been heard of for {@code 3 * renew}, counted only while this replica is in
 * touch.
 *
 * <p>A living replica abstains if it counts only because this replica was out of touch, or was
 * found only in a list made then: its votes may be old, but it may live and decide.
 */
final class Members {
  /**
   * A replica.
   *
   * @param at when it was last heard of, in nanoseconds of the loop's clock
   * @param fresh whether this replica was in touch then; if not, the votes may be of any age
   */
  record Seen(Voter voter, long at, boolean fresh) {}

  /** More than leave during one planned switch. */
  private static final int MOST_DEPARTED = 100;

  private final String self;
  private final long life;
  private final Map<String, Seen> seen = new TreeMap<>();

  /** The newest replicas that said that they leave, and whose entries are gone. */
  private final LinkedHashSet<String> departed = new LinkedHashSet<>();

  private long inTouchSince;

  Members(QuorumSettings settings) {
    this.self = settings.replica();
    this.life = settings.lifeNanos();
  }

  /** This replica is in touch again, or for the first time. */
  void inTouchSince(long now) {
    inTouchSince = now;
  }

  /**
   * Records what a replica wrote.
   *
   * @return its previous content; null if it was not known
   */
  @Nullable Voter update(Voter voter, long now, boolean inTouch) {
    departed.remove(voter.replica());
    Seen before = seen.put(voter.replica(), new Seen(voter, now, inTouch));
    return before == null ? null : before.voter();
  }

  /**
   * Removes a replica whose entry is gone.
   *
   * @return its last content; null if it was not known
   */
  @Nullable Voter left(String replica) {
    Seen before = seen.remove(replica);
    if (before != null && before.voter().stage() == Stage.LEAVING) {
      departed.add(replica);
      if (departed.size() > MOST_DEPARTED) {
        departed.removeFirst();
      }
    }
    return before == null ? null : before.voter();
  }

  Collection<Seen> all() {
    return seen.values();
  }

  /** This replica's own content, as the others know it; null before the first write. */
  @Nullable Voter self() {
    Seen own = seen.get(self);
    return own == null ? null : own.voter();
  }

  /** Whether a replica's votes count. */
  boolean isVoting(String replica, long now) {
    Seen member = seen.get(replica);
    return member != null && isLiving(member, now) && isFresh(member, now);
  }

  boolean isLiving(Seen member, long now) {
    return member.voter().replica().equals(self) || now - expiry(member) < 0;
  }

  /** Living, synced replicas, by name; those that may be long dead have no votes. */
  List<Voter> electorate(long now) {
    return counted(now)
        .map(member -> isFresh(member, now) ? member.voter() : member.voter().abstaining())
        .toList();
  }

  /**
   * The replicas of the electorate whose files have the pool, and its hooks if any file has some:
   * by another, none would be owed or called.
   */
  List<String> actors(PoolId pool, long now) {
    Map<String, Ballot> ballots = new TreeMap<>();
    counted(now)
        .map(Seen::voter)
        .filter(voter -> voter.ballot(pool) != null)
        .forEach(voter -> ballots.put(voter.replica(), voter.ballot(pool)));
    if (ballots.values().stream().anyMatch(ballot -> Boolean.TRUE.equals(ballot.hooks()))) {
      ballots.values().removeIf(ballot -> Boolean.FALSE.equals(ballot.hooks()));
    }
    return List.copyOf(ballots.keySet());
  }

  /**
   * The number of actors that come before this replica.
   *
   * @param passed as {@link Ranking#rank} has it, if all replicas with the pool know that calls of
   *     hooks are passed on: those of version 0.9.0, which tell nothing of hooks, call only if they
   *     are the first
   */
  int rank(PoolId pool, int passed, long now) {
    boolean known =
        counted(now)
            .map(member -> member.voter().ballot(pool))
            .allMatch(ballot -> ballot == null || ballot.hooks() != null);
    return Ranking.rank(pool, self, actors(pool, now), known ? passed : 0);
  }

  /** The first replica of the electorate by name; empty if there is none. */
  String first(long now) {
    return counted(now).map(member -> member.voter().replica()).findFirst().orElse("");
  }

  private Stream<Seen> counted(long now) {
    return seen.values().stream()
        .filter(member -> member.voter().synced() && isLiving(member, now));
  }

  /** The living replicas that decide, by name. */
  Set<String> deciding(long now) {
    return counted(now).map(member -> member.voter().replica()).collect(Collectors.toSet());
  }

  /** All living replicas, by name. */
  Set<String> living(long now) {
    return seen.values().stream()
        .filter(member -> isLiving(member, now))
        .map(member -> member.voter().replica())
        .collect(Collectors.toSet());
  }

  /**
   * The living replicas, and those of the planned switch that have departed, with what each told of
   * that switch.
   *
   * @param addresses hashes of those of the pool's servers
   */
  Map<String, Release> releases(
      PoolId pool, Set<String> addresses, @Nullable PlannedSwitch planned, long now) {
    Map<String, Release> releases = new TreeMap<>();
    String id = planned == null ? "" : planned.id();
    if (planned != null) {
      planned.replicas().stream()
          .filter(departed::contains)
          .forEach(replica -> releases.put(replica, Release.RELEASED));
    }
    for (Seen member : seen.values()) {
      if (isLiving(member, now)) {
        Release told = release(member.voter(), pool, addresses, id);
        Release kept = told == Release.RELEASED ? Release.PROMISED : Release.SILENT;
        releases.put(member.voter().replica(), isFresh(member, now) ? told : kept);
      }
    }
    return releases;
  }

  /** A replica without the pool in its file sends its servers nothing new. */
  private static Release release(Voter voter, PoolId pool, Set<String> addresses, String planned) {
    Ballot ballot = voter.ballot(pool);
    if (ballot != null) {
      return Acknowledgement.release(ballot.acknowledgement(), planned);
    }
    return voter.stage() == Stage.STARTING || !Collections.disjoint(voter.running(), addresses)
        ? Release.NONE
        : Release.RELEASED;
  }

  /** A living replica that missed a renewal; empty if there is none. */
  Optional<String> silent(long now) {
    return seen.values().stream()
        .filter(member -> isLiving(member, now) && !member.voter().replica().equals(self))
        .filter(member -> now - member.at() - life * 2 / 3 >= 0)
        .map(member -> member.voter().replica())
        .findFirst();
  }

  /** Replicas that were synced while this one was in touch, and live no longer. */
  Set<String> lost(long now) {
    Set<String> lost = new TreeSet<>();
    for (Seen member : seen.values()) {
      if (member.fresh() && member.voter().synced() && !isLiving(member, now)) {
        lost.add(member.voter().replica());
      }
    }
    return lost;
  }

  private boolean isFresh(Seen member, long now) {
    return member.voter().replica().equals(self)
        || (member.fresh() && now - member.at() - life < 0);
  }

  /**
   * Whether no living, synced replica knows a newer record: of a higher epoch, or of the same one
   * with what operators have set since. Old votes are good for this.
   *
   * @param fork the revision from which on the record has another holder in that epoch, whom some
   *     may follow; none knows it for a newer record of this one
   */
  boolean isNewest(PoolId pool, long epoch, long revision, long fork, long now) {
    return counted(now)
        .map(member -> member.voter().ballot(pool))
        .allMatch(
            ballot ->
                ballot == null
                    || ballot.epoch() < epoch
                    || (ballot.epoch() == epoch
                        && (ballot.revision() <= revision || ballot.revision() >= fork)));
  }

  /** Whether every replica that was silent for {@code 3 * renew} has stopped counting. */
  boolean isSettled(long now) {
    return now - inTouchSince - life >= 0;
  }

  /**
   * Nanoseconds until the next living replica stops counting if it stays silent, or until {@link
   * #isSettled}; null if time alone changes nothing.
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
