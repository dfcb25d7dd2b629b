package dev.understudy.gatewayapi.cluster;

import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Ingress;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.translate.ObjectId;
import dev.understudy.gatewayapi.translate.Report;
import dev.understudy.gatewayapi.translate.StatusCondition;
import dev.understudy.kubernetes.ObjectEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Events about problems of Ingresses, which have no conditions. They are posted when they change,
 * and again by a replica that begins to lead.
 */
final class IngressEvents {
  private Map<ObjectId, List<StatusCondition>> told = Map.of();

  /** The Events of what was not wrong before. */
  List<ObjectEvent> ofNewProblems(
      ClusterObjects objects, Map<ObjectId, Report> reports, String replica, Instant at) {
    Map<ObjectId, List<StatusCondition>> wrong = new HashMap<>();
    List<ObjectEvent> events = new ArrayList<>();
    for (Ingress each : objects.all(ObjectKind.INGRESS, Ingress.class)) {
      ObjectId id = ObjectId.of(each);
      if (!(reports.get(id) instanceof Report.OfIngress of) || of.problems().isEmpty()) {
        continue;
      }
      wrong.put(id, of.problems());
      if (!of.problems().equals(told.get(id))) {
        String sentences =
            of.problems().stream()
                .map(StatusCondition::message)
                .distinct()
                .collect(Collectors.joining("; "));
        String reason = of.problems().getFirst().reason();
        ObjectEvent.About about = PolicyEvents.about(each.kind(), each.meta());
        events.add(new ObjectEvent(about, reason, sentences, true, replica, at));
      }
    }
    told = wrong;
    return events;
  }
}
