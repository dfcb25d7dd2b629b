package dev.understudy.proxy.gateway;

import org.reactivestreams.Publisher;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Writes the response's body from the engine after all filters have seen the head. It has the order
 * of the Gateway's own write filter, so that filters that change bodies wrap it.
 */
final class PoolWriteFilter implements GlobalFilter, Ordered {
  @Override
  public int getOrder() {
    return NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    return chain
        .filter(exchange)
        .then(
            Mono.defer(
                () -> {
                  Publisher<DataBuffer> body = GatewayLaneRequest.of(exchange).takeBody();
                  return body == null ? Mono.empty() : exchange.getResponse().writeWith(body);
                }));
  }
}
