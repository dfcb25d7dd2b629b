package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Gateway.Address;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.Service;
import java.util.List;
import java.util.regex.Pattern;

/** A published Service with the addresses that it has now. */
record AddressedService(PublishedService service, List<Address> addresses) {
  static final String IP = "IPAddress";
  static final String HOSTNAME = "Hostname";

  /** The most that status can have. */
  static final int MOST = 16;

  private static final Pattern IPV4 = Pattern.compile("[0-9.]+");

  AddressedService {
    addresses = List.copyOf(addresses);
  }

  static AddressedService of(PublishedService published, ClusterObjects objects) {
    ObjectKey key = published.key();
    Service service = key == null ? null : objects.get(ObjectKind.SERVICE, key, Service.class);
    return new AddressedService(
        published,
        service == null
            ? List.of()
            : service.addresses().stream().limit(MOST).map(AddressedService::typed).toList());
  }

  private static Address typed(String value) {
    boolean isLiteral = value.indexOf(':') >= 0 || IPV4.matcher(value).matches();
    return new Address(isLiteral ? IP : HOSTNAME, value);
  }

  /** Whether it has an address, or any of the type. */
  boolean has(Address wanted) {
    return addresses.stream().anyMatch(each -> fits(wanted, each));
  }

  /** Those of its addresses that a Gateway asks for by one of its own. */
  List<Address> matching(Address wanted) {
    return addresses.stream().filter(each -> fits(wanted, each)).toList();
  }

  private static boolean fits(Address wanted, Address found) {
    return wanted.type().equals(found.type())
        && (wanted.value().isEmpty() || wanted.value().equalsIgnoreCase(found.value()));
  }
}
