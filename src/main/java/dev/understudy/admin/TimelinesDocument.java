package dev.understudy.admin;

import dev.understudy.history.ServingPeriod;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.snapshot.PoolState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The response of {@code GET /api/timelines}: of each failover pool, segments {@code [server,
 * from]}, oldest first, each of which ends where the next begins.
 *
 * <p>{@code server} is the index among the pool's servers as {@code GET /api/pools} lists them; its
 * name if the file no longer has it; null if nobody served; -1 if it is not known. {@code from} is
 * in milliseconds since 1970.
 */
record TimelinesDocument(
    Instant from, Instant to, Map<String, List<List<@Nullable Object>>> pools) {
  private static final int UNKNOWN = -1;

  static TimelinesDocument of(
      Instant from,
      Instant to,
      Collection<PoolState> pools,
      Function<PoolId, List<ServingPeriod>> timelines) {
    Map<String, List<List<@Nullable Object>>> compact = new TreeMap<>();
    for (PoolState pool : pools) {
      if (pool.pool().mode() == PoolMode.FAILOVER) {
        PoolId id = pool.pool().id();
        compact.put(id.value(), compact(pool, timelines.apply(id)));
      }
    }
    return new TimelinesDocument(from, to, Collections.unmodifiableMap(compact));
  }

  private static List<List<@Nullable Object>> compact(
      PoolState pool, List<ServingPeriod> segments) {
    List<String> servers =
        pool.servers().stream().map(server -> server.server().id().value()).toList();
    List<List<@Nullable Object>> compact = new ArrayList<>();
    for (ServingPeriod segment : segments) {
      compact.add(Arrays.asList(server(segment, servers), segment.from().toEpochMilli()));
    }
    return compact;
  }

  private static @Nullable Object server(ServingPeriod segment, List<String> servers) {
    String name = segment.serving();
    if (name == null) {
      return segment.known() ? null : UNKNOWN;
    }
    int index = servers.indexOf(name);
    return index < 0 ? name : index;
  }
}
