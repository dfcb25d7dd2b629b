package dev.understudy.statistics;

import dev.understudy.pool.PoolId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * How much of one limit is used.
 *
 * @param name for people
 */
public record LimitUse(String name, long used, long max) {
  private double share() {
    return max == 0 ? 0 : (double) used / max;
  }

  /**
   * Returns the nearest of all {@code hold.requests} and the nearest of all {@code max-requests},
   * if there are any; of equals the first by name.
   *
   * @param held the requests of a pool that wait
   */
  public static List<LimitUse> nearest(Snapshot snapshot, ToIntFunction<PoolId> held) {
    List<LimitUse> holds = new ArrayList<>();
    List<LimitUse> requests = new ArrayList<>();
    for (PoolState pool : snapshot.pools()) {
      PoolId id = pool.pool().id();
      holds.add(
          new LimitUse(
              "held requests of " + id,
              held.applyAsInt(id),
              pool.pool().settings().hold().requests()));
      for (ServerState server : pool.servers()) {
        server
            .server()
            .settings()
            .maxRequests()
            .ifPresent(
                max ->
                    requests.add(
                        new LimitUse(
                            "requests of " + id + "/" + server.server().id(),
                            server.traffic().requests().get(),
                            max)));
      }
    }
    List<LimitUse> nearest = new ArrayList<>();
    first(holds).ifPresent(nearest::add);
    first(requests).ifPresent(nearest::add);
    return nearest;
  }

  private static Optional<LimitUse> first(List<LimitUse> uses) {
    return uses.stream()
        .min(
            Comparator.comparingDouble((LimitUse use) -> -use.share())
                .thenComparing(LimitUse::name));
  }
}
