package dev.understudy.database;

import dev.understudy.database.ObservedClaim.Measured;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Lag;
import dev.understudy.failover.RoleState;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How far the servers of one pool are behind the one that has the role or, while nobody serves, had
 * it last: as one replica has seen it since it started, in memory alone. An immutable value that
 * each look replaces by the next.
 *
 * <table>
 * <caption>What a look changes</caption>
 * <tr><th>server<th>its newest check<th>becomes
 * <tr><td>the primary<td>good, with a position<td>a sample: what it had when it was asked
 * <tr><td>the primary<td>otherwise<td>the samples stay: they are what it had last
 * <tr><td>another<td>a new one, with a position<td>its lag: against the newest sample that was asked
 *     before; level as of the newest sample of which it lacks nothing
 * <tr><td>another<td>without a position<td>its lag is not known
 * <tr><td>any<td>the role is another server's<td>all begins anew
 * </table>
 *
 * <p>Two servers are never asked at one moment. A server that is asked after the primary seems to
 * be less far behind than it was, by what came meanwhile; never farther.
 *
 * @param primary null if none is known to have served
 * @param samples the primary's positions, the oldest first
 * @param lags of the other servers whose positions are known
 */
public record DataLags(
    @Nullable ServerId primary, List<Sample> samples, Map<ServerId, Known> lags) {
  public static final DataLags NONE = new DataLags(null, List.of(), Map.of());

  /** Samples that are kept; of more, every other one of the older half goes. */
  static final int MOST_SAMPLES = 64;

  /**
   * A position of the primary.
   *
   * @param first when it was first asked that had it
   * @param last when it was last asked that had it
   */
  public record Sample(DataPosition position, Instant first, Instant last) {}

  /**
   * A lag.
   *
   * @param asked when the server was asked
   */
  public record Known(Instant asked, Lag lag) {}

  public DataLags {
    samples = List.copyOf(samples);
    lags = Map.copyOf(lags);
  }

  /** How far a server is behind; null if that is not known. */
  public @Nullable Lag of(ServerId server) {
    Known known = lags.get(server);
    return known == null ? null : known.lag;
  }

  /** The lags after a look at the pool. */
  public DataLags next(Pool pool, Map<ServerId, Candidate> own, RoleState roleState) {
    ServerId holder = roleState.holder() == null ? primary : roleState.holder();
    if (holder == null || pool.mode() == PoolMode.BALANCE) {
      return NONE;
    }
    boolean same = holder.equals(primary);
    List<Sample> seen = sampled(same ? samples : List.of(), own.get(holder));
    Map<ServerId, Known> next = new HashMap<>();
    own.forEach(
        (id, candidate) -> {
          Measured measured = measured(candidate);
          if (measured == null || id.equals(holder)) {
            return;
          }
          Known before = same ? lags.get(id) : null;
          Known now =
              before != null && before.asked.equals(measured.asked())
                  ? before
                  : compared(holder, measured, seen);
          if (now != null) {
            next.put(id, now);
          }
        });
    return new DataLags(holder, seen, next);
  }

  private static @Nullable Measured measured(@Nullable Candidate candidate) {
    return candidate != null && candidate.claim() instanceof ObservedClaim seen
        ? seen.measured()
        : null;
  }

  private static List<Sample> sampled(List<Sample> before, @Nullable Candidate holder) {
    Measured now = measured(holder);
    Sample last = before.isEmpty() ? null : before.getLast();
    if (holder == null
        || now == null
        || !now.good()
        || holder.status() != HealthStatus.UP
        || (last != null && !now.asked().isAfter(last.last))) {
      return before;
    }
    List<Sample> next = new ArrayList<>(before);
    if (last != null && last.position.equals(now.position())) {
      next.removeLast();
      next.add(new Sample(last.position, last.first, now.asked()));
      return next;
    }
    if (next.size() >= MOST_SAMPLES) {
      for (int i = next.size() / 2 - 1; i > 0; i -= 2) {
        next.remove(i);
      }
    }
    next.add(new Sample(now.position(), now.asked(), now.asked()));
    return next;
  }

  /** Null if nothing was asked of the primary before. */
  private static @Nullable Known compared(ServerId primary, Measured server, List<Sample> samples) {
    Sample newest = null;
    Instant level = null;
    for (Sample each : samples.reversed()) {
      if (each.first.isAfter(server.asked())) {
        continue;
      }
      newest = newest == null ? each : newest;
      OptionalLong lacks = server.position().lacks(each.position);
      if (lacks.isPresent() && lacks.getAsLong() == 0) {
        level = earlier(each.last, server.asked());
        break;
      }
    }
    if (newest == null) {
      return null;
    }
    DataPosition had = newest.position;
    return new Known(
        server.asked(),
        new Lag(
            primary,
            had.unit(),
            server.position().lacks(had),
            earlier(newest.last, server.asked()),
            level == null ? samples.getFirst().first : level));
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
