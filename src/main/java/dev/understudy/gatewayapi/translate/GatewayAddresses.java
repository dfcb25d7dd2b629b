package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Gateway;
import dev.understudy.gatewayapi.object.Gateway.Address;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a Gateway: those of the deployment's Service, or of these the ones that it asks
 * for.
 *
 * @param unsupported why it cannot be accepted; null if it can
 * @param missing why it is not programmed; null if it has what it asks for
 */
record GatewayAddresses(
    List<Address> assigned,
    @Nullable StatusCondition unsupported,
    @Nullable StatusCondition missing) {
  private static final String IP = "IPAddress";
  private static final String HOSTNAME = "Hostname";

  /** The most that status can have. */
  private static final int MOST = 16;

  private static final Pattern IPV4 = Pattern.compile("[0-9.]+");

  GatewayAddresses {
    assigned = List.copyOf(assigned);
  }

  /** Finds the addresses of a Gateway. */
  static GatewayAddresses of(Gateway gateway, ClusterObjects objects, GatewaySettings settings) {
    ObjectKey key = settings.service();
    Service service = key == null ? null : objects.get(ObjectKind.SERVICE, key, Service.class);
    List<Address> all =
        service == null
            ? List.of()
            : service.addresses().stream().limit(MOST).map(GatewayAddresses::typed).toList();
    List<Address> assigned = new ArrayList<>();
    StatusCondition missing = null;
    for (Address each : gateway.addresses()) {
      if (!each.type().equals(IP) && !each.type().equals(HOSTNAME)) {
        return new GatewayAddresses(
            List.of(),
            StatusCondition.no(
                StatusCondition.ACCEPTED,
                "UnsupportedAddress",
                "Addresses of the type " + each.type() + " are not supported."),
            null);
      }
      List<Address> found = all.stream().filter(other -> fits(each, other)).toList();
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
    return new GatewayAddresses(assigned.stream().distinct().limit(MOST).toList(), null, missing);
  }

  private static Address typed(String value) {
    boolean isLiteral = value.indexOf(':') >= 0 || IPV4.matcher(value).matches();
    return new Address(isLiteral ? IP : HOSTNAME, value);
  }

  private static boolean fits(Address wanted, Address found) {
    return wanted.type().equals(found.type())
        && (wanted.value().isEmpty() || wanted.value().equalsIgnoreCase(found.value()));
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
