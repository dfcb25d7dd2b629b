package dev.understudy.agreement.quorum;

import dev.understudy.agreement.ServerIdentity;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Servers of one pool that have an operator's state and are in no living replica's file or cluster,
 * and for how long. After {@link #KEPT} the state is to be forgotten: whatever gets the name then,
 * such as a Pod at a used address, is another server.
 */
final class AbsentServers {
  /** More than a server takes that is away for its maintenance. */
  static final Duration KEPT = Duration.ofHours(1);

  /** In nanoseconds of the loop's clock. */
  private final Map<ServerId, Long> since = new HashMap<>();

  /**
   * The servers that have an operator's state in the record, and are in no voter's file; none if a
   * voter abstains.
   */
  static Set<ServerId> of(PoolId pool, PoolRecord record, List<Voter> voters) {
    if (voters.stream().anyMatch(Voter::abstains)) {
      return Set.of();
    }
    Set<ServerId> unknown = new HashSet<>(record.operatorStates().states().keySet());
    ServerIdentity holder = record.holder();
    if (holder != null) {
      unknown.remove(holder.id()); // A file that lacks it keeps it until it is left.
    }
    for (Voter voter : voters) {
      Ballot ballot = voter.ballot(pool);
      if (ballot != null) {
        ballot.votes().keySet().forEach(server -> unknown.remove(server.id()));
      }
    }
    return unknown;
  }

  /** Takes the servers that nobody has now. */
  void update(Set<ServerId> unknown, long now) {
    since.keySet().retainAll(unknown);
    unknown.forEach(server -> since.putIfAbsent(server, now));
  }

  /** The servers that nobody has had for {@link #KEPT}. */
  Set<ServerId> due(long now) {
    return since.entrySet().stream()
        .filter(each -> now - each.getValue() - KEPT.toNanos() >= 0)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** When more may be due; null if there are none. */
  @Nullable Duration next(long now) {
    return since.values().stream()
        .map(begun -> KEPT.minusNanos(now - begun))
        .filter(Duration::isPositive)
        .min(Duration::compareTo)
        .orElse(null);
  }
}
