package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Gateway;
import dev.understudy.gatewayapi.object.GatewayClass;
import dev.understudy.gatewayapi.object.ListenerSet;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.translate.RouteAttachments.ListenerName;
import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All listeners of our Gateways and their ListenerSets, which routes attach to them, and what the
 * status of these objects is to say.
 */
final class ListenerPlan {
  private final GatewaySettings settings;
  private final List<GatewayClass> classes;
  private final List<PlannedGateway> gateways;
  private final RouteAttachments attachments;

  private ListenerPlan(
      ClusterObjects objects,
      GatewaySettings settings,
      List<GatewayClass> classes,
      List<PlannedGateway> gateways) {
    this.settings = settings;
    this.classes = classes;
    this.gateways = gateways;
    Map<ObjectId, List<PlannedListener>> owners = new HashMap<>();
    for (PlannedGateway each : gateways) {
      owners.put(ObjectId.of(each.gateway()), each.own());
      each.sets().forEach(set -> owners.put(ObjectId.of(set.set()), set.listeners()));
    }
    this.attachments = new RouteAttachments(objects, owners);
  }

  /**
   * Makes the plan.
   *
   * @param secrets kept from plan to plan
   * @param services kept from plan to plan
   */
  static ListenerPlan of(
      ClusterObjects objects,
      GatewaySettings settings,
      SecretKeys secrets,
      ServiceChoice services) {
    secrets.begin();
    List<GatewayClass> classes =
        objects.all(ObjectKind.GATEWAY_CLASS, GatewayClass.class).stream()
            .filter(each -> each.controller().equals(settings.controller()))
            .toList();
    Map<String, GatewayClass> byName =
        classes.stream().collect(Collectors.toMap(each -> each.key().name(), each -> each));
    Map<ObjectKey, List<ListenerSet>> sets =
        objects.all(ObjectKind.LISTENER_SET, ListenerSet.class).stream()
            .filter(each -> each.parent().isOf(ObjectKind.GATEWAY))
            .collect(Collectors.groupingBy(each -> each.parent().key()));
    List<Gateway> ours = new ArrayList<>();
    for (Gateway each : objects.all(ObjectKind.GATEWAY, Gateway.class)) {
      GatewayClass ofClass = byName.get(each.gatewayClass());
      if (ofClass != null && Ingresses.mayHave(each, ofClass)) {
        ours.add(each);
      }
    }
    services.choose(objects, ours);
    GatewayPlanner planner = new GatewayPlanner(objects, services, secrets);
    List<PlannedGateway> gateways = new ArrayList<>();
    for (Gateway each : ours) {
      GatewayClass ofClass = Objects.requireNonNull(byName.get(each.gatewayClass()));
      gateways.add(planner.plan(each, ofClass, sets.getOrDefault(each.key(), List.of())));
    }
    return new ListenerPlan(objects, settings, classes, gateways);
  }

  /** All listeners that serve, those of older Gateways first. */
  List<BoundListener> listeners() {
    return serving().stream().map(PlannedListener::bound).toList();
  }

  private List<PlannedListener> serving() {
    return gateways.stream()
        .flatMap(PlannedGateway::listeners)
        .filter(PlannedListener::serves)
        .toList();
  }

  /** A route at each of its parents that is ours. */
  List<Attachment> attach(Route route) {
    return attachments.of(route);
  }

  /**
   * The listeners of the data plane.
   *
   * @param accepted attachments of all routes that are accepted
   * @param pools the pool of a TLSRoute or TCPRoute; null if none of its backends can be used
   */
  List<Listener> dataPlane(
      Collection<Attachment> accepted, Function<Route, @Nullable PoolId> pools) {
    return new PortListeners(accepted, pools).of(serving());
  }

  /**
   * What the status of GatewayClasses, Gateways and ListenerSets is to say.
   *
   * @param accepted attachments of all routes that are accepted
   */
  Map<ObjectId, Report> reports(Collection<Attachment> accepted) {
    Map<ListenerName, Set<ObjectId>> attached = attachments.attached(accepted);
    ToIntFunction<PlannedListener> routes =
        each -> attached.getOrDefault(ListenerName.of(each), Set.of()).size();
    Map<ObjectId, Report> reports = new LinkedHashMap<>();
    for (GatewayClass each : classes) {
      StatusCondition condition =
          each.hasParameters()
              ? GatewayPlanner.invalidParameters("A parametersRef")
              : StatusCondition.yes(StatusCondition.ACCEPTED);
      reports.put(
          ObjectId.of(each), new Report.OfClass(List.of(condition), GatewayFeatures.of(settings)));
    }
    for (PlannedGateway each : gateways) {
      reports.put(ObjectId.of(each.gateway()), each.report(routes));
      for (PlannedListenerSet set : each.sets()) {
        reports.put(ObjectId.of(set.set()), set.report(each.isProgrammed(), routes));
      }
    }
    return reports;
  }
}
