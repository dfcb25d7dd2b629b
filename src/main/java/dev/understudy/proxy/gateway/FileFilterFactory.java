package dev.understudy.proxy.gateway;

import dev.understudy.condition.Condition;
import dev.understudy.condition.PathForms;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.filter.FilterCompiler;
import dev.understudy.proxy.filter.RequestForm;
import dev.understudy.proxy.filter.RewritePath;
import dev.understudy.proxy.filter.Step;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.route.FilterOrder;
import dev.understudy.proxy.route.RouteVariables;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.RewritePathGatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.cloud.gateway.support.HasRouteId;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.server.PathContainer;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Makes those filters of the file that the Gateway itself would make differently: those that have a
 * step, those with a condition, default filters that come first, and those that make a path from
 * values. Each is made once, when the file is applied; the Gateway's definitions, whose arguments
 * are texts, refer to it by its number.
 */
final class FileFilterFactory extends AbstractGatewayFilterFactory<FileFilterFactory.Config> {
  /** The factory's name, which no file can contain. */
  private static final String NAME = " made";

  /** The name of its argument. */
  static final String NUMBER = "number";

  /** Below the order of a route's first filter, which the Gateway numbers from 1. */
  private static final int FIRST = 0;

  /** The number of a filter among those {@linkplain #use in use}. */
  record Config(int number) {}

  /**
   * A route of the file for the Gateway.
   *
   * @param made the filters to which the definition refers, by their numbers
   */
  private record Defined(
      RouteSpec source, FileRouteLocator.Definition definition, Map<Integer, GatewayFilter> made) {}

  /**
   * Filters of all routes.
   *
   * @param source null if they are not the file's
   * @param variables of all routes
   * @param made as of {@link Defined}
   */
  private record Defaults(
      @Nullable List<RoutePart> source,
      Set<String> variables,
      List<FilterDefinition> filters,
      Map<Integer, GatewayFilter> made) {
    boolean isOf(List<RoutePart> filters, Set<String> ofRoutes) {
      return filters.equals(source) && (filters.isEmpty() || variables.equals(ofRoutes));
    }
  }

  /** The file's routes for the Gateway, in the file's order. */
  static final class Definitions {
    private final Map<String, Defined> byId;
    private final Defaults defaults;
    private final List<RouteDefinition> routes;

    private Definitions(Map<String, Defined> byId, Defaults defaults) {
      this.byId = byId;
      this.defaults = defaults;
      this.routes =
          byId.values().stream().map(each -> (RouteDefinition) each.definition()).toList();
    }

    /** No routes, and filters of all routes that are not the file's. */
    static Definitions none(List<FilterDefinition> defaults) {
      return new Definitions(Map.of(), new Defaults(null, Set.of(), defaults, Map.of()));
    }

    List<RouteDefinition> routes() {
      return routes;
    }

    List<FilterDefinition> defaults() {
      return defaults.filters();
    }

    /** Has the Gateway make all routes anew. */
    void forget() {
      byId.values().forEach(each -> each.definition().forget());
    }

    /** The definition of a route; null if there is none, or of another form. */
    private @Nullable Defined of(RouteSpec route) {
      Defined known = byId.get(route.id());
      return known != null && known.source().equals(route) ? known : null;
    }

    private Map<Integer, GatewayFilter> made() {
      Map<Integer, GatewayFilter> all = new HashMap<>(defaults.made());
      byId.values().forEach(each -> all.putAll(each.made()));
      return all;
    }
  }

  @SuppressWarnings("rawtypes") // as the Gateway declares them
  private final ObjectProvider<GatewayFilterFactory> filters;

  private final ObjectProvider<ConfigurationService> configuration;
  private final ObjectProvider<GuardRegistry> guards;
  private volatile Map<Integer, GatewayFilter> inUse = Map.of();
  private int numbers;

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
    return List.of(NUMBER);
  }

  @Override
  public GatewayFilter apply(Config config) {
    return Objects.requireNonNull(inUse.get(config.number()));
  }

  /** Takes the definitions that the Gateway reads from now on. */
  void use(Definitions definitions) {
    inUse = definitions.made();
  }

  /**
   * Converts the routes of the file. Those that are as they were keep their definition, and the
   * Gateway's route with it, unless default filters change.
   *
   * @param before those in force
   * @throws IllegalArgumentException if a filter cannot be made
   */
  Definitions define(List<RouteSpec> routes, List<RoutePart> defaultFilters, Definitions before) {
    Set<String> variables = RouteVariables.ofAll(routes);
    boolean kept = before.defaults.isOf(defaultFilters, variables);
    Defaults defaults = kept ? before.defaults : defaults(defaultFilters, variables);
    Map<String, Defined> definitions = new LinkedHashMap<>();
    for (RouteSpec route : routes) {
      Defined known = kept ? before.of(route) : null;
      definitions.put(route.id(), known == null ? define(route) : known);
    }
    return new Definitions(definitions, defaults);
  }

  private Defined define(RouteSpec route) {
    Map<Integer, GatewayFilter> made = new HashMap<>();
    FileRouteLocator.Definition definition = new FileRouteLocator.Definition();
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
    return new Defined(route, definition, made);
  }

  private Defaults defaults(List<RoutePart> defaults, Set<String> variables) {
    List<@Nullable Step> steps = new ArrayList<>();
    defaults.forEach(filter -> steps.add(step(filter, variables, GuardRegistry.DEFAULTS)));
    Map<Integer, GatewayFilter> made = new HashMap<>();
    List<FilterDefinition> filters =
        IntStream.range(0, defaults.size())
            .mapToObj(
                i ->
                    definition(
                        defaults.get(i),
                        steps.get(i),
                        GuardRegistry.DEFAULTS,
                        FilterOrder.isFirst(defaults, steps, i),
                        made))
            .toList();
    return new Defaults(defaults, variables, filters, made);
  }

  private @Nullable Step step(RoutePart filter, Set<String> variables, String route) {
    return FilterCompiler.gatewayStep(filter, variables, route, guards.getObject());
  }

  private FilterDefinition definition(
      RoutePart filter,
      @Nullable Step step,
      String route,
      boolean first,
      Map<Integer, GatewayFilter> made) {
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
    int number = numbers++;
    definition.addArg(NUMBER, Integer.toString(number));
    made.put(number, first ? new OrderedGatewayFilter(filterMade, FIRST) : filterMade);
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

  /**
   * Refuses a request with 400 if a filter of the Gateway would give it a path that leads elsewhere
   * than the template says: because a variable that stands for one segment has a slash in it, or
   * because the new path has a dot segment, each as written or decoded.
   *
   * @param filter changes the path of the request
   * @param templates the arguments of the filter, which may name variables
   */
  private record PathTemplateGuard(GatewayFilter filter, Collection<String> templates)
      implements GatewayFilter {
    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
      if (hasSlash(exchange)) {
        return LocalResponses.write(exchange, 400);
      }
      return filter.filter(
          exchange,
          next ->
              RequestForm.isStray(path(exchange), path(next))
                  ? LocalResponses.write(exchange, 400)
                  : chain.filter(next));
    }

    private static String path(ServerWebExchange exchange) {
      return exchange.getRequest().getURI().getRawPath();
    }

    private boolean hasSlash(ServerWebExchange exchange) {
      Map<String, String> variables = ServerWebExchangeUtils.getUriTemplateVariables(exchange);
      List<String> slashed =
          variables.entrySet().stream()
              .filter(each -> templates.stream().anyMatch(text -> names(text, each.getKey())))
              .map(Map.Entry::getValue)
              .filter(PathForms::hasSlash)
              .toList();
      return !slashed.isEmpty()
          && segments(exchange).anyMatch(segment -> slashed.stream().anyMatch(segment::contains));
    }

    private static boolean names(String template, String variable) {
      return template.contains("{" + variable + "}");
    }

    /** The decoded segments of the request; a variable of several segments is in none of them. */
    private static Stream<String> segments(ServerWebExchange exchange) {
      return PathContainer.parsePath(GatewayLaneRequest.of(exchange).uri().getRawPath())
          .elements()
          .stream()
          .filter(PathContainer.PathSegment.class::isInstance)
          .map(each -> ((PathContainer.PathSegment) each).valueToMatch());
    }
  }
}
