package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.FailoverPolicy;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import java.util.Comparator;
import java.util.Map;

/**
 * The pool of a FailoverPolicy.
 *
 * @param names the name of the backend, or of the Pod, that each server or template stands for
 */
public record PolicyPool(FailoverPolicy policy, Pool pool, Map<ServerId, String> names) {
  public PolicyPool {
    names = Map.copyOf(names);
  }

  /** Whether a route may lead to it: no pool is for requests and for connections. */
  boolean isFor(Route route) {
    return route.kind().isOfRequests() == (pool.protocol() == ServerAddress.Protocol.HTTP);
  }

  /** The name that a server stands for; its own id if it stands for none. */
  public String nameOf(ServerId server) {
    String exact = names.get(server);
    if (exact != null) {
      return exact;
    }
    return pool.templates().stream()
        .filter(template -> template.names(server) && names.containsKey(template.id()))
        .max(Comparator.comparingInt(template -> template.id().value().length()))
        .map(template -> names.get(template.id()))
        .orElse(server.value());
  }
}
