package dev.understudy.admin;

import dev.understudy.admin.port.PortConnections;
import dev.understudy.statistics.LimitUse;
import java.util.Comparator;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Handles requests for numbers: the overview, the process and the certificates. */
final class StatisticsReads implements Endpoints {
  private final OverviewFeed overview;
  private final EventStreams events;
  private final PortConnections connections;
  private final ReplicaView replica;
  private final DocumentThreads threads;

  StatisticsReads(
      OverviewFeed overview,
      EventStreams events,
      PortConnections connections,
      ReplicaView replica,
      DocumentThreads threads) {
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
  }

  /** Responds with a compact document: it is large, and read every second. */
  Mono<ServerResponse> overview(ServerRequest request) {
    return overview
        .document()
        .flatMap(bytes -> Json.bytes(ServerResponse.ok(), MediaType.APPLICATION_JSON, bytes));
  }

  Mono<ServerResponse> process(ServerRequest request) {
    return Mono.fromCompletionStage(replica::process)
        .flatMap(
            process ->
                Json.ok(
                    process.with(
                        List.of(
                            overview.slots().use(), events.slots().use(), connectionsInUse()))));
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
