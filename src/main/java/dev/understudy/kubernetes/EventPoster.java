package dev.understudy.kubernetes;

import dev.understudy.agreement.http.RegisterHttp.Response;
import java.util.concurrent.ArrayBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Writes Events one after the other, which {@code kubectl get events} shows for an hour. They are
 * for people alone: with too many waiting, further ones are dropped, and none is written twice.
 */
public final class EventPoster {
  private static final Logger log = LoggerFactory.getLogger(EventPoster.class);

  /** Low, because other writes share the connections. */
  private static final int MAX_IN_FLIGHT = 2;

  private static final int MAX_WAITING = 1_000;

  private final KubernetesClient api;
  private final Sinks.Many<ObjectEvent> waiting =
      Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(MAX_WAITING));
  private boolean failedBefore;

  public EventPoster(KubernetesClient api) {
    this.api = api;
    var unused =
        waiting
            .asFlux()
            .takeUntil(event -> api.isClosed())
            .flatMap(this::write, MAX_IN_FLIGHT)
            .subscribe(this::failed);
  }

  /** Writes an event after those before it; with too many waiting, drops it. On the loop. */
  public void post(ObjectEvent event) {
    if (waiting.tryEmitNext(event) == Sinks.EmitResult.FAIL_OVERFLOW) {
      log.debug("Event {} is not written, as {} others are waiting", event.reason(), MAX_WAITING);
    }
  }

  /** Writes an event; the result is the problem, none if it was written. */
  private Mono<String> write(ObjectEvent event) {
    String namespace = event.about().namespace();
    return Mono.fromFuture(
            api.call(
                KubernetesClient.Request.post(
                    "/api/v1/namespaces/" + namespace + "/events", event.json().toString()),
                EventPoster::problem))
        .onErrorResume(error -> Mono.just(": " + error.getMessage()))
        .filter(problem -> !problem.isEmpty())
        .map(problem -> "in namespace " + namespace + problem);
  }

  private static String problem(Response response) {
    if (response.isSuccess()) {
      return "";
    }
    String hint = response.status() == 403 ? " (may this account create events?)" : "";
    return hint + ": " + response.status() + " " + ApiFailures.message(response.body());
  }

  private void failed(String problem) {
    if (failedBefore) {
      log.debug("Event not written {}", problem);
    } else {
      failedBefore = true;
      log.warn("Event not written {}; failures after this one are logged at level debug", problem);
    }
  }
}
