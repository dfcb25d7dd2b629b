package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.pool.PoolId;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The names of pools and routes that objects come to. They meet none of the file's, as these have
 * no dots.
 */
final class GatewayNames {
  private static final int DIGITS = 10;

  private GatewayNames() {}

  /** The pool of a FailoverPolicy. */
  static PoolId policy(ObjectKey policy) {
    return pool("gw." + policy.namespace() + "." + policy.name());
  }

  /**
   * The pool of one port of a Service, which all rules with that backend alone share.
   *
   * @param spoken what is spoken there, if it is not HTTP/1: {@code -h2} or {@code -tcp}
   */
  static PoolId service(ObjectKey service, int port, String spoken) {
    return pool("gw-svc" + spoken + "." + service.namespace() + "." + service.name() + "." + port);
  }

  /** The pool of a rule that shares none. */
  static PoolId rule(Route route, int rule) {
    return pool(route(route) + "." + rule);
  }

  /** The beginning of the names of what a route comes to. */
  static String route(Route route) {
    String kind =
        switch (route.kind()) {
          case ObjectKind.GRPC_ROUTE -> "gw-grpc";
          case ObjectKind.TLS_ROUTE -> "gw-tls";
          case ObjectKind.TCP_ROUTE -> "gw-tcp";
          default -> "gw-http";
        };
    return kind + "." + route.key().namespace() + "." + route.key().name();
  }

  private static PoolId pool(String name) {
    return new PoolId(shortened(name));
  }

  /** A name that is too long ends with a digest of it instead. */
  static String shortened(String name) {
    if (name.length() <= PoolId.LONGEST) {
      return name;
    }
    String hex = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
    String digest = hex.replace("-", "").substring(0, DIGITS);
    return name.substring(0, PoolId.LONGEST - DIGITS - 1).replaceAll("[.-]+$", "") + "." + digest;
  }
}
