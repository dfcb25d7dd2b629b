package dev.understudy.proxy.gateway;

import dev.understudy.pool.Label;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.support.Configurable;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.cloud.gateway.support.HasRouteId;
import org.springframework.cloud.gateway.support.ShortcutConfigurable;

/**
 * Says of a route, before it is applied, whether the Gateway can build it, and if not, why: in
 * sentences that name what was expected and what was found. Builds with the Gateway's own factories
 * and throws the result away; safe to use while routes are in force.
 */
public final class RouteChecker {
  private static final Set<String> SCHEMES = Set.of("http", "https", "ws", "wss", "forward", "no");

  private final Map<String, RoutePredicateFactory<Object>> predicates = new TreeMap<>();
  private final Map<String, GatewayFilterFactory<Object>> filters = new TreeMap<>();
  private final ConfigurationService configuration;

  /**
   * @param configuration one that publishes no events
   */
  @SuppressWarnings({"rawtypes", "unchecked"}) // as the Gateway injects and keeps them
  RouteChecker(
      List<RoutePredicateFactory> predicates,
      List<GatewayFilterFactory> filters,
      ConfigurationService configuration) {
    predicates.forEach(factory -> this.predicates.put(factory.name(), factory));
    filters.forEach(factory -> this.filters.put(factory.name(), factory));
    this.configuration = configuration;
  }

  /** The names that can stand before {@code =} in {@code predicates}, sorted. */
  public Set<String> predicateNames() {
    return Collections.unmodifiableSet(predicates.keySet());
  }

  /** The names that can stand before {@code =} in {@code filters}, sorted. */
  public Set<String> filterNames() {
    return Collections.unmodifiableSet(filters.keySet());
  }

  /** All problems of the route; none: the Gateway will take it. */
  public List<String> check(RouteDefinition route) {
    List<String> problems = new ArrayList<>();
    checkUri(route.getUri()).ifPresent(problem -> problems.add("uri: " + problem));
    for (PredicateDefinition predicate : route.getPredicates()) {
      checkPredicate(predicate)
          .ifPresent(problem -> problems.add("predicate " + predicate.getName() + ": " + problem));
    }
    for (FilterDefinition filter : route.getFilters()) {
      checkFilter(filter)
          .ifPresent(problem -> problems.add("filter " + filter.getName() + ": " + problem));
    }
    return List.copyOf(problems);
  }

  /** The problem of a route's target, if any; like all here, in words that follow a colon. */
  public Optional<String> checkUri(@Nullable URI uri) {
    String scheme = uri == null || uri.getScheme() == null ? "" : uri.getScheme();
    if (scheme.equals(PoolRoutingFilter.SCHEME)) {
      String host = uri == null ? null : uri.getHost();
      if (host != null && Label.isValid(host)) {
        return Optional.empty();
      }
    } else if (SCHEMES.contains(scheme)) {
      return Optional.empty();
    }
    return Optional.of(
        "expected pool://NAME, http(s)://HOST, ws(s)://HOST or forward:/PATH, found '" + uri + "'");
  }

  /** The problem of one predicate, if any. */
  public Optional<String> checkPredicate(PredicateDefinition definition) {
    String name = String.valueOf(definition.getName());
    RoutePredicateFactory<Object> factory = predicates.get(name);
    if (factory == null) {
      return Optional.of("expected one of " + predicates.keySet() + ", found " + name);
    }
    return attempt(
        factory,
        definition.getArgs(),
        () -> factory.applyAsync(bind(factory, name, definition.getArgs())));
  }

  /** The problem of one filter, if any. */
  public Optional<String> checkFilter(FilterDefinition definition) {
    String name = String.valueOf(definition.getName());
    GatewayFilterFactory<Object> factory = filters.get(name);
    if (factory == null) {
      return Optional.of("expected one of " + filters.keySet() + ", found " + name);
    }
    return attempt(
        factory,
        definition.getArgs(),
        () -> {
          Object config = bind(factory, name, definition.getArgs());
          if (config instanceof HasRouteId route) {
            route.setRouteId("check");
          }
          return factory.apply(config);
        });
  }

  private <C extends Configurable<Object> & ShortcutConfigurable> Object bind(
      C factory, String name, Map<String, String> arguments) {
    return configuration.with(factory).name(name).properties(arguments).bind();
  }

  /** Unknown arguments first: the Gateway's binder would pass over them in silence. */
  private <C extends Configurable<Object> & ShortcutConfigurable> Optional<String> attempt(
      C factory, Map<String, String> arguments, Supplier<Object> build) {
    Optional<String> unknown = Arguments.problem(factory, factory.getConfigClass(), arguments);
    if (unknown.isPresent()) {
      return unknown;
    }
    try {
      var unused = build.get();
      return Optional.empty();
    } catch (RuntimeException | LinkageError e) {
      return Optional.of(Causes.say(e));
    }
  }
}
