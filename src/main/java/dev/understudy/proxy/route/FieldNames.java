package dev.understudy.proxy.route;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.TextSource;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.forwardauth.ForwardAuthSettings;
import dev.understudy.proxy.http.RequestFields;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects the names of request fields in the routes of a file, whichever lane serves them. */
final class FieldNames {
  private static final String KEY = "header:";

  private final Set<String> changed = new HashSet<>();
  private final Set<String> read = new HashSet<>();

  private FieldNames() {}

  static RequestFields of(List<RouteSpec> routes, List<RoutePart> defaultFilters) {
    FieldNames names = new FieldNames();
    defaultFilters.forEach(names::filter);
    for (RouteSpec route : routes) {
      route.filters().forEach(names::filter);
      route.predicates().forEach(names::predicate);
    }
    return names.changed.isEmpty() && names.read.isEmpty()
        ? RequestFields.OWN
        : new RequestFields(names.changed, names.read);
  }

  private void filter(RoutePart filter) {
    condition(filter.when());
    List<String> values = List.copyOf(filter.args().values());
    switch (FilterKind.of(filter)) {
      case ADD_REQUEST_HEADER, SET_REQUEST_HEADER, REMOVE_REQUEST_HEADER, REPLACE_REQUEST_HEADER ->
          changed.add(filter.args().getOrDefault("name", first(values)));
      case ADD_REQUEST_HEADERS_IF_NOT_PRESENT ->
          values.forEach(each -> changed.add(each.replaceFirst(":.*", "").strip()));
      case MAP_REQUEST_HEADER -> changed.addAll(values);
      case REQUEST_HEADER_TO_REQUEST_URI -> read.add(first(values));
      case FORWARD_AUTH -> {
        try {
          ForwardAuthSettings settings =
              ForwardAuthSettings.of(
                  new FilterArguments(filter, FilterKind.FORWARD_AUTH, true)::text);
          changed.addAll(settings.responseHeaders());
          read.addAll(settings.requestHeaders());
        } catch (IllegalArgumentException | NotCompilableException e) {
          // Another check of the file says so.
        }
      }
      case RATE_LIMIT ->
          values.stream()
              .map(String::strip)
              .filter(each -> each.startsWith(KEY))
              .forEach(each -> read.add(each.substring(KEY.length()).strip()));
      default -> {}
    }
  }

  private void predicate(RoutePart predicate) {
    List<String> values = List.copyOf(predicate.args().values());
    switch (predicate.name()) {
      case "Header" -> read.add(predicate.args().getOrDefault("header", first(values)));
      case "When" -> values.forEach(this::condition);
      default -> {}
    }
  }

  private static String first(List<String> values) {
    return values.isEmpty() ? "" : values.getFirst();
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
                  read.add(count.name());
                } else if (term instanceof Condition.Text text
                    && text.source().kind() == TextSource.Kind.HEADER) {
                  read.add(text.source().name());
                }
              });
    } catch (ExpressionException e) {
      // Another check of the file says so.
    }
  }
}
