package dev.understudy.admin;

import dev.understudy.fairness.ClientNetwork;
import io.netty.util.NetUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Handles requests for streams: of events and of overviews. */
final class StreamEndpoints implements Endpoints {
  private static final Logger log = LoggerFactory.getLogger(StreamEndpoints.class);

  private final EventStreams events;
  private final OverviewFeed overview;
  private final AccessRules guard;

  StreamEndpoints(EventStreams events, OverviewFeed overview, AccessRules guard) {
    this.events = events;
    this.overview = overview;
    this.guard = guard;
  }

  @Override
  public void addTo(Paths paths) {
    paths.stream("/api/events/stream", this::events);
    paths.stream("/api/overview/stream", this::overview);
  }

  private Mono<ServerResponse> events(ServerRequest request) {
    String lastSeen = request.headers().firstHeader("Last-Event-ID");
    if (lastSeen == null) {
      // For scripts, and for a page's first connection, which cannot set a header.
      lastSeen = request.queryParam("after").orElse(null);
    }
    Flux<ServerSentEvent<String>> open =
        events.open(
            ClientNetwork.of(request.exchange().getRequest().getRemoteAddress()),
            StateEndpoints.poolParameter(request),
            lastSeen);
    return response()
        .body(BodyInserters.fromServerSentEvents(ended(request, "event stream", open)));
  }

  private Mono<ServerResponse> overview(ServerRequest request) {
    Flux<byte[]> open =
        ended(
            request,
            "overview stream",
            overview.stream(ClientNetwork.of(request.exchange().getRequest().getRemoteAddress())));
    return response()
        .body(
            (response, context) ->
                response.writeAndFlushWith(
                    open.map(bytes -> Mono.just(response.bufferFactory().wrap(bytes)))));
  }

  private static ServerResponse.BodyBuilder response() {
    return ServerResponse.ok()
        .contentType(MediaType.TEXT_EVENT_STREAM)
        .header("X-Accel-Buffering", "no");
  }

  /**
   * The stream until its reader may no longer read, or is too slow.
   *
   * @param what the kind of stream, for the log
   */
  private <T> Flux<T> ended(ServerRequest request, String what, Flux<T> stream) {
    return stream
        .takeUntilOther(guard.revoked(request))
        .onErrorResume(StreamReader.TooSlow.class, e -> cutOff(request, what));
  }

  private static <T> Mono<T> cutOff(ServerRequest request, String what) {
    log.info(
        "An {} was cut off: {} reads too slowly",
        what,
        request.remoteAddress().map(NetUtil::toSocketAddressString).orElse("its reader"));
    return ManagementConnection.cutOff(request.exchange().getRequest());
  }
}
