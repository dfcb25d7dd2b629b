package dev.understudy.proxy.engine;

import dev.understudy.pool.BalanceAlgorithm;
import dev.understudy.proxy.engine.SelectionPolicy.Facts;
import dev.understudy.snapshot.PoolState;
import dev.understudy.testing.TestPools;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Where one request goes; in this package, as nobody else knows of plans. */
@State(Scope.Thread)
public class PlanBenchmark {
  private static final Facts FACTS = new Facts(null, null, Set.of(), false);

  /** The pool's mode. */
  public enum Kind {
    FAILOVER,
    ROUND_ROBIN,
    LEAST_REQUESTS,
    SOURCE
  }

  @Param public Kind kind;

  private PoolState pool;
  private Balancer balancer;
  private int turn;

  @Setup
  public void start() {
    TestPools.Builder builder = TestPools.pool().master("a", 1001).master("b", 1002);
    if (kind != Kind.FAILOVER) {
      builder.balance(BalanceAlgorithm.valueOf(kind.name()));
    }
    pool = builder.start().state();
    balancer =
        kind == Kind.FAILOVER
            ? null
            : Balancer.of(pool.pool(), null, 0, ThreadLocalRandom.current());
  }

  @Benchmark
  public Object plan() {
    Balancer used = balancer;
    if (used != null) {
      used.begin(turn++);
    }
    return SelectionPolicy.plan(FACTS, pool, Instant.EPOCH, used, true, SelectedServer::isFull);
  }
}
