package dev.understudy.proxy.frontend;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.Exchange;

/** The Gateway lane, as the frontend sees it: it has the requests that no compiled route has. */
@FunctionalInterface
public interface GatewayLane {
  /**
   * Returns the exchange of a request, not yet started. Called on the request's event loop, like
   * every method of the exchange.
   */
  Exchange exchange(GatewayRequest request, Downstream client);
}
