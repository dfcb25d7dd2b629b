package dev.understudy.gatewayapi.object;

import java.util.List;

/**
 * An HTTPRoute, GRPCRoute, TLSRoute or TCPRoute, all in one form.
 *
 * @param kind one of these four
 * @param hostnames in small letters, exact or {@code *.} and a domain; empty for all
 */
public record Route(
    ObjectKind kind, Meta meta, List<ParentRef> parents, List<String> hostnames, List<Rule> rules)
    implements ClusterObject {
  public Route {
    parents = List.copyOf(parents);
    hostnames = List.copyOf(hostnames);
    rules = List.copyOf(rules);
  }
}
