package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.translate.Report.ListenerReport;
import dev.understudy.pool.Listener;
import dev.understudy.pool.Pool;
import dev.understudy.pool.RouteSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the objects come to.
 *
 * @param routes in the order in which they are tried
 * @param reports what status is to say, of objects that are ours
 * @param policies the pools of FailoverPolicies, which are among {@code pools}
 */
public record Translation(
    List<Pool> pools,
    List<RouteSpec> routes,
    List<Listener> listeners,
    Map<ObjectId, Report> reports,
    List<PolicyPool> policies) {
  public Translation {
    pools = List.copyOf(pools);
    routes = List.copyOf(routes);
    listeners = List.copyOf(listeners);
    reports = Map.copyOf(reports);
    policies = List.copyOf(policies);
  }

  /**
   * The same with reports that say that none of it is in force.
   *
   * @param why one sentence
   */
  public Translation refused(String why) {
    Map<ObjectId, Report> all = new LinkedHashMap<>();
    reports.forEach((id, report) -> all.put(id, refused(report, why)));
    return new Translation(pools, routes, listeners, all, policies);
  }

  private static Report refused(Report report, String why) {
    return switch (report) {
      case Report.OfGateway of ->
          new Report.OfGateway(
              refused(of.conditions(), why),
              listeners(of.listeners(), why),
              of.addresses(),
              of.listenerSets());
      case Report.OfListenerSet of ->
          new Report.OfListenerSet(refused(of.conditions(), why), listeners(of.listeners(), why));
      case Report.OfIngress of ->
          new Report.OfIngress(
              List.of(), List.of(StatusCondition.no(StatusCondition.PROGRAMMED, "Invalid", why)));
      case Report other -> other;
    };
  }

  private static List<ListenerReport> listeners(List<ListenerReport> listeners, String why) {
    return listeners.stream()
        .map(
            each ->
                new ListenerReport(
                    each.name(), each.kinds(), each.routes(), refused(each.conditions(), why)))
        .toList();
  }

  private static List<StatusCondition> refused(List<StatusCondition> conditions, String why) {
    return conditions.stream()
        .map(
            each ->
                each.holds() && each.type().equals(StatusCondition.PROGRAMMED)
                    ? StatusCondition.no(each.type(), "Invalid", why)
                    : each)
        .toList();
  }
}
