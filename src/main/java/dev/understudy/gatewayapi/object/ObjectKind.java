package dev.understudy.gatewayapi.object;

import java.util.List;

/** The kinds of objects that are read, with the version that is read. */
public enum ObjectKind {
  GATEWAY_CLASS(Group.GATEWAY, "v1", "gatewayclasses", "GatewayClass"),
  GATEWAY(Group.GATEWAY, "v1", "gateways", "Gateway"),
  LISTENER_SET(Group.GATEWAY, "v1", "listenersets", "ListenerSet"),
  HTTP_ROUTE(Group.GATEWAY, "v1", "httproutes", "HTTPRoute"),
  GRPC_ROUTE(Group.GATEWAY, "v1", "grpcroutes", "GRPCRoute"),
  TLS_ROUTE(Group.GATEWAY, "v1", "tlsroutes", "TLSRoute"),
  TCP_ROUTE(Group.GATEWAY, "v1", "tcproutes", "TCPRoute"),
  REFERENCE_GRANT(Group.GATEWAY, "v1", "referencegrants", "ReferenceGrant"),
  BACKEND_TLS_POLICY(Group.GATEWAY, "v1", "backendtlspolicies", "BackendTLSPolicy"),
  FAILOVER_POLICY("understudy.dev", "v1alpha1", "failoverpolicies", "FailoverPolicy"),
  INGRESS("networking.k8s.io", "v1", "ingresses", "Ingress"),
  INGRESS_CLASS("networking.k8s.io", "v1", "ingressclasses", "IngressClass"),
  SERVICE("", "v1", "services", "Service"),
  SECRET("", "v1", "secrets", "Secret"),
  CONFIG_MAP("", "v1", "configmaps", "ConfigMap"),
  NAMESPACE("", "v1", "namespaces", "Namespace");

  /** Groups that several kinds have. */
  private static final class Group {
    static final String GATEWAY = "gateway.networking.k8s.io";
  }

  /** The kinds of {@link Route}. */
  public static final List<ObjectKind> ROUTES =
      List.of(HTTP_ROUTE, GRPC_ROUTE, TLS_ROUTE, TCP_ROUTE);

  private final String group;
  private final String version;
  private final String plural;
  private final String kind;

  ObjectKind(String group, String version, String plural, String kind) {
    this.group = group;
    this.version = version;
    this.plural = plural;
    this.kind = kind;
  }

  /** The API group; empty for the core's. */
  public String group() {
    return group;
  }

  /** The version that is read, and in which status is written. */
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** The name of the resource, as Roles have it. */
  public String plural() {
    return plural;
  }

  /** The kind as references have it. */
  public String kind() {
    return kind;
  }

  /** Whether its objects belong to no namespace. */
  public boolean isClusterScoped() {
    return this == GATEWAY_CLASS || this == INGRESS_CLASS || this == NAMESPACE;
  }

  /** Whether it is a kind of route whose requests are read, HTTPRoute or GRPCRoute. */
  public boolean isOfRequests() {
    return this == HTTP_ROUTE || this == GRPC_ROUTE;
  }

  /** Whether a reference of that group and kind means this kind. */
  public boolean is(String ofGroup, String ofKind) {
    return group.equals(ofGroup) && kind.equals(ofKind);
  }
}
