package dev.understudy.proxy.gateway;

import dev.understudy.condition.Condition;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.filter.FilterCompiler;
import dev.understudy.proxy.filter.RewritePath;
import dev.understudy.proxy.filter.Step;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.route.FilterOrder;
import dev.understudy.proxy.route.RouteVariables;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.RewritePathGatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.cloud.gateway.support.HasRouteId;
import org.springframework.core.Ordered;

/**
 * Makes those filters of the file that the Gateway itself would make differently: those that have a
 * step, those with a condition, default filters that come first, and those that make a path from
 * values. Each is made once, when the file is applied; the Gateway's definitions, whose arguments
 * are texts, refer to it by its number.
 */
final class FileFilterFactory extends AbstractGatewayFilterFactory<FileFilterFactory.Config> {
  /** The factory's name, which no file can contain. */
  private static final String NAME = " made";

  /** Below the order of a route's first filter, which the Gateway numbers from 1. */
  private static final int FIRST = 0;

  /** The number of a filter among those {@linkplain #use in use}. */
  record Config(int number) {}

  /**
   * The file's routes for the Gateway.
   *
   * @param made the filters to which the definitions refer
   */
  record Definitions(
      List<RouteDefinition> routes, List<FilterDefinition> defaults, List<GatewayFilter> made) {}

  @SuppressWarnings("rawtypes") // as the Gateway declares them
  private final ObjectProvider<GatewayFilterFactory> filters;

  private final ObjectProvider<ConfigurationService> configuration;
  private final ObjectProvider<GuardRegistry> guards;
  private volatile List<GatewayFilter> inUse = List.of();

  @SuppressWarnings("rawtypes") // as the Gateway declares them
  FileFilterFactory(
      ObjectProvider<GatewayFilterFactory> filters,
      ObjectProvider<ConfigurationService> configuration,
      ObjectProvider<GuardRegistry> guards) {
    super(Config.class);
    this.filters = filters;
    this.configuration = configuration;
    this.guards = guards;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("number");
  }

  @Override
  public GatewayFilter apply(Config config) {
    return inUse.get(config.number());
  }

  /** Takes the filters to which the Gateway's definitions refer from now on. */
  void use(List<GatewayFilter> made) {
    inUse = made;
  }

  /**
   * Converts the routes of the file.
   *
   * @throws IllegalArgumentException if a filter cannot be made
   */
  Definitions define(List<RouteSpec> routes, List<RoutePart> defaultFilters) {
    List<GatewayFilter> made = new ArrayList<>();
    List<RouteDefinition> definitions = routes.stream().map(route -> define(route, made)).toList();
    return new Definitions(definitions, defaults(defaultFilters, routes, made), made);
  }

  private RouteDefinition define(RouteSpec route, List<GatewayFilter> made) {
    RouteDefinition definition = new RouteDefinition();
    definition.setId(route.id());
    definition.setUri(URI.create(route.uri()));
    definition.setOrder(route.order());
    definition.setPredicates(
        route.predicates().stream().map(FileFilterFactory::predicate).toList());
    Set<String> variables = RouteVariables.of(route.predicates());
    definition.setFilters(
        route.filters().stream()
            .map(
                filter -> {
                  Step step = step(filter, variables, route.id());
                  return definition(filter, step, route.id(), false, made);
                })
            .toList());
    definition.setMetadata(new LinkedHashMap<>(route.metadata()));
    return definition;
  }

  private List<FilterDefinition> defaults(
      List<RoutePart> defaults, List<RouteSpec> routes, List<GatewayFilter> made) {
    Set<String> variables = RouteVariables.ofAll(routes);
    List<@Nullable Step> steps = new ArrayList<>();
    defaults.forEach(filter -> steps.add(step(filter, variables, GuardRegistry.DEFAULTS)));
    return IntStream.range(0, defaults.size())
        .mapToObj(
            i ->
                definition(
                    defaults.get(i),
                    steps.get(i),
                    GuardRegistry.DEFAULTS,
                    FilterOrder.isFirst(defaults, steps, i),
                    made))
        .toList();
  }

  private @Nullable Step step(RoutePart filter, Set<String> variables, String route) {
    return FilterCompiler.gatewayStep(filter, variables, route, guards.getObject());
  }

  private FilterDefinition definition(
      RoutePart filter,
      @Nullable Step step,
      String route,
      boolean first,
      List<GatewayFilter> made) {
    FilterDefinition definition = new FilterDefinition();
    boolean gateways =
        step == null && filter.when() == null && !first && !FilterCompiler.isPathOfValues(filter);
    if (gateways) {
      definition.setName(filter.name());
      definition.setArgs(new LinkedHashMap<>(filter.args()));
      return definition;
    }
    GatewayFilter filterMade = step == null ? gatewayFilter(filter, route) : new StepFilter(step);
    definition.setName(NAME);
    definition.addArg("number", Integer.toString(made.size()));
    made.add(first ? new OrderedGatewayFilter(filterMade, FIRST) : filterMade);
    return definition;
  }

  private static PredicateDefinition predicate(RoutePart predicate) {
    PredicateDefinition definition = new PredicateDefinition();
    definition.setName(predicate.name());
    definition.setArgs(new LinkedHashMap<>(predicate.args()));
    return definition;
  }

  /** Makes a filter of the Gateway, which is left out while its condition does not hold. */
  private GatewayFilter gatewayFilter(RoutePart part, String route) {
    GatewayFilter inner = withoutCondition(part, route);
    Condition when = FilterCompiler.condition(part);
    if (when == null) {
      return inner;
    }
    if (when.isOfResponse()) {
      throw new IllegalArgumentException(
          "expected a condition without status and response-header for " + part.name());
    }
    boolean guard = FilterKind.of(part).is(FilterKind.Trait.GUARD);
    GatewayFilter outer =
        (exchange, chain) ->
            ExchangeRequest.of(exchange).facts().holds(when, guard)
                ? inner.filter(exchange, chain)
                : chain.filter(exchange);
    return inner instanceof Ordered ordered
        ? new OrderedGatewayFilter(outer, ordered.getOrder())
        : outer;
  }

  @SuppressWarnings("unchecked") // as the Gateway keeps its factories
  private GatewayFilter withoutCondition(RoutePart part, String route) {
    GatewayFilterFactory<Object> factory =
        filters.stream()
            .filter(each -> each.name().equals(part.name()))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("unknown filter " + part.name()));
    Object config =
        configuration.getObject().with(factory).name(part.name()).properties(part.args()).bind();
    if (config instanceof HasRouteId known) {
      known.setRouteId(route);
    }
    if (config instanceof RewritePathGatewayFilterFactory.Config rewrite) {
      // The Gateway's own fails on a path that does not begin with a slash, or is none.
      return new StepFilter(
          RewritePath.JavaRewrite.of(
              String.valueOf(rewrite.getRegexp()), String.valueOf(rewrite.getReplacement())));
    }
    GatewayFilter filter = factory.apply(config);
    return FilterCompiler.isPathOfValues(part)
        ? new PathTemplateGuard(filter, part.args().values())
        : filter;
  }
}
