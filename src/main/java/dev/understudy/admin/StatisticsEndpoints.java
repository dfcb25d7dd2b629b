package dev.understudy.admin;

import dev.understudy.admin.port.PortConnections;
import dev.understudy.pool.PoolId;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.statistics.LimitUse;
import dev.understudy.statistics.Statistics;
import java.util.Comparator;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Handles requests for numbers: overview, rates, process and certificates. */
final class StatisticsEndpoints implements Endpoints {
  private final Statistics statistics;
  private final SnapshotSource snapshots;
  private final OverviewFeed overview;
  private final EventStreams events;
  private final PortConnections connections;
  private final ReplicaInfo replica;
  private final DocumentThreads threads;

  StatisticsEndpoints(
      Statistics statistics,
      SnapshotSource snapshots,
      OverviewFeed overview,
      EventStreams events,
      PortConnections connections,
      ReplicaInfo replica,
      DocumentThreads threads) {
    this.statistics = statistics;
    this.snapshots = snapshots;
    this.overview = overview;
    this.events = events;
    this.connections = connections;
    this.replica = replica;
    this.threads = threads;
  }

  @Override
  public void addTo(Paths paths) {
    paths.read("/api/overview", this::overview);
    paths.read("/api/process", this::process);
    paths.read("/api/certificates", request -> threads.make(request, this::certificates));
    paths.read(
        "/api/rates",
        request -> threads.make(request, () -> Json.compact(statistics.recentRates())));
    paths.read("/api/pools/{pool}/rates", request -> threads.make(request, () -> rates(request)));
  }

  /** Responds with the rates of one pool in the last 15 minutes. */
  private Mono<ServerResponse> rates(ServerRequest request) {
    PoolId pool = StateEndpoints.poolOf(request);
    StateEndpoints.requirePool(pool, snapshots.current());
    return Json.compact(statistics.recentRates(pool));
  }

  /** Responds with a compact document: it is large, and read every second. */
  Mono<ServerResponse> overview(ServerRequest request) {
    return overview
        .document()
        .flatMap(bytes -> Json.bytes(ServerResponse.ok(), MediaType.APPLICATION_JSON, bytes));
  }

  Mono<ServerResponse> process(ServerRequest request) {
    List<LimitUse> limits =
        List.of(overview.slots().use(), events.slots().use(), connectionsInUse());
    return Mono.fromCompletionStage(() -> replica.process(limits)).flatMap(Json::ok);
  }

  private LimitUse connectionsInUse() {
    return new LimitUse(
        "management connections", connections.count(), connections.limits().connections());
  }

  /** Responds with all certificates, those that expire first at the beginning. */
  Mono<ServerResponse> certificates() {
    return Json.ok(
        replica.certificates().stream()
            .sorted(
                Comparator.comparing(CertificateDocument::notAfter)
                    .thenComparing(CertificateDocument::bundle))
            .toList());
  }
}
