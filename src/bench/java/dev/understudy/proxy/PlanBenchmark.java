package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.proxy.ForwardingPolicy.Facts;
import dev.understudy.testing.TestPools;
import java.time.Instant;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Where one request goes; in this package, as nobody else knows of plans. */
@State(Scope.Thread)
public class PlanBenchmark {
  private static final Facts FACTS = new Facts(null, null, Set.of());

  /** The pool's mode. */
  public enum Kind {
    FAILOVER,
    BALANCE
  }

  @Param public Kind kind;

  private PoolState pool;
  private int turn;

  @Setup
  public void start() {
    TestPools.Builder builder = TestPools.pool().master("a", 1001).master("b", 1002);
    pool = (kind == Kind.BALANCE ? builder.balance() : builder).start().state();
  }

  @Benchmark
  public Object plan() {
    return ForwardingPolicy.plan(FACTS, pool, Instant.EPOCH, turn++, SelectedServer::isFull);
  }
}
