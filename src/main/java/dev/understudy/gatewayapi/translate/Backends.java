package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.Reference;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.object.Rule.BackendRef;
import dev.understudy.gatewayapi.object.Service;
import org.jspecify.annotations.Nullable;

/**
 * Finds the Services that rules refer to.
 *
 * @param objects all that are known
 * @param tls of the Services that have policies for it
 */
record Backends(ClusterObjects objects, ServiceTls tls) {
  private static final String HTTP_2 = "kubernetes.io/h2c";
  private static final String WEB_SOCKET_IN_TLS = "kubernetes.io/wss";

  /** What is spoken to a backend. */
  enum Protocol {
    HTTP_1,
    HTTP_2,
    TCP
  }

  /**
   * A port of a Service.
   *
   * @param tls how it is reached; null for in the clear
   */
  record Backend(
      Service service, Service.Port port, Protocol protocol, ServiceTls.@Nullable Connection tls) {
    /** Whether connections may be made to it. */
    boolean usable() {
      return tls == null || tls.settings() != null;
    }
  }

  /**
   * What a reference leads to.
   *
   * @param backend null if there is a problem
   * @param problem the condition {@code ResolvedRefs}; null if there is none
   */
  record Found(@Nullable Backend backend, @Nullable StatusCondition problem) {}

  /**
   * Follows a reference.
   *
   * @param withTls whether policies for TLS count, as they do unless the client's own TLS is
   *     relayed
   */
  Found find(Route route, BackendRef ref, boolean withTls) {
    Reference to = ref.to();
    if (!to.isOf(ObjectKind.SERVICE)) {
      return problem("InvalidKind", to + " is of a kind that is no backend; expected a Service");
    }
    if (!objects.mayRefer(route.kind(), route.key().namespace(), to)) {
      return problem("RefNotPermitted", "no ReferenceGrant permits the reference to " + to);
    }
    Service service = objects.get(ObjectKind.SERVICE, to.key(), Service.class);
    if (service == null || service.external()) {
      return problem(
          "BackendNotFound",
          to + (service == null ? " is not there" : " is of the type ExternalName"));
    }
    Integer number = to.port();
    Service.Port port = service.port(number);
    if (port == null) {
      return problem(
          "BackendNotFound",
          number == null
              ? "the reference to " + to + " names no port of it"
              : to + " has no TCP port " + number);
    }
    if (isNumber(port.name())) {
      return problem(
          "UnsupportedValue", to + ": expected a port whose name is no number, not " + port.name());
    }
    ServiceTls.Connection connection = withTls ? tls.to(to.key(), port) : null;
    if (!route.kind().isOfRequests()) {
      return new Found(new Backend(service, port, Protocol.TCP, connection), null);
    }
    if (WEB_SOCKET_IN_TLS.equals(port.appProtocol()) && connection == null) {
      return problem(
          "UnsupportedProtocol",
          "port " + number + " of " + to + " speaks TLS, for which it has no BackendTLSPolicy");
    }
    boolean http2 = route.kind() == ObjectKind.GRPC_ROUTE || HTTP_2.equals(port.appProtocol());
    return new Found(
        new Backend(service, port, http2 ? Protocol.HTTP_2 : Protocol.HTTP_1, connection), null);
  }

  /** Whether a port's name cannot be told from a number where servers are looked up by it. */
  static boolean isNumber(String name) {
    return !name.isEmpty() && name.chars().allMatch(Character::isDigit);
  }

  private static Found problem(String reason, String message) {
    return new Found(null, StatusCondition.unresolved(reason, message));
  }
}
