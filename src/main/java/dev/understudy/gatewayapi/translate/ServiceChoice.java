package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Gateway;
import dev.understudy.gatewayapi.object.Gateway.Address;
import dev.understudy.gatewayapi.object.ListenerEntry;
import dev.understudy.gatewayapi.object.ObjectKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The Service of each Gateway: the one whose addresses it asks for, else the one whose addresses
 * its status has, else the one that it had here, as the status is written later and by one replica
 * alone. A new Gateway gets, of those with all its ports, the one that the fewest Gateways of other
 * namespaces have at these ports, then the fewest of its own: they share addresses only where there
 * are not enough. So nobody else's Gateway moves its addresses. For one thread at a time.
 */
final class ServiceChoice {
  /**
   * What Gateways have.
   *
   * @param namespace whose Gateways; null for those of all
   */
  private record Use(AddressedService service, int port, @Nullable String namespace) {}

  private final GatewaySettings settings;
  private final Map<Use, Integer> uses = new HashMap<>();
  private List<AddressedService> services = List.of();
  private Map<ObjectKey, AddressedService> chosen = Map.of();

  ServiceChoice(GatewaySettings settings) {
    this.settings = settings;
  }

  /**
   * Chooses anew.
   *
   * @param gateways all that are ours, the oldest first
   */
  void choose(ClusterObjects objects, List<Gateway> gateways) {
    Map<ObjectKey, AddressedService> before = chosen;
    services =
        settings.services().stream().map(each -> AddressedService.of(each, objects)).toList();
    chosen = new HashMap<>();
    uses.clear();
    if (services.size() == 1) {
      return;
    }
    List<Gateway> fresh = new ArrayList<>();
    for (Gateway each : gateways) {
      AddressedService known =
          Ingresses.isOne(each) ? services.getFirst() : known(each, before.get(each.key()));
      if (known == null) {
        fresh.add(each);
      } else {
        choose(each, known);
      }
    }
    fresh.forEach(each -> choose(each, leastUsed(each)));
  }

  AddressedService of(Gateway gateway) {
    return chosen.getOrDefault(gateway.key(), services.getFirst());
  }

  private void choose(Gateway gateway, AddressedService service) {
    chosen.put(gateway.key(), service);
    for (int port : ports(gateway)) {
      uses.merge(new Use(service, port, null), 1, Integer::sum);
      uses.merge(new Use(service, port, gateway.meta().namespace()), 1, Integer::sum);
    }
  }

  private @Nullable AddressedService known(Gateway gateway, @Nullable AddressedService before) {
    AddressedService had = before == null ? null : now(before);
    List<Address> asked =
        gateway.addresses().stream().filter(each -> !each.value().isEmpty()).toList();
    List<Address> shown =
        gateway
            .meta()
            .status()
            .path("addresses")
            .valueStream()
            .map(
                each ->
                    new Address(each.path("type").asString(""), each.path("value").asString("")))
            .toList();
    for (List<Address> each : List.of(asked, shown)) {
      AddressedService found = with(each, had, ports(gateway));
      if (found != null) {
        return found;
      }
    }
    // Without addresses in its status, what asks for others is at one place in every replica.
    return asked.isEmpty() ? had : services.getFirst();
  }

  private @Nullable AddressedService now(AddressedService before) {
    return services.stream()
        .filter(each -> each.service().equals(before.service()))
        .findFirst()
        .orElse(null);
  }

  /**
   * One that has any of the addresses. Services may share an address, by other ports: one with all
   * ports of the Gateway comes first, then the one that it had.
   */
  private @Nullable AddressedService with(
      List<Address> addresses, @Nullable AddressedService had, Set<Integer> ports) {
    return services.stream()
        .filter(service -> addresses.stream().anyMatch(service::has))
        .min(
            Comparator.comparing((AddressedService each) -> !hasPorts(each, ports))
                .thenComparing(each -> !each.equals(had)))
        .orElse(null);
  }

  private AddressedService leastUsed(Gateway gateway) {
    Set<Integer> ports = ports(gateway);
    String own = gateway.meta().namespace();
    return services.stream()
        .filter(each -> hasPorts(each, ports))
        .min(
            Comparator.comparing((AddressedService each) -> each.addresses().isEmpty())
                .thenComparingInt(each -> used(each, ports, null) - used(each, ports, own))
                .thenComparingInt(each -> used(each, ports, own)))
        .orElseGet(services::getFirst);
  }

  private static boolean hasPorts(AddressedService service, Set<Integer> ports) {
    return service.service().ports().keySet().containsAll(ports);
  }

  private int used(AddressedService service, Set<Integer> ports, @Nullable String namespace) {
    return ports.stream()
        .mapToInt(port -> uses.getOrDefault(new Use(service, port, namespace), 0))
        .sum();
  }

  private static Set<Integer> ports(Gateway gateway) {
    return gateway.listeners().stream().map(ListenerEntry::port).collect(Collectors.toSet());
  }
}
