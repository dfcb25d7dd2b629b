package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.proxy.ForwardingPolicy.Facts;
import dev.understudy.proxy.ForwardingPolicy.Plan;
import dev.understudy.testing.TestPools;
import java.time.Instant;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Where one request goes. */
@State(Scope.Thread)
public class DeciderBenchmark {
  /** The pool's. */
  public enum Kind {
    FAILOVER,
    BALANCE
  }

  private static final Facts PLAIN = new Facts(null, null, Set.of());

  @Param public Kind mode;

  private PoolState pool;
  private int turn;

  @Setup
  public void makePool() {
    TestPools.Builder two = TestPools.pool().master("a", 1001).master("b", 1002);
    pool = (mode == Kind.BALANCE ? two.balance() : two).start().state();
  }

  @Benchmark
  public Plan plan() {
    return ForwardingPolicy.plan(PLAIN, pool, Instant.EPOCH, turn++, server -> false);
  }
}
