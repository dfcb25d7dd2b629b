package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Backends that filters of one route choose, by a variable that the first rule sets whose condition
 * holds. So conditions see the request as the rules before have changed it, and each backend has
 * rules of its own.
 */
final class ChosenBackends {
  /** No variable of a HAProxy configuration becomes one with a dot in its name. */
  private static final String VARIABLE = "understudy.backend";

  /** Holds for requests without a backend. */
  static final Expression NONE = Expression.not(new Expression.Term("variable(" + VARIABLE + ")"));

  private final Context context;
  private final List<Filter> choices = new ArrayList<>();
  private final Set<String> backends = new LinkedHashSet<>();
  private boolean always;

  ChosenBackends(Context context) {
    this.context = context;
  }

  /** Adds a choice, for requests that none before has chosen a backend for. */
  void add(String backend, Expression when, List<String> comments) {
    Expression open = choices.isEmpty() ? when : Expression.all(List.of(when, NONE));
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("name", VARIABLE);
    arguments.put("value", context.pools.of(backend));
    choices.add(new Filter("SetVariable", arguments, open, comments));
    // The last one stays the last, as it is the default.
    backends.remove(backend);
    backends.add(backend);
    always |= when.equals(Expression.Constant.TRUE);
  }

  /** The filters that set the variable, in the order of the rules. */
  List<Filter> choices() {
    return choices;
  }

  /** The names of the backends, each once. */
  Set<String> backends() {
    return backends;
  }

  /** Whether every request has a backend. */
  boolean isAlways() {
    return always;
  }

  /** The filter that leads to the pool of a backend. */
  Filter usePool(String backend) {
    return new Filter(
        "UsePool", Map.of("pool", context.pools.of(backend)), isChosen(backend), List.of());
  }

  /** The filters, for requests of this backend only. */
  List<Filter> only(String backend, List<Filter> filters) {
    return filters.stream()
        .map(
            each ->
                new Filter(
                    each.name(),
                    each.arguments(),
                    Expression.all(List.of(each.when(), isChosen(backend))),
                    each.comments()))
        .toList();
  }

  private Expression isChosen(String backend) {
    return new Expression.Term("variable(" + VARIABLE + ", " + context.pools.of(backend) + ")");
  }
}
