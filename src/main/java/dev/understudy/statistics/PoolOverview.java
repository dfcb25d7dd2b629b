package dev.understudy.statistics;

import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.CheckAges;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pool at one moment, as JSON shows it.
 *
 * @param condition {@link Diagnosis#condition}; {@code severity}, {@code cause} and {@code
 *     twoPrimaries} likewise
 * @param maintenance null if an operator did not set the pool to it
 * @param serving null if no server serves, and always in a balance pool
 * @param since when the serving server last changed
 * @param reason of that change; null before the first
 * @param held requests that wait for a server
 * @param retriesPerSecond requests sent once more, per second
 * @param requestsPerSecond requests that ended, those that no server got included
 * @param errorsPerSecond of these, the ones with 5xx or a response that was broken off
 * @param p99Millis {@link Rates#p99Millis} of all its servers
 * @param checks how old its servers' newest checks are; null while all come in time
 */
public record PoolOverview(
    PoolId name,
    PoolMode mode,
    ServiceCondition condition,
    int severity,
    @Nullable String cause,
    ChoiceExplanation.@Nullable TwoPrimaries twoPrimaries,
    @Nullable MaintenanceOverview maintenance,
    @Nullable ServerId serving,
    long epoch,
    Instant since,
    @Nullable SwitchReason reason,
    int held,
    double retriesPerSecond,
    double requestsPerSecond,
    double errorsPerSecond,
    @Nullable Double p99Millis,
    @Nullable CheckAges checks,
    List<ServerOverview> servers) {
  /** The worst first, then by name. */
  static final Comparator<PoolOverview> WORST_FIRST =
      Comparator.comparingInt((PoolOverview pool) -> -pool.severity())
          .thenComparing(PoolOverview::name);

  public PoolOverview {
    servers = List.copyOf(servers);
  }

  /** Whether the two differ in nothing but times and counts of probes with the same result. */
  boolean differsOnlyInProbes(PoolOverview other) {
    if (servers.size() != other.servers.size()) {
      return false;
    }
    List<ServerOverview> adjusted = new ArrayList<>();
    for (int i = 0; i < servers.size(); i++) {
      adjusted.add(servers.get(i).withProbeOf(other.servers.get(i)));
    }
    return new PoolOverview(
            name,
            mode,
            condition,
            severity,
            cause,
            twoPrimaries,
            maintenance,
            serving,
            epoch,
            since,
            reason,
            held,
            retriesPerSecond,
            requestsPerSecond,
            errorsPerSecond,
            p99Millis,
            checks,
            adjusted)
        .equals(other);
  }
}
