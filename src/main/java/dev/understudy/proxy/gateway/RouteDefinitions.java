package dev.understudy.proxy.gateway;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/** Converts the dynamic file's routes to the Gateway's own classes. */
final class RouteDefinitions {
  private RouteDefinitions() {}

  static List<RouteDefinition> of(List<RouteSpec> routes) {
    return routes.stream().map(RouteDefinitions::of).toList();
  }

  private static RouteDefinition of(RouteSpec route) {
    RouteDefinition definition = new RouteDefinition();
    definition.setId(route.id());
    definition.setUri(URI.create(route.uri()));
    definition.setOrder(route.order());
    definition.setPredicates(route.predicates().stream().map(RouteDefinitions::predicate).toList());
    definition.setFilters(route.filters().stream().map(RouteDefinitions::filter).toList());
    definition.setMetadata(new LinkedHashMap<>(route.metadata()));
    return definition;
  }

  static FilterDefinition filter(RoutePart filter) {
    FilterDefinition definition = new FilterDefinition();
    definition.setName(filter.name());
    definition.setArgs(new LinkedHashMap<>(filter.args()));
    return definition;
  }

  private static PredicateDefinition predicate(RoutePart predicate) {
    PredicateDefinition definition = new PredicateDefinition();
    definition.setName(predicate.name());
    definition.setArgs(new LinkedHashMap<>(predicate.args()));
    return definition;
  }
}
