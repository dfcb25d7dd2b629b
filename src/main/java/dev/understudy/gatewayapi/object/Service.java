package dev.understudy.gatewayapi.object;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A Service.
 *
 * @param external whether it is the name of something outside (ExternalName)
 * @param addresses of its load balancer, else of the cluster; none for a headless one
 */
public record Service(Meta meta, boolean external, List<Port> ports, List<String> addresses)
    implements ClusterObject {
  /**
   * A TCP port of it.
   *
   * @param name as its EndpointSlices have it; empty for the only one
   * @param appProtocol what is spoken there; null if it does not say
   */
  public record Port(String name, int number, @Nullable String appProtocol) {}

  public Service {
    ports = List.copyOf(ports);
    addresses = List.copyOf(addresses);
  }

  @Override
  public ObjectKind kind() {
    return ObjectKind.SERVICE;
  }

  /** The port of that number; null if there is none, or no number. */
  public @Nullable Port port(@Nullable Integer number) {
    return ports.stream()
        .filter(each -> Objects.equals(each.number(), number))
        .findFirst()
        .orElse(null);
  }

  /** The port of that name; null if there is none. */
  public @Nullable Port port(String name) {
    return ports.stream().filter(each -> each.name().equals(name)).findFirst().orElse(null);
  }
}
