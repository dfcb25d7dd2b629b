package dev.understudy.bench.jmh;

import dev.understudy.failover.Candidate;
import dev.understudy.failover.Choice;
import dev.understudy.failover.FailbackFitness;
import dev.understudy.failover.Failover;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.TestPools;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One choice of a failover pool's serving server. */
@State(Scope.Thread)
public class ChoiceBenchmark {
  private static final Instant NOW = Instant.EPOCH;
  private static final ServerId MASTER = server(0);

  /** How the servers are. */
  public enum Situation {
    /** The master serves: by far the usual case. */
    STAYS,
    /** The master has gone DOWN. */
    FAILS_OVER,
    /** The master is back. */
    FAILS_BACK
  }

  @Param public Situation situation;

  @Param({"2", "16"})
  public int servers;

  private Pool pool;
  private Map<ServerId, Candidate> candidates;
  private RoleState roleState;

  @Setup
  public void gather() {
    TestPools.Builder builder = TestPools.pool();
    candidates = new HashMap<>();
    for (int i = 0; i < servers; i++) {
      String id = server(i).value();
      builder = i == 0 ? builder.master(id, 8000) : builder.backup(id, 8000 + i);
      candidates.put(server(i), candidate(i > 0 || situation != Situation.FAILS_OVER));
    }
    pool = builder.start().state().pool();
    roleState =
        new RoleState(
            situation == Situation.FAILS_BACK ? server(1) : MASTER,
            1,
            null,
            0,
            null,
            RoleMemory.NONE);
  }

  private static ServerId server(int number) {
    return new ServerId("s" + number);
  }

  private static Candidate candidate(boolean up) {
    return new Candidate(
        up ? HealthStatus.UP : HealthStatus.DOWN,
        NOW.minusSeconds(3600),
        up,
        false,
        false,
        OperatorState.READY,
        false,
        FailbackFitness.BY_TIME,
        "status 200");
  }

  @Benchmark
  public Choice choose() {
    return Failover.choose(pool, candidates, roleState, NOW);
  }
}
