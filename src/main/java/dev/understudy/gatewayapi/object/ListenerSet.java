package dev.understudy.gatewayapi.object;

import java.util.List;

/**
 * A ListenerSet: listeners that are added to a Gateway.
 *
 * @param parent the Gateway
 */
public record ListenerSet(Meta meta, Reference parent, List<ListenerEntry> listeners)
    implements ClusterObject {
  public ListenerSet {
    listeners = List.copyOf(listeners);
  }

  @Override
  public ObjectKind kind() {
    return ObjectKind.LISTENER_SET;
  }
}
