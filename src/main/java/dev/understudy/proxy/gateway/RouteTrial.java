package dev.understudy.proxy.gateway;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.cloud.gateway.support.Configurable;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.cloud.gateway.support.HasRouteId;
import org.springframework.cloud.gateway.support.ShortcutConfigurable;

/**
 * Says of a route's predicates and filters, before they are applied, whether the Gateway can build
 * them, and if not, why: in words that follow a colon and name what was expected and found. Builds
 * with the Gateway's own factories and throws the result away; safe to use while routes are in
 * force.
 */
public final class RouteTrial {
  private final Map<String, RoutePredicateFactory<Object>> predicates = new TreeMap<>();
  private final Map<String, GatewayFilterFactory<Object>> filters = new TreeMap<>();
  private final ConfigurationService configuration;

  /**
   * @param configuration one that publishes no events
   */
  @SuppressWarnings({"rawtypes", "unchecked"}) // as the Gateway injects and keeps them
  RouteTrial(
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
