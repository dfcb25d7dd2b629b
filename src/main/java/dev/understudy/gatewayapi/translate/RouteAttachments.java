package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.ListenerEntry.GroupKind;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.ParentRef;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.translate.Attachment.Place;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the listeners that routes attach to: those that take them, whether they serve or not. */
final class RouteAttachments {
  private final ClusterObjects objects;
  private final Map<ObjectId, List<PlannedListener>> owners;

  /**
   * @param owners listeners by the Gateway or ListenerSet that has them
   */
  RouteAttachments(ClusterObjects objects, Map<ObjectId, List<PlannedListener>> owners) {
    this.objects = objects;
    this.owners = Map.copyOf(owners);
  }

  /**
   * A route, with what all listeners ask of it.
   *
   * @param labels of its namespace
   * @param hostnames those that are valid
   */
  private record Candidate(
      Route route, GroupKind kind, Map<String, String> labels, List<String> hostnames) {}

  /** A listener among all. */
  record ListenerName(ObjectId owner, String name) {
    static ListenerName of(PlannedListener listener) {
      return new ListenerName(ObjectId.of(listener.owner()), listener.entry().name());
    }
  }

  /** A route at each of its parents that is ours. */
  List<Attachment> of(Route route) {
    Candidate candidate = candidate(route);
    List<Attachment> attachments = new ArrayList<>();
    for (ParentRef each : route.parents()) {
      List<PlannedListener> listeners = listeners(each);
      if (listeners != null) {
        attachments.add(attachment(candidate, each, listeners));
      }
    }
    return attachments;
  }

  /** The routes that are attached to each listener; listeners without any are left out. */
  Map<ListenerName, Set<ObjectId>> attached(Collection<Attachment> accepted) {
    Map<ListenerName, Set<ObjectId>> routes = new HashMap<>();
    for (Attachment each : accepted) {
      for (ListenerName listener : each.listeners()) {
        routes.computeIfAbsent(listener, fresh -> new HashSet<>()).add(ObjectId.of(each.route()));
      }
    }
    return routes;
  }

  private @Nullable List<PlannedListener> listeners(ParentRef parent) {
    for (ObjectKind kind : List.of(ObjectKind.GATEWAY, ObjectKind.LISTENER_SET)) {
      if (parent.to().isOf(kind)) {
        return owners.get(new ObjectId(kind, parent.to().key()));
      }
    }
    return null;
  }

  private Candidate candidate(Route route) {
    return new Candidate(
        route,
        GroupKind.of(route.kind()),
        objects.labelsOf(route.meta().namespace()),
        route.hostnames().stream().filter(Hostnames::isValid).toList());
  }

  private static Attachment attachment(
      Candidate candidate, ParentRef parent, List<PlannedListener> listeners) {
    Route route = candidate.route;
    List<PlannedListener> named = listeners.stream().filter(each -> isNamed(parent, each)).toList();
    if (named.isEmpty()) {
      return refused(
          route,
          parent,
          "NoMatchingParent",
          "The " + parent.to() + " has no listener" + described(parent) + ".");
    }
    List<PlannedListener> allowing =
        named.stream().filter(each -> allows(each, candidate)).toList();
    if (allowing.isEmpty()) {
      return refused(
          route,
          parent,
          "NotAllowedByListeners",
          "No listener%s takes the kind %s from namespace %s."
              .formatted(described(parent), route.kind().kind(), route.meta().namespace()));
    }
    List<ListenerName> taking = new ArrayList<>();
    List<Place> places = new ArrayList<>();
    boolean hasNone = candidate.hostnames.isEmpty() && !route.hostnames().isEmpty();
    for (PlannedListener each : hasNone ? List.<PlannedListener>of() : allowing) {
      List<String> hostnames =
          route.kind() == ObjectKind.TCP_ROUTE
              ? List.of()
              : Hostnames.common(each.entry().hostname(), candidate.hostnames);
      if (hostnames != null) {
        taking.add(ListenerName.of(each));
        if (each.serves()) {
          places.add(new Place(each.bound(), hostnames));
        }
      }
    }
    return taking.isEmpty()
        ? refused(
            route,
            parent,
            "NoMatchingListenerHostname",
            "No listener that takes the route has a hostname in common with it.")
        : new Attachment(route, parent, null, taking, places);
  }

  private static Attachment refused(Route route, ParentRef parent, String reason, String message) {
    StatusCondition refusal = StatusCondition.notAccepted(reason, message);
    return new Attachment(route, parent, refusal, List.of(), List.of());
  }

  private static boolean isNamed(ParentRef parent, PlannedListener listener) {
    return (parent.sectionName() == null || parent.sectionName().equals(listener.entry().name()))
        && (parent.port() == null || parent.port() == listener.entry().port());
  }

  private static String described(ParentRef parent) {
    return (parent.sectionName() == null ? "" : " of the name " + parent.sectionName())
        + (parent.port() == null ? "" : " with port " + parent.port());
  }

  private static boolean allows(PlannedListener listener, Candidate candidate) {
    String namespace = candidate.route.meta().namespace();
    return listener.kinds().contains(candidate.kind)
        && listener
            .entry()
            .namespaces()
            .contains(listener.owner().meta().namespace(), namespace, candidate.labels);
  }
}
