package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.FailoverPolicy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
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
}
