package dev.understudy.gatewayapi.cluster;

import dev.understudy.gatewayapi.object.ParentRef;
import dev.understudy.gatewayapi.object.Reference;
import dev.understudy.gatewayapi.translate.Report;
import dev.understudy.gatewayapi.translate.Report.ListenerReport;
import dev.understudy.gatewayapi.translate.Report.ParentReport;
import dev.understudy.gatewayapi.translate.StatusCondition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Pure: the status of an object that follows from a report and the observed status. What others
 * wrote stays, where it stands: conditions of types that are not ours, and parents and ancestors of
 * other controllers.
 *
 * @param observed the status as the API has it
 * @param generation of the object that the report is of
 * @param now the time of conditions whose status changes
 * @param controller our name
 */
record StatusDocument(JsonNode observed, long generation, Instant now, String controller) {
  /** Types of conditions that are ours where nobody else writes them. */
  private static final Set<String> OURS =
      Set.of("Accepted", "Programmed", "ResolvedRefs", "Conflicted", "PartiallyInvalid");

  /** Limits of the API's lists. */
  private static final int MAX_PARENTS = 32;

  private static final int MAX_ANCESTORS = 16;

  private static final String BALANCER = "loadBalancer";
  private static final String INGRESS = "ingress";
  private static final String CONDITIONS = "conditions";
  private static final String CONTROLLER = "controllerName";
  private static final String GENERATION = "observedGeneration";
  private static final String GROUP = "group";
  private static final String NAME = "name";
  private static final String NAMESPACE = "namespace";
  private static final String SINCE = "lastTransitionTime";
  private static final String STATUS = "status";

  /**
   * The fields of the new status that are ours, for a merge patch; empty if the observed status has
   * them.
   *
   * @param serving the state of a FailoverPolicy's pool; null if it is not known
   */
  Optional<ObjectNode> of(Report report, @Nullable ServingState serving) {
    ObjectNode next = object();
    switch (report) {
      case Report.OfClass of -> {
        next.set(CONDITIONS, conditions(observed, of.conditions()));
        next.set("supportedFeatures", features(of.features()));
      }
      case Report.OfGateway of -> {
        next.set(CONDITIONS, conditions(observed, of.conditions()));
        next.set("listeners", listeners(of.listeners()));
        ArrayNode addresses = next.putArray("addresses");
        of.addresses()
            .forEach(
                each -> addresses.addObject().put("type", each.type()).put("value", each.value()));
        next.put("attachedListenerSets", of.listenerSets());
      }
      case Report.OfListenerSet of -> {
        next.set(CONDITIONS, conditions(observed, of.conditions()));
        next.set("listeners", listeners(of.listeners()));
      }
      case Report.OfRoute of -> {
        next.set("parents", places("parents", "parentRef", of.parents(), MAX_PARENTS));
      }
      case Report.OfBackendTls of -> {
        next.set("ancestors", places("ancestors", "ancestorRef", of.ancestors(), MAX_ANCESTORS));
      }
      case Report.OfIngress of -> {
        ArrayNode addresses = next.putObject(BALANCER).putArray(INGRESS);
        of.addresses()
            .forEach(
                each ->
                    addresses
                        .addObject()
                        .put(each.type().equals("IPAddress") ? "ip" : "hostname", each.value()));
        if (addresses.isEmpty() && isNothing(observed.path(BALANCER).get(INGRESS))) {
          return Optional.empty();
        }
      }
      case Report.OfFailover of -> {
        next.set(CONDITIONS, conditions(observed, of.conditions()));
        serving(next, of.pool() == null ? null : serving);
      }
    }
    // Read anew, so that numbers have the form that they have in the observed status.
    JsonNode read = JsonMapper.shared().readTree(next.toString());
    return says(read) ? Optional.empty() : Optional.of(next);
  }

  /** Whether the observed status has these fields. Null and an empty array are as good as none. */
  private boolean says(JsonNode next) {
    return next.propertyStream()
        .allMatch(
            each -> {
              JsonNode known = observed.get(each.getKey());
              return isNothing(each.getValue()) ? isNothing(known) : each.getValue().equals(known);
            });
  }

  private static boolean isNothing(@Nullable JsonNode node) {
    return node == null || node.isNull() || (node.isArray() && node.isEmpty());
  }

  /** A document without the times of its conditions, by which two can be compared. */
  static JsonNode withoutTimes(JsonNode document) {
    JsonNode copy = document.deepCopy();
    copy.findParents(SINCE).forEach(each -> ((ObjectNode) each).remove(SINCE));
    return copy;
  }

  /** Whether a status has an entry of ours among its parents or ancestors. */
  static boolean isIn(JsonNode status, String controller) {
    return Stream.of("parents", "ancestors")
        .flatMap(list -> status.path(list).valueStream())
        .anyMatch(each -> each.path(CONTROLLER).asString("").equals(controller));
  }

  private static ObjectNode object() {
    return JsonMapper.shared().createObjectNode();
  }

  private static ArrayNode array() {
    return JsonMapper.shared().createArrayNode();
  }

  private static ArrayNode features(List<String> names) {
    ArrayNode features = array();
    names.stream().sorted().forEach(each -> features.addObject().put(NAME, each));
    return features;
  }

  private static void serving(ObjectNode next, @Nullable ServingState state) {
    if (state == null) {
      next.putNull("serving").putNull("epoch").putNull("since");
      return;
    }
    Instant since = state.since();
    next.put("serving", state.serving()).put("epoch", state.epoch());
    next.put("since", since == null ? null : seconds(since));
  }

  private static String seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private ArrayNode listeners(List<ListenerReport> reports) {
    ArrayNode listeners = array();
    for (ListenerReport each : reports) {
      ObjectNode listener = listeners.addObject().put(NAME, each.name());
      ArrayNode kinds = listener.putArray("supportedKinds");
      each.kinds()
          .forEach(kind -> kinds.addObject().put(GROUP, kind.group()).put("kind", kind.kind()));
      listener.put("attachedRoutes", each.routes());
      listener.set(CONDITIONS, conditions(before(each.name()), each.conditions()));
    }
    return listeners;
  }

  /** The observed status of a listener. */
  private JsonNode before(String listener) {
    return observed
        .path("listeners")
        .valueStream()
        .filter(each -> each.path(NAME).asString("").equals(listener))
        .findFirst()
        .orElseGet(StatusDocument::object);
  }

  /** The list of parents or ancestors. */
  private ArrayNode places(String list, String reference, List<ParentReport> ours, int most) {
    Map<JsonNode, List<StatusCondition>> missing = new LinkedHashMap<>();
    ours.forEach(each -> missing.put(reference(each.parent()), each.conditions()));
    ArrayNode places = array();
    for (JsonNode each : observed.path(list)) {
      if (!each.path(CONTROLLER).asString("").equals(controller)) {
        places.add(each);
        continue;
      }
      JsonNode known = JsonMapper.shared().readTree(each.path(reference).toString());
      List<StatusCondition> conditions = missing.remove(known);
      if (conditions != null) {
        places.add(place(reference, known, each, conditions));
      }
    }
    missing.forEach(
        (to, conditions) -> {
          if (places.size() < most) {
            places.add(place(reference, to, object(), conditions));
          }
        });
    return places;
  }

  private ObjectNode place(
      String reference, JsonNode to, JsonNode before, List<StatusCondition> conditions) {
    ObjectNode place = object();
    place.set(reference, to);
    place.put(CONTROLLER, controller);
    place.set(CONDITIONS, conditions(before, conditions));
    return place;
  }

  private static JsonNode reference(ParentRef parent) {
    Reference to = parent.to();
    ObjectNode reference = object().put(GROUP, to.group()).put("kind", to.kind());
    if (parent.namespaced()) {
      reference.put(NAMESPACE, to.namespace());
    }
    reference.put(NAME, to.name());
    if (parent.sectionName() != null) {
      reference.put("sectionName", parent.sectionName());
    }
    if (parent.port() != null) {
      reference.put("port", parent.port());
    }
    return reference;
  }

  /**
   * Conditions: those of others and ours where they stand, then ours that are new. One that was
   * observed of a later generation than the report's stays.
   */
  private ArrayNode conditions(JsonNode before, List<StatusCondition> reported) {
    Map<String, StatusCondition> ours = new LinkedHashMap<>();
    reported.forEach(each -> ours.put(each.type(), each));
    ArrayNode conditions = array();
    for (JsonNode each : before.path(CONDITIONS)) {
      String type = each.path("type").asString("");
      StatusCondition now = ours.remove(type);
      if (each.path(GENERATION).asLong(0) > generation || (now == null && !OURS.contains(type))) {
        conditions.add(each);
      } else if (now != null) {
        conditions.add(condition(now, each));
      }
    }
    ours.values().forEach(each -> conditions.add(condition(each, object())));
    return conditions;
  }

  private ObjectNode condition(StatusCondition condition, JsonNode before) {
    String status = condition.holds() ? "True" : "False";
    String since = before.path(SINCE).asString("");
    boolean kept = before.path(STATUS).asString("").equals(status) && !since.isEmpty();
    return object()
        .put("type", condition.type())
        .put(STATUS, status)
        .put("reason", condition.reason())
        .put("message", condition.message())
        .put(GENERATION, generation)
        .put(SINCE, kept ? since : seconds(now));
  }
}
