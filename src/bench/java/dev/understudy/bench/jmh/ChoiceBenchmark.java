package dev.understudy.bench.jmh;

import dev.understudy.failover.Candidate;
import dev.understudy.failover.Choice;
import dev.understudy.failover.Failover;
import dev.understudy.failover.Tenure;
import dev.understudy.health.Status;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.Mode;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RetrySettings;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.TimeoutSettings;
import dev.understudy.pool.UpstreamTls;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One look at a failover pool: who serves. */
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
  private Tenure tenure;

  @Setup
  public void gather() {
    List<Server> all = new ArrayList<>();
    candidates = new HashMap<>();
    for (int i = 0; i < servers; i++) {
      Rank rank = i == 0 ? Rank.MASTER : Rank.BACKUP;
      ServerAddress address = new ServerAddress(false, "bench.example", 8000 + i);
      all.add(new Server(server(i), address, rank, OptionalInt.empty()));
      candidates.put(server(i), candidate(i > 0 || situation != Situation.FAILS_OVER));
    }
    pool = pool(all);
    tenure = new Tenure(situation == Situation.FAILS_BACK ? server(1) : MASTER, 1, null, 0, null);
  }

  private static ServerId server(int number) {
    return new ServerId("s" + number);
  }

  private static Candidate candidate(boolean up) {
    return new Candidate(
        up ? Status.UP : Status.DOWN,
        NOW.minusSeconds(3600),
        up,
        false,
        false,
        OperatorState.READY,
        false,
        "status 200");
  }

  private static Pool pool(List<Server> servers) {
    return new Pool(
        new PoolId("app"),
        Mode.FAILOVER,
        servers,
        HealthSettings.DEFAULT,
        null,
        FailbackSettings.DEFAULT,
        null,
        HoldSettings.DEFAULT,
        RetrySettings.DEFAULT,
        SwitchSettings.DEFAULT,
        TimeoutSettings.DEFAULT,
        UpstreamTls.DEFAULT);
  }

  @Benchmark
  public Choice choose() {
    return Failover.choose(pool, candidates, tenure, NOW);
  }
}
