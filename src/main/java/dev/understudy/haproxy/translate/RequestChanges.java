package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import java.util.List;
import java.util.Locale;

/** Whether conditions read what filters before them change in the request. */
final class RequestChanges {
  private RequestChanges() {}

  static boolean concern(List<Filter> filters, List<Expression> conditions) {
    return conditions.stream()
        .flatMap(Expression::leaves)
        .filter(Expression.Term.class::isInstance)
        .map(leaf -> ((Expression.Term) leaf).text().toLowerCase(Locale.ROOT))
        .anyMatch(term -> filters.stream().anyMatch(filter -> changes(filter, term)));
  }

  /** What a rule of {@code http-request} changes, as filters without values; often nothing. */
  static List<Filter> of(RuleLine rule) {
    Expression always = Expression.Constant.TRUE;
    Filter path = rule.filter("SetPath", always);
    Filter query = rule.filter("SetQuery", always);
    return switch (rule.argument(0)) {
      case "set-path", "replace-path" -> List.of(path);
      case "set-query" -> List.of(query);
      case "set-pathq", "set-uri", "replace-pathq", "replace-uri" -> List.of(path, query);
      case "set-method" -> List.of(rule.filter("SetMethod", always));
      case "set-header", "add-header", "del-header", "replace-header", "replace-value" ->
          List.of(rule.filter("SetRequestHeader", always, "name", rule.argument(1)));
      default -> List.of();
    };
  }

  /** Whether a filter changes what a term reads, which is in lower case. */
  static boolean changes(Filter filter, String term) {
    return switch (filter.name()) {
      case "SetVariable" -> term.startsWith("variable");
      case "SetPath", "RewritePath", "StripPrefix" ->
          term.startsWith("path") || term.startsWith("target");
      case "SetQuery" -> term.startsWith("query") || term.startsWith("target");
      case "SetHost" -> term.startsWith("host");
      case "SetMethod" -> term.startsWith("method");
      case "SetRequestHeader",
          "AddRequestHeader",
          "RemoveRequestHeader",
          "ReplaceRequestHeader" -> {
        String name = filter.arguments().getOrDefault("name", "").toLowerCase(Locale.ROOT);
        boolean cookie = name.equals("cookie") && term.startsWith("cookie");
        boolean host = name.equals("host") && term.startsWith("host");
        yield cookie || host || (term.startsWith("header") && term.contains(name));
      }
      default -> false;
    };
  }
}
