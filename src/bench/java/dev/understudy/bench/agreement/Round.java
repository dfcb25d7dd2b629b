package dev.understudy.bench.agreement;

import dev.understudy.health.HealthStatus;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * When each replica found each pool's server DOWN, and when it sent traffic to the other one: by
 * its snapshots, as each was published.
 */
final class Round {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final int replicas;
  private final List<PoolId> pools;
  private final ServerId failing;
  private final AtomicLongArray down;
  private final AtomicLongArray followed;
  private final CountDownLatch left;

  Round(int replicas, List<PoolId> pools, ServerId failing) {
    this.replicas = replicas;
    this.pools = pools;
    this.failing = failing;
    this.down = new AtomicLongArray(replicas * pools.size());
    this.followed = new AtomicLongArray(replicas * pools.size());
    this.left = new CountDownLatch(replicas * pools.size());
  }

  /** That replica published that; on its monitor's thread. */
  void published(int replica, Snapshot snapshot, long now) {
    for (int i = 0; i < pools.size(); i++) {
      int cell = replica * pools.size() + i;
      if (down.get(cell) == 0 || followed.get(cell) == 0) {
        look(cell, snapshot.pool(pools.get(i)), now);
      }
    }
  }

  private void look(int cell, PoolState pool, long now) {
    ServerState server = pool.server(failing);
    if (down.get(cell) == 0 && server.status() == HealthStatus.DOWN) {
      down.set(cell, now);
    }
    ServerState serving = pool.serving();
    if (followed.get(cell) == 0 && serving != null && !serving.server().id().equals(failing)) {
      followed.set(cell, now);
      left.countDown();
    }
  }

  /** Waits until all replicas have followed in all pools. */
  Outcome await() throws InterruptedException {
    if (!left.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          left.getCount() + " of " + followed.length() + " switches did not come");
    }
    long[] decisions = IntStream.range(0, pools.size()).mapToLong(this::decision).toArray();
    long[] skews = IntStream.range(0, pools.size()).mapToLong(this::skew).toArray();
    long first = IntStream.range(0, pools.size()).mapToLong(this::majority).min().orElseThrow();
    long last = IntStream.range(0, followed.length()).mapToLong(followed::get).max().orElseThrow();
    return new Outcome(decisions, skews, last - first);
  }

  private long decision(int pool) {
    return of(followed, pool).max().orElseThrow() - majority(pool);
  }

  private long skew(int pool) {
    return of(followed, pool).max().orElseThrow() - of(followed, pool).min().orElseThrow();
  }

  /** When the vote that makes a majority was known to the replica whose it is. */
  private long majority(int pool) {
    return of(down, pool)
        .filter(time -> time != 0)
        .sorted()
        .skip(replicas / 2)
        .findFirst()
        .orElseThrow();
  }

  private LongStream of(AtomicLongArray times, int pool) {
    return IntStream.range(0, replicas)
        .mapToLong(replica -> times.get(replica * pools.size() + pool));
  }
}
