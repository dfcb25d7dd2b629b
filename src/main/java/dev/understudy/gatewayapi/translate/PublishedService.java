package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.pool.ClusterName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Service that leads to this deployment: its addresses are those of Gateways.
 *
 * @param number from 1 for the first one
 * @param key null if it is not known
 * @param ports to listen on by the ports that Gateways may ask for
 */
public record PublishedService(int number, @Nullable ObjectKey key, Map<Integer, Integer> ports) {
  public PublishedService {
    ports = Map.copyOf(ports);
  }

  /** The name of the listener of the data plane for a port of it. */
  String listener(int port) {
    return ClusterName.listener(port, number);
  }
}
