package dev.understudy.admin;

import dev.understudy.monitor.SnapshotSource;
import dev.understudy.pool.PoolId;
import dev.understudy.statistics.Statistics;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Handles requests for the rates of the last 15 minutes, of one pool or of all. */
final class RateReads implements Endpoints {
  private final Statistics statistics;
  private final SnapshotSource snapshots;
  private final DocumentThreads threads;

  RateReads(Statistics statistics, SnapshotSource snapshots, DocumentThreads threads) {
    this.statistics = statistics;
    this.snapshots = snapshots;
    this.threads = threads;
  }

  @Override
  public void addTo(Paths paths) {
    paths.read(
        "/api/rates",
        request -> threads.make(request, () -> Json.compact(statistics.recentRates())));
    paths.read("/api/pools/{pool}/rates", request -> threads.make(request, () -> pool(request)));
  }

  private Mono<ServerResponse> pool(ServerRequest request) {
    PoolId pool = Reads.poolOf(request);
    if (snapshots.current().pool(pool) == null) {
      throw Reads.unknownPool(pool.value(), snapshots.current());
    }
    return Json.compact(statistics.recentRates(pool));
  }
}
