package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
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
record ImportedRoute(
    String id,
    List<String> listeners,
    TranslatedCondition when,
    String pool,
    List<ImportedFilter> filters,
    List<String> comments) {
  private static final Pattern HOSTS =
      Pattern.compile("host\\(([A-Za-z0-9.-]+(?:, [A-Za-z0-9.-]+)*)\\)");

  /** The same with a filter before all others. */
  ImportedRoute after(ImportedFilter first) {
    List<ImportedFilter> all = new ArrayList<>();
    all.add(first);
    all.addAll(filters);
    return new ImportedRoute(id, listeners, when, pool, all, comments);
  }

  /** Predicates: the host by {@code Host}, which is indexed, the rest by {@code When}. */
  List<String> predicates() {
    List<String> predicates = new ArrayList<>();
    if (!listeners.isEmpty()) {
      predicates.add("Listener=" + String.join(",", listeners));
    }
    List<TranslatedCondition> rest = new ArrayList<>();
    boolean host = false;
    for (TranslatedCondition part : when.conjuncts()) {
      Matcher hosts = part instanceof TranslatedCondition.Term ? HOSTS.matcher(part.text()) : null;
      if (!host && hosts != null && hosts.matches()) {
        host = true;
        predicates.add("Host=" + hosts.group(1).replace(", ", ","));
      } else {
        rest.add(part);
      }
    }
    TranslatedCondition left = TranslatedCondition.all(rest);
    if (!left.isAlways()) {
      predicates.add("When=" + left.text());
    }
    if (predicates.isEmpty()) {
      predicates.add("Path=/**");
    }
    return predicates;
  }

  /** Refuses all requests. */
  static ImportedRoute nothing() {
    return new ImportedRoute(
        "none",
        List.of(),
        Constant.TRUE,
        "",
        List.of(ImportedFilter.deny("503", Constant.TRUE)),
        List.of("Nothing that is served is left: see the report."));
  }

  /** The routes as a document has them: filters that several share are written once. */
  static YamlList yaml(List<ImportedRoute> routes) {
    YamlList list = YamlList.block();
    Map<List<ImportedFilter>, YamlList> written = new HashMap<>();
    Map<List<ImportedFilter>, String> anchors = new HashMap<>();
    for (ImportedRoute route : routes) {
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
      ImportedRoute route,
      Map<List<ImportedFilter>, YamlList> written,
      Map<List<ImportedFilter>, String> anchors) {
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
