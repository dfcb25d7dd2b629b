package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.Gateway;
import dev.understudy.gatewayapi.object.ListenerEntry;
import org.jspecify.annotations.Nullable;

/**
 * A listener that serves: valid, without a conflict, at a port that this deployment has.
 *
 * @param gateway whose address it has
 * @param owner the Gateway itself, or the ListenerSet that added it
 * @param id of the listener of the data plane, which all share that have the same port of one
 *     Service: {@code gw.80}
 */
public record BoundListener(Gateway gateway, ClusterObject owner, ListenerEntry entry, String id) {
  /** Whether TLS of its clients ends here. */
  public boolean endsTls() {
    ListenerEntry.Tls tls = entry.tls();
    return tls != null && !tls.passthrough();
  }

  public @Nullable String hostname() {
    return entry.hostname();
  }
}
