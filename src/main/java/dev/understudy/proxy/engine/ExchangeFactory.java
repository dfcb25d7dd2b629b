package dev.understudy.proxy.engine;

import dev.understudy.pool.PoolId;
import dev.understudy.proxy.http.ProxyRequest;
import io.netty.channel.EventLoop;

/** Makes exchanges, for both lanes: the engine, or what stands in for it in a test. */
@FunctionalInterface
public interface ExchangeFactory {
  /**
   * Returns a new exchange, not yet started. Called on {@code loop}, the client channel's event
   * loop, like every method of the exchange.
   */
  Exchange exchange(ProxyRequest request, Downstream downstream, EventLoop loop);

  /**
   * The number of usable servers of a pool at this moment, without those whose weight is 0; 0 if
   * there is no such pool.
   */
  default int usableServers(PoolId pool) {
    return 0;
  }
}
