package dev.understudy.proxy.gateway;

import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.proxy.frontend.GatewayLane;
import dev.understudy.traffic.TrafficListener;
import java.util.List;
import java.util.function.Function;
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
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.cloud.gateway.route.CompositeRouteLocator;
import org.springframework.cloud.gateway.route.RouteDefinitionLocator;
import org.springframework.cloud.gateway.route.RouteDefinitionRouteLocator;
import org.springframework.cloud.gateway.route.RouteLocator;
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
    return new LaneWebSockets(settings);
  }

  @Bean
  PoolRoutingFilter poolRoutingFilter(ExchangeFactory engine) {
    return new PoolRoutingFilter(engine);
  }

  @Bean
  PoolRoutingFilter.Write poolWriteFilter() {
    return new PoolRoutingFilter.Write();
  }
}
