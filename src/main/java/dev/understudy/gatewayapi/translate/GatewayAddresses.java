package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.Gateway;
import dev.understudy.gatewayapi.object.Gateway.Address;
import dev.understudy.gatewayapi.object.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a Gateway: those of its Service, or of these the ones that it asks for.
 *
 * @param unsupported why it cannot be accepted; null if it can
 * @param missing why it is not programmed; null if it has what it asks for
 */
record GatewayAddresses(
    List<Address> assigned,
    @Nullable StatusCondition unsupported,
    @Nullable StatusCondition missing) {
  GatewayAddresses {
    assigned = List.copyOf(assigned);
  }

  /** Finds the addresses of a Gateway. */
  static GatewayAddresses of(Gateway gateway, AddressedService service) {
    ObjectKey key = service.service().key();
    List<Address> all = service.addresses();
    List<Address> assigned = new ArrayList<>();
    StatusCondition missing = null;
    for (Address each : gateway.addresses()) {
      if (!each.type().equals(AddressedService.IP)
          && !each.type().equals(AddressedService.HOSTNAME)) {
        return new GatewayAddresses(
            List.of(),
            StatusCondition.no(
                StatusCondition.ACCEPTED,
                "UnsupportedAddress",
                "Addresses of the type " + each.type() + " are not supported."),
            null);
      }
      List<Address> found = service.matching(each);
      assigned.addAll(found);
      if (found.isEmpty() && missing == null) {
        missing = missing(each, key);
      }
    }
    if (gateway.addresses().isEmpty()) {
      assigned.addAll(all);
    }
    if (all.isEmpty() && missing == null) {
      missing = missing(new Address("", ""), key);
    }
    return new GatewayAddresses(
        assigned.stream().distinct().limit(AddressedService.MOST).toList(), null, missing);
  }

  private static StatusCondition missing(Address wanted, @Nullable ObjectKey service) {
    String why =
        service == null
            ? "no Service is set whose addresses Gateways have."
            : "Service " + service + " has no such address.";
    return wanted.value().isEmpty()
        ? StatusCondition.no(
            StatusCondition.PROGRAMMED, "AddressNotAssigned", "No address is assigned: " + why)
        : StatusCondition.no(
            StatusCondition.PROGRAMMED,
            "AddressNotUsable",
            "Address " + wanted.value() + " cannot be used: " + why);
  }
}
