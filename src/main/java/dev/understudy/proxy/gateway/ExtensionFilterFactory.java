package dev.understudy.proxy.gateway;

import dev.understudy.extension.Extension;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;

/** The filter of an extension. */
final class ExtensionFilterFactory extends ExtensionFactory<GatewayFilterFactory<Object>>
    implements GatewayFilterFactory<Object> {
  ExtensionFilterFactory(Extension<GatewayFilterFactory<Object>> extension) {
    super(extension);
  }

  @Override
  public GatewayFilter apply(Object config) {
    return factory.apply(config);
  }
}
