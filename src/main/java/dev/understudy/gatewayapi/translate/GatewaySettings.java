package dev.understudy.gatewayapi.translate;

import java.util.List;

/**
 * What this deployment is to Gateways.
 *
 * @param controller the name of this implementation, which GatewayClasses have
 * @param services at least one
 */
public record GatewaySettings(String controller, List<PublishedService> services) {
  public GatewaySettings {
    services = List.copyOf(services);
  }

  /** The first Service, which Ingresses have too. */
  PublishedService main() {
    return services.getFirst();
  }
}
