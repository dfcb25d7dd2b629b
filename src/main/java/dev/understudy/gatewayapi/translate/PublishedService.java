package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.pool.ClusterName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Service that leads to this deployment: its addresses are those of Gateways.
 *
 * @param key null if it is not known
 * @param further null for the first one, else its name, which the names of its listeners end with
 * @param ports to listen on by the ports that Gateways may ask for
 */
public record PublishedService(
    @Nullable ObjectKey key, @Nullable String further, Map<Integer, Integer> ports) {
  public PublishedService {
    ports = Map.copyOf(ports);
  }

  /** The name of the listener of the data plane for a port of it. */
  String listener(int port) {
    return ClusterName.listener(port, further);
  }
}
