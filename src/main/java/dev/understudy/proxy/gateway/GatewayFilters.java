package dev.understudy.proxy.gateway;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.RoutePart;
import dev.understudy.proxy.filter.FilterCompiler;
import dev.understudy.proxy.filter.Step;
import dev.understudy.proxy.guard.GuardRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanRegistrar;
import org.springframework.beans.factory.BeanRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.HostRoutePredicateFactory;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.cloud.gateway.support.HasRouteId;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.convert.ConversionService;
import org.springframework.core.env.Environment;
import org.springframework.util.AntPathMatcher;
import org.springframework.validation.Validator;
import org.springframework.web.reactive.accept.ApiVersionStrategy;

/**
 * The filter and predicate factories beside the Gateway's own, and the trial that knows all
 * factories.
 */
@Configuration(proxyBeanMethods = false)
@Import(GatewayFilters.Own.class)
class GatewayFilters {

  /** Registers a factory for each of our own filters. */
  static final class Own implements BeanRegistrar {
    @Override
    public void register(BeanRegistry registry, Environment environment) {
      for (FilterKind kind : FilterKind.having(FilterKind.Trait.OWN)) {
        registry.registerBean(
            kind.name() + "GatewayFilterFactory",
            StepFilterFactory.class,
            bean ->
                bean.supplier(
                    context -> new StepFilterFactory(kind, context.bean(GuardRegistry.class))));
      }
    }
  }

  @Bean
  ListenerRoutePredicateFactory listenerPredicate() {
    return new ListenerRoutePredicateFactory();
  }

  @Bean
  @SuppressWarnings("rawtypes") // as the Gateway declares them
  RouteTrial routeTrial(
      ObjectProvider<RoutePredicateFactory> predicates,
      ObjectProvider<GatewayFilterFactory> filters,
      ObjectProvider<HostRoutePredicateFactory> host,
      ObjectProvider<ApiVersionStrategy> versions,
      BeanFactory beans,
      @Qualifier("webFluxConversionService") ObjectProvider<ConversionService> conversion,
      ObjectProvider<Validator> validator) {
    host.ifAvailable(GatewayFilters::ignoreCase);
    return new RouteTrial(
        predicates.orderedStream().toList(),
        filters.orderedStream().filter(GatewayFilters::isNamed).toList(),
        new ConfigurationService(beans, conversion, validator),
        versions.getIfAvailable() != null);
  }

  @Bean
  FileFilterFactory fileFilters(
      @SuppressWarnings("rawtypes") ObjectProvider<GatewayFilterFactory> filters,
      ObjectProvider<ConfigurationService> configuration,
      ObjectProvider<GuardRegistry> guards) {
    return new FileFilterFactory(filters, configuration, guards);
  }

  @Bean
  WhenRoutePredicateFactory when() {
    return new WhenRoutePredicateFactory();
  }

  /** Whether the file can name the filter. */
  private static boolean isNamed(GatewayFilterFactory<?> factory) {
    return !(factory instanceof FileFilterFactory);
  }

  /**
   * Makes the host predicate case-insensitive as RFC 9110 §4.2.3 requires, which the Gateway does
   * not.
   */
  private static void ignoreCase(HostRoutePredicateFactory factory) {
    AntPathMatcher matcher = new AntPathMatcher(".");
    matcher.setCaseSensitive(false);
    factory.setPathMatcher(matcher);
  }

  /**
   * Makes one of our own filters for the Gateway by its name, as routes outside of the dynamic file
   * need it.
   */
  private static final class StepFilterFactory
      extends AbstractGatewayFilterFactory<StepFilterFactory.Config> {
    /** The arguments by name, and the route that they belong to. */
    static final class Config extends LinkedHashMap<String, String> implements HasRouteId {
      private static final long serialVersionUID = 1;

      private String route = "";

      @Override
      public void setRouteId(String id) {
        route = id;
      }

      @Override
      public String getRouteId() {
        return route;
      }
    }

    private final FilterKind kind;
    private final GuardRegistry guards;

    StepFilterFactory(FilterKind kind, GuardRegistry guards) {
      super(Config.class);
      this.kind = kind;
      this.guards = guards;
    }

    @Override
    public String name() {
      return kind.name();
    }

    @Override
    public List<String> shortcutFieldOrder() {
      return kind.arguments();
    }

    @Override
    public GatewayFilter apply(Config arguments) {
      Step step =
          FilterCompiler.gatewayStep(
              new RoutePart(kind.name(), arguments), Set.of(), arguments.getRouteId(), guards);
      if (step == null) {
        throw new IllegalArgumentException(kind.name() + ": expected arguments for a filter");
      }
      return new StepFilter(step);
    }
  }
}
