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

  private static boolean changes(Filter filter, String term) {
    return switch (filter.name()) {
      case "SetVariable" -> term.startsWith("variable");
      case "SetPath", "RewritePath", "StripPrefix" ->
          term.startsWith("path") || term.startsWith("target");
      case "SetQuery" -> term.startsWith("query") || term.startsWith("target");
      case "SetHost" -> term.startsWith("host");
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
