package dev.understudy.proxy.route;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.Template;
import dev.understudy.condition.TermSubject;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.filter.ForwardAuthFilter;
import dev.understudy.proxy.http.RequestFields;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects the names of request fields in the routes of a file, whichever lane serves them. */
final class FieldNames {
  private static final String KEY = "header:";

  private final Set<String> names = new HashSet<>();

  private FieldNames() {}

  static RequestFields of(List<RouteSpec> routes, List<RoutePart> defaultFilters) {
    FieldNames found = new FieldNames();
    defaultFilters.forEach(found::filter);
    for (RouteSpec route : routes) {
      route.filters().forEach(found::filter);
      route.predicates().forEach(found::predicate);
    }
    return found.names.isEmpty() ? RequestFields.OWN : new RequestFields(found.names);
  }

  private void filter(RoutePart filter) {
    condition(filter.when());
    List<String> values = List.copyOf(filter.args().values());
    values.forEach(this::template);
    values.stream()
        .map(String::strip)
        .filter(each -> each.startsWith(KEY))
        .forEach(each -> names.add(each.substring(KEY.length()).strip()));
    FilterKind kind = FilterKind.of(filter);
    for (int i = 0; i < Math.min(kind.requestFields(), values.size()); i++) {
      names.add(filter.args().getOrDefault(kind.arguments().get(i), values.get(i)));
    }
    if (kind == ForwardAuthFilter.KIND) {
      ForwardAuthFilter.addFields(filter, names);
    } else if (filter.name().equals("AddRequestHeadersIfNotPresent")) {
      values.forEach(each -> names.add(each.replaceFirst(":.*", "").strip()));
    }
  }

  private void predicate(RoutePart predicate) {
    List<String> values = List.copyOf(predicate.args().values());
    switch (predicate.name()) {
      case "Header" -> names.add(predicate.args().getOrDefault("header", first(values)));
      case "When" -> values.forEach(this::condition);
      default -> {}
    }
  }

  private static String first(List<String> values) {
    return values.isEmpty() ? "" : values.getFirst();
  }

  /** Whichever values a filter makes of its arguments: a name too many does no harm. */
  private void template(String value) {
    try {
      Template.parse(value, Set.of()).headers().forEach(names::add);
    } catch (ExpressionException e) {
      // Another check of the file says so.
    }
  }

  private void condition(@Nullable String expression) {
    if (expression == null) {
      return;
    }
    try {
      Condition.parse(expression)
          .terms()
          .forEach(
              term -> {
                if (term instanceof Condition.HeaderCount count) {
                  names.add(count.name());
                } else if (term instanceof Condition.Text text
                    && text.source().kind() == TermSubject.Kind.HEADER) {
                  names.add(text.source().name());
                }
              });
    } catch (ExpressionException e) {
      // Another check of the file says so.
    }
  }
}
