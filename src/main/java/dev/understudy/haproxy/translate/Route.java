package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.yaml.YamlNode;
import dev.understudy.haproxy.yaml.YamlNode.YamlList;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import dev.understudy.haproxy.yaml.YamlNode.YamlScalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A route of the dynamic file that is being made.
 *
 * @param listeners empty: all
 * @param pool empty: the filters end every request
 * @param comments the lines that it comes from
 */
record Route(
    String id,
    List<String> listeners,
    Expression when,
    String pool,
    List<Filter> filters,
    List<String> comments) {
  private static final Pattern HOSTS =
      Pattern.compile("host\\(([A-Za-z0-9.-]+(?:, [A-Za-z0-9.-]+)*)\\)");

  /** The same with a filter before all others. */
  Route after(Filter first) {
    List<Filter> all = new ArrayList<>();
    all.add(first);
    all.addAll(filters);
    return new Route(id, listeners, when, pool, all, comments);
  }

  /** Predicates: the host by {@code Host}, which is indexed, the rest by {@code When}. */
  List<String> predicates() {
    List<String> predicates = new ArrayList<>();
    if (!listeners.isEmpty()) {
      predicates.add("Listener=" + String.join(",", listeners));
    }
    List<Expression> rest = new ArrayList<>();
    boolean host = false;
    for (Expression part : when.conjuncts()) {
      Matcher hosts = part instanceof Expression.Term ? HOSTS.matcher(part.text()) : null;
      if (!host && hosts != null && hosts.matches()) {
        host = true;
        predicates.add("Host=" + hosts.group(1).replace(", ", ","));
      } else {
        rest.add(part);
      }
    }
    Expression left = Expression.all(rest);
    if (!left.isAlways()) {
      predicates.add("When=" + left.text());
    }
    if (predicates.isEmpty()) {
      predicates.add("Path=/**");
    }
    return predicates;
  }

  /** Refuses all requests. */
  static Route nothing() {
    return new Route(
        "none",
        List.of(),
        Expression.Constant.TRUE,
        "",
        List.of(Filter.deny("503", Expression.Constant.TRUE)),
        List.of("Nothing that is served is left: see the report."));
  }

  /** The routes as a document has them: filters that several share are written once. */
  static YamlList yaml(List<Route> routes) {
    YamlList list = YamlList.block();
    Map<List<Filter>, YamlList> written = new HashMap<>();
    Map<List<Filter>, String> anchors = new HashMap<>();
    for (Route route : routes) {
      YamlMap map = YamlMap.block();
      map.put("id", route.id());
      map.put("uri", route.pool().isEmpty() ? "no://op" : "pool://" + route.pool());
      map.put("predicates", YamlList.flow(route.predicates()));
      if (!route.filters().isEmpty()) {
        map.put("filters", filters(route, written, anchors));
      }
      list.add(map, route.comments());
    }
    return list;
  }

  private static YamlNode filters(
      Route route, Map<List<Filter>, YamlList> written, Map<List<Filter>, String> anchors) {
    YamlList first = written.get(route.filters());
    if (first != null && route.filters().size() > 1) {
      String anchor =
          anchors.computeIfAbsent(route.filters(), any -> "filters-" + (anchors.size() + 1));
      first.anchor(anchor);
      return YamlScalar.alias(anchor);
    }
    YamlList list = YamlList.block();
    route.filters().forEach(each -> list.add(each.yaml(), each.comments()));
    written.put(route.filters(), list);
    return list;
  }
}
