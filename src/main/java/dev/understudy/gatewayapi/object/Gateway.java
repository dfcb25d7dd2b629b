package dev.understudy.gatewayapi.object;

import java.util.List;

/**
 * A Gateway.
 *
 * @param addresses that it asks for
 * @param allowedListeners the namespaces whose ListenerSets may add listeners
 * @param hasParameters whether its infrastructure refers to parameters
 * @param verifiesClients whether {@code tls.frontend} asks for clients' certificates
 * @param hasCertificate whether {@code tls.backend} names a certificate to show to servers
 */
public record Gateway(
    Meta meta,
    String gatewayClass,
    List<ListenerEntry> listeners,
    List<Address> addresses,
    NamespaceScope allowedListeners,
    boolean hasParameters,
    boolean verifiesClients,
    boolean hasCertificate)
    implements ClusterObject {
  /**
   * An address.
   *
   * @param type {@code IPAddress}, {@code Hostname}, or another one
   * @param value empty for any of the type
   */
  public record Address(String type, String value) {}

  public Gateway {
    listeners = List.copyOf(listeners);
    addresses = List.copyOf(addresses);
  }

  @Override
  public ObjectKind kind() {
    return ObjectKind.GATEWAY;
  }
}
