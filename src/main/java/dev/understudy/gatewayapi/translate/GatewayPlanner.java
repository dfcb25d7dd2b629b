package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Gateway;
import dev.understudy.gatewayapi.object.GatewayClass;
import dev.understudy.gatewayapi.object.ListenerEntry;
import dev.understudy.gatewayapi.object.ListenerSet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans our Gateways one after the other, the oldest first. */
final class GatewayPlanner {
  private final ClusterObjects objects;
  private final ServiceChoice services;
  private final ListenerCheck check;
  private final PortConflicts conflicts = new PortConflicts();

  GatewayPlanner(ClusterObjects objects, ServiceChoice services, SecretKeys secrets) {
    this.objects = objects;
    this.services = services;
    this.check = new ListenerCheck(objects, secrets);
  }

  /**
   * Plans the next Gateway.
   *
   * @param sets those that name it, the oldest first
   */
  PlannedGateway plan(Gateway gateway, GatewayClass ofClass, List<ListenerSet> sets) {
    AddressedService addressed = services.of(gateway);
    PublishedService service = addressed.service();
    GatewayAddresses addresses = GatewayAddresses.of(gateway, addressed);
    StatusCondition refusal = refusal(gateway, ofClass);
    if (refusal == null) {
      refusal = addresses.unsupported();
    }
    boolean blocked = refusal != null;
    List<List<PlannedListener>> groups = new ArrayList<>();
    groups.add(checked(gateway, service, gateway, gateway.listeners(), blocked));
    for (ListenerSet each : sets) {
      groups.add(
          allows(gateway, each)
              ? checked(gateway, service, each, each.listeners(), blocked)
              : List.of());
    }
    List<List<PlannedListener>> decided = conflicts.add(groups);
    List<PlannedListenerSet> planned = new ArrayList<>();
    for (ListenerSet each : sets) {
      planned.add(
          new PlannedListenerSet(
              each, refusal(gateway, each, blocked), decided.get(planned.size() + 1)));
    }
    return new PlannedGateway(gateway, refusal, addresses, decided.get(0), planned);
  }

  private List<PlannedListener> checked(
      Gateway gateway,
      PublishedService service,
      ClusterObject owner,
      List<ListenerEntry> listeners,
      boolean blocked) {
    return listeners.stream()
        .map(each -> check.check(gateway, service, owner, each, blocked))
        .toList();
  }

  private boolean allows(Gateway gateway, ListenerSet set) {
    String namespace = set.meta().namespace();
    return gateway
        .allowedListeners()
        .contains(gateway.meta().namespace(), namespace, objects.labelsOf(namespace));
  }

  private @Nullable StatusCondition refusal(Gateway gateway, ListenerSet set, boolean blocked) {
    if (!allows(gateway, set)) {
      return PlannedListenerSet.notAllowed();
    }
    return blocked ? PlannedListenerSet.withoutParent() : null;
  }

  private static @Nullable StatusCondition refusal(Gateway gateway, GatewayClass ofClass) {
    if (ofClass.hasParameters()) {
      return invalidParameters("A parametersRef of GatewayClass " + ofClass.key());
    }
    return gateway.hasParameters()
        ? invalidParameters("A parametersRef of the infrastructure")
        : null;
  }

  /** The condition of what has a {@code parametersRef}. */
  static StatusCondition invalidParameters(String what) {
    return StatusCondition.no(
        StatusCondition.ACCEPTED, "InvalidParameters", what + " is not supported.");
  }
}
