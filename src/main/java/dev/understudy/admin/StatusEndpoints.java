package dev.understudy.admin;

import dev.understudy.pool.PoolId;
import dev.understudy.status.JsonValue;
import dev.understudy.status.PoolView;
import dev.understudy.status.ReplicaView;
import dev.understudy.status.StatusText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Responds with what {@code status} prints, made of the same documents, as plain text: for those
 * who cannot wait until a JVM has started. With {@code all=true}, what {@code status --all} prints.
 */
final class StatusEndpoints implements Endpoints {
  private final OverviewFeed overview;
  private final ConfigurationStatus configuration;
  private final StateEndpoints state;
  private final DocumentThreads threads;

  StatusEndpoints(
      OverviewFeed overview,
      ConfigurationStatus configuration,
      StateEndpoints state,
      DocumentThreads threads) {
    this.overview = overview;
    this.configuration = configuration;
    this.state = state;
    this.threads = threads;
  }

  @Override
  public void addTo(Paths paths) {
    paths.read(
        "/status",
        request ->
            overview
                .document()
                .flatMap(bytes -> threads.make(request, () -> replica(request, bytes))));
    paths.read("/status/{pool}", request -> threads.make(request, () -> pool(request)));
  }

  private Mono<ServerResponse> replica(ServerRequest request, byte[] document) {
    boolean all = EventEndpoints.is(request, "all", "false", "true");
    return text(
        StatusText.lines(
            ReplicaView.of(JsonValue.parse(document)),
            () -> new JsonValue(configuration.document().problems()),
            all));
  }

  private Mono<ServerResponse> pool(ServerRequest request) {
    PoolId pool = StateEndpoints.poolOf(request);
    JsonValue document = JsonValue.parse(Json.COMPACT.writeValueAsBytes(state.document(pool)));
    return text(StatusText.lines(new PoolView(document), document, state.now().toString()));
  }

  private static Mono<ServerResponse> text(List<String> lines) {
    byte[] text = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    return Json.bytes(ServerResponse.ok(), EventEndpoints.TEXT, text);
  }
}
