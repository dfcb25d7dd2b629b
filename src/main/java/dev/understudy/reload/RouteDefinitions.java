package dev.understudy.reload;

import dev.understudy.config.NamedArgs;
import dev.understudy.config.RouteSpec;
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

  static RouteDefinition of(RouteSpec route) {
    RouteDefinition definition = new RouteDefinition();
    definition.setId(route.id());
    definition.setUri(route.uri());
    definition.setOrder(route.order());
    definition.setPredicates(route.predicates().stream().map(RouteDefinitions::predicate).toList());
    definition.setFilters(filters(route.filters()));
    definition.setMetadata(new LinkedHashMap<>(route.metadata()));
    return definition;
  }

  static List<FilterDefinition> filters(List<NamedArgs> filters) {
    return filters.stream().map(RouteDefinitions::filter).toList();
  }

  static FilterDefinition filter(NamedArgs filter) {
    FilterDefinition definition = new FilterDefinition();
    definition.setName(filter.name());
    definition.setArgs(new LinkedHashMap<>(filter.args()));
    return definition;
  }

  static PredicateDefinition predicate(NamedArgs predicate) {
    PredicateDefinition definition = new PredicateDefinition();
    definition.setName(predicate.name());
    definition.setArgs(new LinkedHashMap<>(predicate.args()));
    return definition;
  }
}
