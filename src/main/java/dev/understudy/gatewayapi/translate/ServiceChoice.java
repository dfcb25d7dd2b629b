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
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The Service of each Gateway: the one whose addresses it asks for, else the one that it has by its
 * status, or had here while its status does not say, else the one whose ports of its listeners the
 * fewest Gateways have, so that they share addresses only where there are not enough. A Gateway
 * keeps its addresses whatever becomes of others. For one thread at a time.
 */
final class ServiceChoice {
  private record Use(AddressedService service, int port) {}

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
    List<Gateway> rest = new ArrayList<>();
    for (Gateway each : gateways) {
      AddressedService known =
          Ingresses.isOne(each) || services.size() == 1
              ? services.getFirst()
              : known(each, before.get(each.key()));
      if (known == null) {
        rest.add(each);
      } else {
        choose(each, known);
      }
    }
    for (Gateway each : rest) {
      choose(each, leastUsed(ports(each)));
    }
  }

  AddressedService of(Gateway gateway) {
    return chosen.getOrDefault(gateway.key(), services.getFirst());
  }

  private void choose(Gateway gateway, AddressedService service) {
    chosen.put(gateway.key(), service);
    for (int port : ports(gateway)) {
      uses.merge(new Use(service, port), 1, Integer::sum);
    }
  }

  private @Nullable AddressedService known(Gateway gateway, @Nullable AddressedService before) {
    AddressedService asked =
        first(
            service ->
                gateway.addresses().stream()
                    .anyMatch(each -> !each.value().isEmpty() && service.has(each)));
    if (asked != null) {
      return asked;
    }
    JsonNode had = gateway.meta().status().path("addresses");
    AddressedService shown =
        first(
            service ->
                had.valueStream()
                    .anyMatch(
                        each ->
                            service.has(
                                new Address(
                                    each.path("type").asString(""),
                                    each.path("value").asString("")))));
    return shown != null || before == null
        ? shown
        : first(service -> service.service().equals(before.service()));
  }

  private @Nullable AddressedService first(Predicate<AddressedService> fits) {
    return services.stream().filter(fits).findFirst().orElse(null);
  }

  private AddressedService leastUsed(Set<Integer> ports) {
    return services.stream()
        .filter(each -> each.service().ports().keySet().containsAll(ports))
        .min(Comparator.comparingInt(each -> used(each, ports)))
        .orElseGet(services::getFirst);
  }

  private int used(AddressedService service, Set<Integer> ports) {
    return ports.stream().mapToInt(port -> uses.getOrDefault(new Use(service, port), 0)).sum();
  }

  private static Set<Integer> ports(Gateway gateway) {
    return gateway.listeners().stream().map(ListenerEntry::port).collect(Collectors.toSet());
  }
}
