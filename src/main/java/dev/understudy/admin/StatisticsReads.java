package dev.understudy.admin;

import dev.understudy.monitor.SnapshotSource;
import java.util.Comparator;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Handles requests for numbers: the overview, the process and the certificates. */
final class StatisticsReads {
  private final OverviewFeed overview;
  private final EventStreams events;
  private final ReplicaView replica;
  private final SnapshotSource clock;

  StatisticsReads(
      OverviewFeed overview, EventStreams events, ReplicaView replica, SnapshotSource clock) {
    this.overview = overview;
    this.events = events;
    this.replica = replica;
    this.clock = clock;
  }

  /** Responds with a compact document: it is large, and read every second. */
  Mono<ServerResponse> overview(ServerRequest request) {
    return overview
        .document()
        .flatMap(
            bytes -> ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).bodyValue(bytes));
  }

  /**
   * Opens the stream.
   *
   * @param revoked completes once the reader may no longer read
   */
  Mono<ServerResponse> stream(ServerRequest request, Mono<Void> revoked) {
    Flux<byte[]> events =
        overview.stream()
            .takeUntilOther(revoked)
            .onErrorResume(
                EventFeed.TooSlow.class, e -> AdminRoutes.cutOff(request, "overview stream"));
    return ServerResponse.ok()
        .contentType(MediaType.TEXT_EVENT_STREAM)
        .header("X-Accel-Buffering", "no")
        .body(
            (response, context) ->
                response.writeAndFlushWith(
                    events.map(bytes -> Mono.just(response.bufferFactory().wrap(bytes)))));
  }

  Mono<ServerResponse> process(ServerRequest request) {
    return Mono.fromCompletionStage(replica::process)
        .flatMap(
            process ->
                Json.ok(
                    process.with(
                        List.of(
                            new ProcessDocument.LimitUse(
                                "overview streams", overview.active(), overview.maxStreams()),
                            new ProcessDocument.LimitUse(
                                "event streams", events.active(), events.maxStreams())))));
  }

  /** Responds with all certificates, those that expire first at the beginning. */
  Mono<ServerResponse> certificates(ServerRequest request) {
    return Mono.fromCallable(replica::certificates)
        .subscribeOn(Schedulers.boundedElastic())
        .flatMap(
            found ->
                Json.ok(
                    found.stream()
                        .sorted(
                            Comparator.comparing(ReplicaView.Certificate::notAfter)
                                .thenComparing(ReplicaView.Certificate::bundle))
                        .map(each -> CertificateDocument.of(each, clock.now()))
                        .toList()));
  }
}
