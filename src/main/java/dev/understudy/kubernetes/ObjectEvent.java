package dev.understudy.kubernetes;

import dev.understudy.text.Printable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An Event of Kubernetes: what happened to an object.
 *
 * @param reason one word in camel case
 * @param message one sentence for people
 * @param replica that tells it
 */
public record ObjectEvent(
    About about, String reason, String message, boolean warning, String replica, Instant at) {
  private static final int MAX_MESSAGE = 1024;
  private static final int MAX_WORD = 128;

  /**
   * An object.
   *
   * @param uid empty if it is not known
   */
  public record About(String apiVersion, String kind, String namespace, String name, String uid) {}

  /** The object of the API. */
  public ObjectNode json() {
    String when = at.truncatedTo(ChronoUnit.SECONDS).toString();
    ObjectNode event = JsonMapper.shared().createObjectNode();
    event.put("apiVersion", "v1").put("kind", "Event");
    event
        .putObject("metadata")
        .put("generateName", about.name() + ".")
        .put("namespace", about.namespace());
    ObjectNode object = event.putObject("involvedObject");
    object.put("apiVersion", about.apiVersion()).put("kind", about.kind());
    object.put("name", about.name()).put("namespace", about.namespace());
    if (!about.uid().isEmpty()) {
      object.put("uid", about.uid());
    }
    event.put("type", warning ? "Warning" : "Normal");
    event.put("reason", Printable.oneLine(reason, MAX_WORD));
    event.put("message", Printable.oneLine(message, MAX_MESSAGE));
    event.putObject("source").put("component", KubernetesClient.US);
    event.put("reportingComponent", KubernetesClient.US);
    event.put("reportingInstance", Printable.oneLine(replica, MAX_WORD));
    event.put("firstTimestamp", when).put("lastTimestamp", when).put("count", 1);
    return event;
  }
}
