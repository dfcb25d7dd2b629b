package dev.understudy.proxy.gateway;

import dev.understudy.extension.Extension;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.core.Ordered;

/** Makes the filters of an extension, each with its bounds. */
final class ExtensionFilterFactory extends ExtensionFactory
    implements GatewayFilterFactory<Object> {
  private final GatewayFilterFactory<Object> factory;

  ExtensionFilterFactory(Extension<GatewayFilterFactory<Object>> extension) {
    super(extension, extension.instance(), extension.instance());
    this.factory = extension.instance();
  }

  @Override
  public GatewayFilter apply(Object config) {
    GatewayFilter inner = made(() -> factory.apply(config));
    GatewayFilter bounded =
        new ExtensionFilter(inner, ExtensionThreads.of(extension), log("Filter"));
    return inner instanceof Ordered ordered
        ? new OrderedGatewayFilter(bounded, ordered.getOrder())
        : bounded;
  }
}
