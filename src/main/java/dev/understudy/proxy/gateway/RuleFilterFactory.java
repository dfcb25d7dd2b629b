package dev.understudy.proxy.gateway;

import dev.understudy.condition.Condition;
import dev.understudy.pool.RoutePart;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.route.Change;
import dev.understudy.proxy.route.RuleCompiler;
import dev.understudy.proxy.route.Step;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.RewritePathGatewayFilterFactory;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.cloud.gateway.support.HasRouteId;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;

/**
 * Makes the Gateway's filter for every filter of the file that has a condition, values of the
 * request, or a name that the Gateway does not know, and of those that make a path of values. Any
 * filter of the Gateway may have a condition: it is made by its own factory and left out while the
 * condition does not hold.
 */
final class RuleFilterFactory extends AbstractGatewayFilterFactory<RuleFilterFactory.Config> {
  /** Not a name that a file can have. */
  private static final String NAME = " rule";

  private static final String BASIC_AUTH = "BasicAuth";

  @SuppressWarnings("rawtypes") // as the Gateway declares them
  private final ObjectProvider<GatewayFilterFactory> filters;

  private final ObjectProvider<ConfigurationService> configuration;
  private final ObjectProvider<FrontDoor> door;

  /**
   * The filter as the file has it.
   *
   * @param part by {@link PartText}
   * @param first whether it runs before all filters of routes
   */
  record Config(@Nullable String part, boolean first) {}

  @SuppressWarnings("rawtypes") // as the Gateway declares them
  RuleFilterFactory(
      ObjectProvider<GatewayFilterFactory> filters,
      ObjectProvider<ConfigurationService> configuration,
      ObjectProvider<FrontDoor> door) {
    super(Config.class);
    this.filters = filters;
    this.configuration = configuration;
    this.door = door;
  }

  /**
   * The definition of a filter for this factory.
   *
   * @param variables names in braces that are the route's own
   * @param route the id of the route
   */
  static FilterDefinition definition(
      RoutePart filter, Set<String> variables, String route, boolean first) {
    FilterDefinition definition = new FilterDefinition();
    definition.setName(NAME);
    definition.addArg("part", PartText.of(filter, variables, route));
    definition.addArg("first", Boolean.toString(first));
    return definition;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("part", "first");
  }

  @Override
  public GatewayFilter apply(Config config) {
    if (config.part() == null) {
      throw new IllegalArgumentException("part: expected a filter, found none");
    }
    PartText.Read read = PartText.read(config.part());
    GatewayFilter filter = filter(read.part(), read.variables(), read.route());
    if (config.first()) {
      return new OrderedGatewayFilter(filter, FirstFilterFactory.ORDER);
    }
    return filter;
  }

  private GatewayFilter filter(RoutePart part, Set<String> variables, String route) {
    Step step = RuleCompiler.step(part, variables);
    Step rule =
        step == null
            ? RuleCompiler.headerStep(part, variables)
            : RuleCompiler.withCondition(part, step);
    if (rule != null) {
      return new RuleFilter(rule, door);
    }
    Condition when = RuleCompiler.condition(part);
    GatewayFilter inner = inner(part, route);
    if (when == null) {
      return inner;
    }
    if (when.isOfResponse()) {
      throw new IllegalArgumentException(
          "expected a condition without status and response-header for " + part.name());
    }
    GatewayFilter outer =
        conditional(
            inner,
            when,
            RuleCompiler.isGuard(part.name()),
            part.name().equals(BASIC_AUTH)
                ? BasicAuthGatewayFilterFactory::passedOver
                : UnaryOperator.identity());
    return inner instanceof Ordered ordered
        ? new OrderedGatewayFilter(outer, ordered.getOrder())
        : outer;
  }

  private GatewayFilter conditional(
      GatewayFilter inner,
      Condition when,
      boolean guard,
      UnaryOperator<ServerWebExchange> passedOver) {
    return (exchange, chain) ->
        LaneRules.of(exchange, door).holds(when, guard)
            ? inner.filter(exchange, chain)
            : chain.filter(passedOver.apply(exchange));
  }

  @SuppressWarnings("unchecked") // as the Gateway keeps its factories
  private GatewayFilter inner(RoutePart part, String route) {
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
      return new RuleFilter(
          Change.JavaRewrite.of(
              String.valueOf(rewrite.getRegexp()), String.valueOf(rewrite.getReplacement())),
          door);
    }
    GatewayFilter filter = factory.apply(config);
    return RuleCompiler.isPathOfValues(part)
        ? new PathFilter(filter, part.args().values())
        : filter;
  }
}
