package dev.understudy.agreement.kubernetes;

import dev.understudy.agreement.http.RegisterHttp.Response;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.kubernetes.ApiFailures;
import dev.understudy.kubernetes.KubernetesClient;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.text.Printable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ArrayBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import tools.jackson.databind.node.ObjectNode;

/** Events about our Leases, which {@code kubectl get events} shows for an hour. */
final class KubernetesEvents {
  private static final Logger log = LoggerFactory.getLogger(KubernetesEvents.class);

  /** Low, because the writes of records share the connections, and replicas wait for those. */
  private static final int MAX_IN_FLIGHT = 2;

  private static final int MAX_WAITING = 1_000;

  private static final int MAX_MESSAGE = 1024;
  private static final int MAX_REASON = 128;

  private final KubernetesSettings settings;
  private final KubernetesClient api;
  private final LeaseFormat format;
  private final Sinks.Many<String> waiting =
      Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(MAX_WAITING));
  private boolean failedBefore;

  KubernetesEvents(KubernetesSettings settings, KubernetesClient api, LeaseFormat format) {
    this.settings = settings;
    this.api = api;
    this.format = format;
    var unused =
        waiting
            .asFlux()
            .takeUntil(event -> api.isClosed())
            .flatMap(this::write, MAX_IN_FLIGHT)
            .subscribe(this::failed);
  }

  /** Writes an event after those before it; with too many waiting, drops it. On the loop. */
  void announce(RegisterKey about, String reason, String message, boolean warning) {
    String event = event(about, reason, message, warning);
    if (waiting.tryEmitNext(event) == Sinks.EmitResult.FAIL_OVERFLOW) {
      log.debug("Event {} is not written, as {} others are waiting", reason, MAX_WAITING);
    }
  }

  /** Writes an event; the result is the problem, none if it was written. */
  private Mono<String> write(String event) {
    return Mono.fromFuture(
            api.call(KubernetesClient.Request.post(path(), event), KubernetesEvents::problem))
        .onErrorResume(error -> Mono.just(String.valueOf(error.getMessage())))
        .filter(problem -> !problem.isEmpty());
  }

  private static String problem(Response response) {
    return response.isSuccess()
        ? ""
        : response.status() + " " + ApiFailures.message(response.body());
  }

  private void failed(String problem) {
    if (failedBefore) {
      log.debug("Event not written: {}", problem);
    } else {
      failedBefore = true;
      String hint = problem.startsWith("403 ") ? " (may this account create events?)" : "";
      log.warn(
          "Event not written in namespace {}{}; failures after this one are logged at level debug:"
              + " {}",
          settings.namespace(),
          hint,
          problem);
    }
  }

  private String path() {
    return "/api/v1/namespaces/" + settings.namespace() + "/events";
  }

  private String event(RegisterKey about, String reason, String message, boolean warning) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    String lease = format.leaseName(about);
    ObjectNode event = LeaseFormat.JSON.createObjectNode();
    event.put("apiVersion", "v1").put("kind", "Event");
    event
        .putObject("metadata")
        .put("generateName", lease + ".")
        .put("namespace", settings.namespace());
    ObjectNode object = event.putObject("involvedObject");
    object.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
    object.put("name", lease).put("namespace", settings.namespace());
    String uid = format.uid(lease);
    if (!uid.isEmpty()) {
      object.put("uid", uid);
    }
    event.put("type", warning ? "Warning" : "Normal");
    event.put("reason", Printable.oneLine(reason, MAX_REASON));
    event.put("message", Printable.oneLine(message, MAX_MESSAGE));
    event.putObject("source").put("component", LeaseFormat.US);
    event.put("reportingComponent", LeaseFormat.US);
    event.put("reportingInstance", Printable.oneLine(settings.replica(), MAX_REASON));
    event.put("firstTimestamp", now).put("lastTimestamp", now).put("count", 1);
    return LeaseFormat.JSON.writeValueAsString(event);
  }
}
