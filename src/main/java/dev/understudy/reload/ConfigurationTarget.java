package dev.understudy.reload;

import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.UserList;
import dev.understudy.proxy.listener.OpenListeners;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** The parts of the running proxy that a dynamic file changes. Called by one thread at a time. */
public interface ConfigurationTarget {
  /** Takes the name servers, before the pools whose names they resolve. */
  void resolveWith(DnsSettings dns);

  /**
   * Puts the pools into force; completes when they are.
   *
   * @param going those of them that the next call will no longer have
   */
  CompletionStage<Void> apply(List<Pool> pools, Set<PoolId> going);

  OpenListeners listeners();

  /** Takes the users, before the routes that admit them; must not fail. */
  void use(Map<String, UserList> userFiles);

  /** Puts the routes into force, whole or not at all; empty on success, otherwise the reason. */
  Optional<String> apply(List<RouteSpec> routes, List<RoutePart> defaultFilters);

  /** Puts the routes in force into the Gateway lane; empty on success, otherwise the reason. */
  Optional<String> joinGateway();

  /** Takes the error pages; called last, and must not fail. */
  void use(ErrorPages pages);

  /** Forgets what is not in force: a file was accepted for good. */
  void retain();
}
