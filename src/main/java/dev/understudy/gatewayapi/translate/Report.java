package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.Gateway.Address;
import dev.understudy.gatewayapi.object.ListenerEntry.GroupKind;
import dev.understudy.gatewayapi.object.ParentRef;
import dev.understudy.pool.PoolId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the status of one object is to say, without the times of its conditions. */
public sealed interface Report {
  /** Of a GatewayClass. */
  record OfClass(List<StatusCondition> conditions, List<String> features) implements Report {}

  /**
   * Of a Gateway.
   *
   * @param listenerSets how many add listeners to it
   */
  record OfGateway(
      List<StatusCondition> conditions,
      List<ListenerReport> listeners,
      List<Address> addresses,
      int listenerSets)
      implements Report {}

  /** Of a ListenerSet. */
  record OfListenerSet(List<StatusCondition> conditions, List<ListenerReport> listeners)
      implements Report {}

  /**
   * Of one listener.
   *
   * @param kinds of routes that it supports
   * @param routes how many are attached
   */
  record ListenerReport(
      String name, List<GroupKind> kinds, int routes, List<StatusCondition> conditions) {}

  /** Of a route. */
  record OfRoute(List<ParentReport> parents) implements Report {}

  /** Of a route at one parent, or of a policy at one Gateway. */
  record ParentReport(ParentRef parent, List<StatusCondition> conditions) {}

  /** Of a BackendTLSPolicy, at each Gateway whose routes lead to its Services. */
  record OfBackendTls(List<ParentReport> ancestors) implements Report {}

  /**
   * Of an Ingress, which has no conditions.
   *
   * @param addresses where it is reached; none if it serves nothing
   * @param problems the conditions that it would have
   */
  record OfIngress(List<Address> addresses, List<StatusCondition> problems) implements Report {
    public OfIngress {
      addresses = List.copyOf(addresses);
      problems = List.copyOf(problems);
    }
  }

  /**
   * Of a FailoverPolicy.
   *
   * @param pool whose state is shown; null if it has none
   */
  record OfFailover(List<StatusCondition> conditions, @Nullable PoolId pool) implements Report {}
}
