package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.Route;

/** Where routes are, as far as it matters to what they lead to. */
interface RoutePlacing {
  /** Whether a route is at a listener of ours. */
  boolean isAttached(Route route);

  /** Whether its clients' TLS, if they have any, ends here, so that TLS to its backends is ours. */
  boolean endsTls(Route route);
}
