package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.translate.Ingresses.Origin;
import dev.understudy.pool.ClusterName;
import dev.understudy.pool.PoolId;

/**
 * The names of pools and routes that objects come to. They never equal a name in the dynamic file,
 * as no name there has a dot.
 */
final class GatewayNames {
  private GatewayNames() {}

  /** The pool of a FailoverPolicy. */
  static PoolId policy(ObjectKey policy) {
    return new PoolId(ClusterName.of("gw", policy.namespace(), policy.name()));
  }

  /**
   * The pool of one port of a Service, which all rules with that backend alone share.
   *
   * @param spoken what is spoken there, if it is not HTTP/1: {@code -h2} or {@code -tcp}
   */
  static PoolId service(ObjectKey service, int port, String spoken) {
    return new PoolId(
        ClusterName.of("gw-svc" + spoken, service.namespace(), service.name(), "p" + port));
  }

  /** The pool of a rule that shares none. */
  static PoolId rule(Route route, int rule) {
    return new PoolId(of(route, "r" + rule));
  }

  /**
   * What one match of a rule comes to.
   *
   * @param nth of the places at which it is found, from 1
   */
  static String match(Route route, int rule, int match, int nth) {
    // In Ingresses a host follows, which may begin with a number.
    boolean first = nth == 1 && Ingresses.origin(route) == null;
    return of(route, "r" + rule + "-" + match + (first ? "" : "-" + nth));
  }

  private static String of(Route route, String last) {
    Origin ofIngress = Ingresses.origin(route);
    if (ofIngress != null) {
      // No label begins or ends with a hyphen, so no two hosts come to the same.
      String host =
          ofIngress.host().replace("-", "--").replace('.', '-').replaceFirst("^\\*-", "any---");
      return ClusterName.of(
          "gw-ingress",
          route.key().namespace(),
          ofIngress.ingress(),
          host.isEmpty() ? last : last + "-" + host);
    }
    String kind =
        switch (route.kind()) {
          case ObjectKind.GRPC_ROUTE -> "gw-grpc";
          case ObjectKind.TLS_ROUTE -> "gw-tls";
          case ObjectKind.TCP_ROUTE -> "gw-tcp";
          default -> "gw-http";
        };
    return ClusterName.of(kind, route.key().namespace(), route.key().name(), last);
  }
}
