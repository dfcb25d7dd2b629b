package dev.understudy.proxy.gateway;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.RoutePart;
import dev.understudy.proxy.filter.FilterCompiler;
import dev.understudy.proxy.filter.Step;
import dev.understudy.proxy.guard.GuardRegistry;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.cloud.gateway.support.Configurable;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.cloud.gateway.support.HasRouteId;
import org.springframework.cloud.gateway.support.ShortcutConfigurable;

/**
 * Checks whether the Gateway can build a route's predicates and filters, before they are applied. A
 * problem is a text that can follow a colon and names the expected and the found value. Builds with
 * the Gateway's own factories and discards the result; safe to use while routes are in force.
 */
public final class RouteTrial {
  /** Stands for the id of the route. */
  private static final String CHECK = "check";

  private final Map<String, RoutePredicateFactory<Object>> predicates = new TreeMap<>();
  private final Map<String, GatewayFilterFactory<Object>> filters = new TreeMap<>();
  private final ConfigurationService configuration;
  private final boolean versions;

  /**
   * @param configuration a service that publishes no events
   * @param versions whether API versions are configured, without which {@code Version} fails
   */
  @SuppressWarnings({"rawtypes", "unchecked"}) // as the Gateway injects and keeps them
  RouteTrial(
      List<RoutePredicateFactory> predicates,
      List<GatewayFilterFactory> filters,
      ConfigurationService configuration,
      boolean versions) {
    predicates.forEach(factory -> add(factory.name(), factory, this.predicates));
    filters.forEach(factory -> add(factory.name(), factory, this.filters));
    this.configuration = configuration;
    this.versions = versions;
  }

  /**
   * Adds a factory; of those with one name the last one counts, as in the Gateway.
   *
   * @throws IllegalArgumentException if an extension would replace another one
   */
  private static <F> void add(String name, F factory, Map<String, F> all) {
    F before = all.put(name, factory);
    if (before != null) {
      for (Object each : List.of(before, factory)) {
        if (each instanceof ExtensionFactory ours) {
          throw new IllegalArgumentException(
              "understudy.extensions: "
                  + ours.extension.jar()
                  + ": expected another name than "
                  + name
                  + ", which is the Gateway's or ours");
        }
      }
    }
  }

  /** The names that can stand before {@code =} in {@code predicates}, sorted. */
  public Set<String> predicateNames() {
    return Collections.unmodifiableSet(predicates.keySet());
  }

  /** The names that can stand before {@code =} in {@code filters}, sorted. */
  public Set<String> filterNames() {
    return Collections.unmodifiableSet(filters.keySet());
  }

  /** Returns the problem of one predicate; empty if there is none. */
  public Optional<String> checkPredicate(RoutePart predicate) {
    String name = predicate.name();
    RoutePredicateFactory<Object> factory = predicates.get(name);
    if (factory == null) {
      return Optional.of("expected one of " + predicates.keySet() + ", found " + name);
    }
    if (name.equals("Version") && !versions) {
      return Optional.of("Version: expected spring.webflux.apiversion in the static settings");
    }
    return attempt(
        factory,
        name,
        predicate.args(),
        config -> UnworkableArguments.ofPredicate(name, config),
        factory::applyAsync);
  }

  /** Returns the problem of one filter; empty if there is none. */
  public Optional<String> checkFilter(RoutePart filter) {
    String name = filter.name();
    try {
      Step step = FilterCompiler.gatewayStep(filter, Set.of(), CHECK, new GuardRegistry());
      boolean judged = FilterKind.of(filter).is(Trait.OWN) || FilterCompiler.isRule(filter, step);
      if (step != null && judged) {
        return Optional.empty();
      }
    } catch (IllegalArgumentException e) {
      return Optional.of(RouteFailureText.say(e));
    }
    GatewayFilterFactory<Object> factory = filters.get(name);
    if (factory == null) {
      return Optional.of("expected one of " + filterNames() + ", found " + name);
    }
    return attempt(
        factory,
        name,
        filter.args(),
        config -> UnworkableArguments.ofFilter(name, config),
        config -> {
          if (config instanceof HasRouteId route) {
            route.setRouteId(CHECK);
          }
          return factory.apply(config);
        });
  }

  /**
   * Binds and builds. Unknown arguments are checked first, because the Gateway's binder would
   * ignore them; bound arguments are checked before the factory gets them, because it might resolve
   * a name.
   */
  private <C extends Configurable<Object> & ShortcutConfigurable> Optional<String> attempt(
      C factory,
      String name,
      Map<String, String> arguments,
      Function<Object, @Nullable String> check,
      Function<Object, Object> build) {
    Optional<String> unknown = Arguments.problem(factory, factory.getConfigClass(), arguments);
    if (unknown.isPresent()) {
      return unknown;
    }
    try {
      Object config = configuration.with(factory).name(name).properties(arguments).bind();
      String wrong = check.apply(config);
      if (wrong == null) {
        var unused = build.apply(config);
      }
      return Optional.ofNullable(wrong);
    } catch (RuntimeException | LinkageError e) {
      return Optional.of(RouteFailureText.say(e));
    }
  }
}
