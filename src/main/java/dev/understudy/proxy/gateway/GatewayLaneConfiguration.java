package dev.understudy.proxy.gateway;

import dev.understudy.pool.TimeoutSettings;
import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.proxy.frontend.GatewayLane;
import dev.understudy.traffic.TrafficListener;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties.ForwardHeadersStrategy;
import org.springframework.boot.webflux.autoconfigure.WebHttpHandlerBuilderCustomizer;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.HostRoutePredicateFactory;
import org.springframework.cloud.gateway.handler.predicate.PathRoutePredicateFactory;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.cloud.gateway.route.CompositeRouteLocator;
import org.springframework.cloud.gateway.route.RouteDefinitionLocator;
import org.springframework.cloud.gateway.route.RouteDefinitionRouteLocator;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.support.Configurable;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.cloud.gateway.support.ShortcutConfigurable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.core.convert.ConversionService;
import org.springframework.core.env.Environment;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.validation.Validator;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.reactive.accept.ApiVersionStrategy;
import org.springframework.web.server.adapter.HttpWebHandlerAdapter;
import reactor.core.publisher.Flux;
import reactor.netty.http.client.HttpClient;

/**
 * The beans of the Gateway lane. The root imports them beside {@code ListenerConfiguration} and
 * provides an {@link ExchangeFactory} and a {@link TrafficListener}.
 */
@Configuration(proxyBeanMethods = false)
@Import(GatewayFilters.class)
public class GatewayLaneConfiguration {

  @Bean
  PoolRoutes poolRoutes(
      GatewayProperties gateway, ApplicationEventPublisher events, FileFilterFactory filters) {
    return new PoolRoutes(gateway, events, filters);
  }

  /** Replaces the Gateway's locator, which is not created if a bean of this name exists. */
  @Bean
  @Primary
  @SuppressWarnings("rawtypes") // as the Gateway declares them
  RouteSnapshot cachedCompositeRouteLocator(
      List<RouteLocator> sources,
      RouteDefinitionLocator definitions,
      List<RoutePredicateFactory> predicates,
      List<GatewayFilterFactory> filters,
      GatewayProperties gateway,
      BeanFactory beans,
      @Qualifier("webFluxConversionService") ObjectProvider<ConversionService> conversion,
      ObjectProvider<Validator> validator,
      PoolRoutes file,
      ApplicationEventPublisher events) {
    QuickBinding binding = new QuickBinding(beans, conversion, validator);
    binding.setApplicationEventPublisher(events);
    RouteLocator ofDefinitions =
        new FileRouteLocator(definitions, predicates, filters, gateway, binding);
    List<RouteLocator> all =
        sources.stream()
            .map(each -> each instanceof RouteDefinitionRouteLocator ? ofDefinitions : each)
            .toList();
    return new RouteSnapshot(new CompositeRouteLocator(Flux.fromIterable(all)), file, events);
  }

  /** Replaces the Gateway's own, which is not created if there is another. */
  @Bean
  LaneFilterChains filteringWebHandler(List<GlobalFilter> filters) {
    return new LaneFilterChains(filters);
  }

  /** Replaces the Gateway's handler mapping, which is not created if there is another. */
  @Bean
  RouteLookup routePredicateHandlerMapping(
      LaneFilterChains handler,
      RouteSnapshot routes,
      GlobalCorsProperties cors,
      Environment environment,
      ObjectProvider<ApiVersionStrategy> versions) {
    RouteLookup lookup = new RouteLookup(handler, routes, cors, environment);
    versions.ifAvailable(lookup::setApiVersionStrategy);
    return lookup;
  }

  /**
   * Replaces the Gateway's client, which only routes without a pool use. Making that one would load
   * the native library of TLS.
   */
  @Bean
  HttpClient gatewayHttpClient() {
    return HttpClient.create();
  }

  /** Replaces Spring's handler of the main port alone: the management port has no customizers. */
  @Bean
  WebHttpHandlerBuilderCustomizer laneHandler(
      DispatcherHandler dispatcher,
      RouteLookup lookup,
      GlobalCorsProperties cors,
      PoolRoutes routes,
      TrafficListener listener,
      ServerProperties server) {
    Preflights preflights = new Preflights(cors, routes);
    boolean isNative = server.getForwardHeadersStrategy() == ForwardHeadersStrategy.NATIVE;
    return builder ->
        builder.httpHandlerDecorator(
            built ->
                new LaneHandler(
                    (HttpWebHandlerAdapter) built,
                    dispatcher,
                    lookup,
                    preflights,
                    listener,
                    isNative));
  }

  /** Makes the lane of the handler that Spring Boot has built for the main port. */
  @Bean
  Function<HttpHandler, GatewayLane> gatewayLane() {
    return handler -> (request, client) -> new GatewayLaneRequest(request, client, handler);
  }

  /** Precedes the Gateway's own, which needs a request of Reactor Netty's server. */
  @Bean
  @Primary
  LaneWebSockets laneWebSockets(HttpClientProperties settings) {
    return new LaneWebSockets(settings, TimeoutSettings.DEFAULT.tunnel());
  }

  @Bean
  PoolRoutingFilter poolRoutingFilter(ExchangeFactory engine) {
    return new PoolRoutingFilter(engine);
  }

  @Bean
  PoolRoutingFilter.Write poolWriteFilter() {
    return new PoolRoutingFilter.Write();
  }

  /**
   * Binds the arguments of the most frequent predicates and filters without Spring Boot's binder,
   * which takes most of the time of a route. All others, and arguments of another form, are bound
   * as by the Gateway.
   */
  private static final class QuickBinding extends ConfigurationService {
    QuickBinding(
        BeanFactory beans,
        ObjectProvider<ConversionService> conversion,
        ObjectProvider<Validator> validator) {
      super(beans, conversion, validator);
    }

    @Override
    public <T, C extends Configurable<T> & ShortcutConfigurable> ConfigurableBuilder<T, C> with(
        C configurable) {
      return new ConfigurableBuilder<>(this, configurable) {
        @Override
        protected T doBind() {
          Object bound = bound(configurable, normalizedProperties);
          return bound == null ? super.doBind() : configurable.getConfigClass().cast(bound);
        }
      };
    }

    /** Null if they are not of the simplest form. */
    private static @Nullable Object bound(Object configurable, Map<String, Object> arguments) {
      if (configurable instanceof FileFilterFactory) {
        return new FileFilterFactory.Config(
            Integer.parseInt(String.valueOf(arguments.get(FileFilterFactory.NUMBER))));
      }
      if (arguments.size() != 1) {
        return null;
      }
      if (configurable instanceof WhenRoutePredicateFactory) {
        return arguments.get("expression") instanceof String text
            ? new WhenRoutePredicateFactory.Config(text)
            : null;
      }
      if (configurable instanceof ListenerRoutePredicateFactory) {
        List<String> names = texts(arguments.get("listeners"));
        return names == null ? null : new ListenerRoutePredicateFactory.Config(names);
      }
      List<String> patterns = texts(arguments.get("patterns"));
      if (patterns != null && configurable instanceof HostRoutePredicateFactory) {
        return new HostRoutePredicateFactory.Config().setPatterns(patterns);
      }
      return patterns != null && configurable instanceof PathRoutePredicateFactory
          ? new PathRoutePredicateFactory.Config().setPatterns(patterns)
          : null;
    }

    private static @Nullable List<String> texts(@Nullable Object argument) {
      return argument instanceof List<?> list && list.stream().allMatch(String.class::isInstance)
          ? list.stream().map(String.class::cast).toList()
          : null;
    }
  }
}
