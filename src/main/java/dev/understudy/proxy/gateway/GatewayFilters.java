package dev.understudy.proxy.gateway;

import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.guard.Guards;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.HostRoutePredicateFactory;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.convert.ConversionService;
import org.springframework.util.AntPathMatcher;
import org.springframework.validation.Validator;
import org.springframework.web.reactive.accept.ApiVersionStrategy;

/**
 * The filter and predicate factories beside the Gateway's own, and the trial that knows all
 * factories.
 */
@Configuration(proxyBeanMethods = false)
class GatewayFilters {

  @Bean
  RedirectToHttpsGatewayFilterFactory redirectToHttps() {
    return new RedirectToHttpsGatewayFilterFactory();
  }

  @Bean
  RedirectToHostGatewayFilterFactory redirectToHost() {
    return new RedirectToHostGatewayFilterFactory();
  }

  @Bean
  StrictTransportSecurityGatewayFilterFactory strictTransportSecurity() {
    return new StrictTransportSecurityGatewayFilterFactory();
  }

  @Bean
  RequireWebSocketUpgradeGatewayFilterFactory requireWebSocketUpgrade() {
    return new RequireWebSocketUpgradeGatewayFilterFactory();
  }

  @Bean
  DenyGatewayFilterFactory deny() {
    return new DenyGatewayFilterFactory();
  }

  @Bean
  RespondGatewayFilterFactory respond() {
    return new RespondGatewayFilterFactory();
  }

  @Bean
  BasicAuthGatewayFilterFactory basicAuth(Guards guards) {
    return new BasicAuthGatewayFilterFactory(guards);
  }

  @Bean
  FirstFilterFactory<BasicAuthGatewayFilterFactory.Config> firstBasicAuth(
      BasicAuthGatewayFilterFactory filters) {
    return new FirstFilterFactory<>(filters);
  }

  @Bean
  CompressGatewayFilterFactory compress() {
    return new CompressGatewayFilterFactory();
  }

  @Bean
  RateLimitGatewayFilterFactory rateLimit(Guards guards) {
    return new RateLimitGatewayFilterFactory(guards);
  }

  @Bean
  FirstFilterFactory<RateLimitGatewayFilterFactory.Config> firstRateLimit(
      RateLimitGatewayFilterFactory filters) {
    return new FirstFilterFactory<>(filters);
  }

  @Bean
  PreferServerGatewayFilterFactory preferServer() {
    return new PreferServerGatewayFilterFactory();
  }

  @Bean
  ListenerRoutePredicateFactory listenerPredicate() {
    return new ListenerRoutePredicateFactory();
  }

  @Bean
  FirstFilterFactory<RedirectToHttpsGatewayFilterFactory.Config> firstRedirectToHttps(
      RedirectToHttpsGatewayFilterFactory filters) {
    return new FirstFilterFactory<>(filters);
  }

  @Bean
  FirstFilterFactory<RedirectToHostGatewayFilterFactory.Config> firstRedirectToHost(
      RedirectToHostGatewayFilterFactory filters) {
    return new FirstFilterFactory<>(filters);
  }

  @Bean
  FirstFilterFactory<StrictTransportSecurityGatewayFilterFactory.Config>
      firstStrictTransportSecurity(StrictTransportSecurityGatewayFilterFactory filters) {
    return new FirstFilterFactory<>(filters);
  }

  @Bean
  FirstFilterFactory<RequireWebSocketUpgradeGatewayFilterFactory.Config>
      firstRequireWebSocketUpgrade(RequireWebSocketUpgradeGatewayFilterFactory filters) {
    return new FirstFilterFactory<>(filters);
  }

  @Bean
  FirstFilterFactory<DenyGatewayFilterFactory.Config> firstDeny(DenyGatewayFilterFactory filters) {
    return new FirstFilterFactory<>(filters);
  }

  @Bean
  FirstFilterFactory<RespondGatewayFilterFactory.Config> firstRespond(
      RespondGatewayFilterFactory filters) {
    return new FirstFilterFactory<>(filters);
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
  RuleFilterFactory rules(
      @SuppressWarnings("rawtypes") ObjectProvider<GatewayFilterFactory> filters,
      ObjectProvider<ConfigurationService> configuration,
      ObjectProvider<FrontDoor> door) {
    return new RuleFilterFactory(filters, configuration, door);
  }

  @Bean
  WhenRoutePredicateFactory when(ObjectProvider<FrontDoor> door) {
    return new WhenRoutePredicateFactory(door);
  }

  /** Whether the file can name the filter. */
  private static boolean isNamed(GatewayFilterFactory<?> factory) {
    return !(factory instanceof FirstFilterFactory) && !(factory instanceof RuleFilterFactory);
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
}
