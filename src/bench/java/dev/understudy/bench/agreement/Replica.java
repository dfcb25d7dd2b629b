package dev.understudy.bench.agreement;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.monitor.Monitor;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One replica: a monitor with its thread, and how it agrees with the others. */
final class Replica implements AutoCloseable {
  private final Agreement agreement;
  private final Monitor monitor;
  private volatile @Nullable Round round;

  Replica(int number, Agreement agreement, PretendedServers servers, List<Pool> pools) {
    this.agreement = agreement;
    this.monitor = Monitor.builder(servers, (host, done) -> () -> {}).agreement(agreement).build();
    var unused =
        monitor.subscribe(
            snapshot -> {
              Round current = round;
              if (current != null) {
                current.published(number, snapshot, System.nanoTime());
              }
            });
    monitor.apply(pools).toCompletableFuture().join();
  }

  /** Assigns all later publications to that round. */
  void begin(Round next) {
    round = next;
  }

  /** Its traffic to that server is refused, in each pool. */
  void meetRefusal(ServerId server) {
    for (PoolState pool : monitor.current().pools()) {
      monitor.trouble(
          pool.server(server), Trouble.CONNECT_FAILED, monitor.now(), "connection refused");
    }
  }

  /** Whether all servers are UP, that one serves in all pools, and all replicas know and say so. */
  boolean isCalm(ServerId serving, int replicas) {
    return monitor.ready()
        && monitor.current().pools().stream().allMatch(pool -> isCalm(pool, serving))
        && isCalm(agreement.status(), replicas);
  }

  private static boolean isCalm(PoolState pool, ServerId serving) {
    ServerState now = pool.serving();
    return now != null
        && now.server().id().equals(serving)
        && pool.servers().stream().allMatch(server -> server.status() == HealthStatus.UP);
  }

  private static boolean isCalm(AgreementStatus status, int replicas) {
    return status.store() == null
        || (status.inTouch()
            && status.voters().stream().filter(AgreementStatus.Voter::counted).count() == replicas
            && status.voters().stream()
                .flatMap(voter -> voter.votes().values().stream())
                .flatMap(votes -> votes.values().stream())
                .allMatch(vote -> vote.startsWith("UP")));
  }

  @Override
  public void close() {
    monitor.close();
    agreement.close();
  }
}
