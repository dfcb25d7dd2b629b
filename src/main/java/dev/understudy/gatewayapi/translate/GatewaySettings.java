package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ObjectKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this deployment is to Gateways.
 *
 * @param controller the name of this implementation, which GatewayClasses have
 * @param ports ports to listen on by the ports that Gateways may ask for
 * @param service the Service whose addresses are those of all Gateways; null if it is not known
 */
public record GatewaySettings(
    String controller, Map<Integer, Integer> ports, @Nullable ObjectKey service) {
  public GatewaySettings {
    ports = Map.copyOf(ports);
  }
}
