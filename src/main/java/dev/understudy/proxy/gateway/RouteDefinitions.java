package dev.understudy.proxy.gateway;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.route.RouteVariables;
import dev.understudy.proxy.route.RuleCompiler;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
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
    Set<String> variables = RouteVariables.of(route.predicates());
    definition.setFilters(
        route.filters().stream().map(filter -> filter(filter, variables, route.id())).toList());
    definition.setMetadata(new LinkedHashMap<>(route.metadata()));
    return definition;
  }

  private static FilterDefinition filter(RoutePart filter, Set<String> variables, String route) {
    return RuleCompiler.isRule(filter, variables) || RuleCompiler.isPathOfValues(filter)
        ? RuleFilterFactory.definition(filter, variables, route, false)
        : filter(filter);
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
