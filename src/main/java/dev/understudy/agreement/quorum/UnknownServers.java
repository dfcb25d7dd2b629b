package dev.understudy.agreement.quorum;

import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Servers of one pool that have an operator's state and are in no living replica's file or cluster,
 * and for how long. After {@link #KEPT} the state is to be forgotten: whatever gets the name then,
 * such as a Pod at a used address, is another server.
 */
final class UnknownServers {
  /** More than a server takes that is away for its maintenance. */
  static final Duration KEPT = Duration.ofHours(1);

  /** In nanoseconds of the loop's clock. */
  private final Map<ServerId, Long> since = new HashMap<>();

  /** Takes the servers that nobody has now. */
  void update(Set<ServerId> unknown, long now) {
    since.keySet().retainAll(unknown);
    unknown.forEach(server -> since.putIfAbsent(server, now));
  }

  /** Those that nobody has had for long enough. */
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
