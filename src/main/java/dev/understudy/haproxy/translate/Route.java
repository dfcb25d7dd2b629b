package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A route to be.
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
    List<Expression> parts = when instanceof Expression.All all ? all.parts() : List.of(when);
    List<Expression> rest = new ArrayList<>();
    boolean host = false;
    for (Expression part : parts) {
      Matcher hosts = part instanceof Expression.Term ? HOSTS.matcher(part.text()) : null;
      if (!host && hosts != null && hosts.matches()) {
        host = true;
        predicates.add("Host=" + hosts.group(1).replace(", ", ","));
      } else {
        rest.add(part);
      }
    }
    Expression left = Expression.all(rest);
    if (!left.equals(Expression.Constant.TRUE)) {
      predicates.add("When=" + left.text());
    }
    if (predicates.isEmpty()) {
      predicates.add("Path=/**");
    }
    return predicates;
  }
}
