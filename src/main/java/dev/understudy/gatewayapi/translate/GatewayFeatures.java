package dev.understudy.gatewayapi.translate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The features of the API that are supported as the specification has them, by the names that the
 * conformance suite has.
 */
final class GatewayFeatures {
  private static final List<String> ALWAYS =
      List.of(
          "BackendTLSPolicy",
          "GRPCRoute",
          "GRPCRouteNamedRouteRule",
          "GRPCRouteRequestHeaderModifier",
          "Gateway",
          "GatewayAddressEmpty",
          "GatewayHTTPListenerIsolation",
          "GatewayStaticAddresses",
          "HTTPRoute",
          "HTTPRoute303RedirectStatusCode",
          "HTTPRoute307RedirectStatusCode",
          "HTTPRoute308RedirectStatusCode",
          "HTTPRouteBackendProtocolH2C",
          "HTTPRouteBackendProtocolWebSocket",
          "HTTPRouteBackendTimeout",
          "HTTPRouteDestinationPortMatching",
          "HTTPRouteHostRewrite",
          "HTTPRouteMethodMatching",
          "HTTPRouteNamedRouteRule",
          "HTTPRouteParentRefPort",
          "HTTPRoutePathRedirect",
          "HTTPRoutePathRewrite",
          "HTTPRoutePortRedirect",
          "HTTPRouteQueryParamMatching",
          "HTTPRouteRequestTimeout",
          "HTTPRouteResponseHeaderModification",
          "HTTPRouteSchemeRedirect",
          "ListenerSet",
          "ReferenceGrant",
          "TCPRoute",
          "TLSRoute",
          "TLSRouteModeMixed",
          "TLSRouteModeTerminate");

  private GatewayFeatures() {}

  /** All of this deployment, in the order of their names. */
  static List<String> of(GatewaySettings settings) {
    List<String> all = new ArrayList<>(ALWAYS);
    if (settings.main().ports().containsKey(8080)) {
      all.add("GatewayPort8080");
    }
    Collections.sort(all);
    return List.copyOf(all);
  }
}
