package dev.understudy.bench.agreement;

import dev.understudy.agreement.Agreement;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Replicas before the same servers. */
final class Fleet implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** How the replicas learn of a failure. */
  enum FoundBy {
    /** By probes alone: no replica has traffic. */
    PROBES,
    /** At once, by all replicas' traffic. */
    TRAFFIC
  }

  private final String name;
  private final PretendedServers servers = new PretendedServers();
  private final List<PoolId> pools;
  private final List<Replica> replicas = new ArrayList<>();
  private ServerId serving = PretendedServers.first();

  /**
   * Starts them.
   *
   * @param agreements makes each replica's, by its number
   */
  Fleet(String name, int size, int poolCount, IntFunction<Agreement> agreements) {
    this.name = name;
    List<Pool> configuration = PretendedServers.pools(poolCount);
    this.pools = configuration.stream().map(Pool::id).toList();
    for (int i = 0; i < size; i++) {
      replicas.add(new Replica(i, agreements.apply(i), servers, configuration));
    }
  }

  /** Waits until nothing is wrong, and all know. */
  void awaitCalm() {
    Await.until(
        "the " + name + " are calm",
        PATIENCE,
        () -> replicas.stream().allMatch(replica -> replica.isCalm(serving, replicas.size())));
  }

  /** The serving servers of all pools fail at once, until all replicas have left them. */
  Outcome fail(FoundBy foundBy) throws InterruptedException {
    ServerId failing = serving;
    Round round = new Round(replicas.size(), pools, failing);
    replicas.forEach(replica -> replica.begin(round));
    servers.refuse(failing);
    if (foundBy == FoundBy.TRAFFIC) {
      replicas.forEach(replica -> replica.meetRefusal(failing));
    }
    Outcome outcome = round.await();
    serving = PretendedServers.other(failing);
    return outcome;
  }

  /** The failed servers are back; they do not serve again until the others fail. */
  void mend() {
    servers.refuse(null);
  }

  @Override
  public void close() {
    replicas.forEach(Replica::close);
  }
}
