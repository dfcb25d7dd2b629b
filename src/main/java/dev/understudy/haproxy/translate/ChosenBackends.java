package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.syntax.Statement;
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

  /** No pool has this name. */
  private static final String REFUSED = "-";

  /** Holds for requests without a choice. */
  private static final Expression NONE =
      Expression.not(new Expression.Term("variable(" + VARIABLE + ")"));

  private final Context context;
  private final List<Filter> choices = new ArrayList<>();
  private final List<Led> led = new ArrayList<>();
  private final Set<String> backends = new LinkedHashSet<>();
  private boolean always;
  private boolean refuses;

  ChosenBackends(Context context) {
    this.context = context;
  }

  /** Adds a choice, for requests that none before has chosen a backend for. */
  void add(Statement line, String backend, Expression when, List<String> comments) {
    set(context.pools.of(backend), when, comments);
    led.add(new Led(line, backend, when));
    // The last one stays the last, as it is the default.
    backends.remove(backend);
    backends.add(backend);
  }

  /** Requests that no backend serves, whatever choices follow. */
  void refuse(Expression when, List<String> comments) {
    set(REFUSED, when, comments);
    refuses = true;
  }

  /** A choice as its line says it, whatever others come before. */
  record Led(Statement line, String backend, Expression when) {}

  /** The choices in the order of the rules. */
  List<Led> led() {
    return led;
  }

  private void set(String value, Expression when, List<String> comments) {
    Expression open = choices.isEmpty() ? when : Expression.all(List.of(when, NONE));
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("name", VARIABLE);
    arguments.put("value", value);
    choices.add(new Filter("SetVariable", arguments, open, comments));
    always |= when.equals(Expression.Constant.TRUE);
  }

  /** Holds for requests that are refused; false if there are none. */
  Expression refused() {
    Expression unset = always ? Expression.Constant.FALSE : NONE;
    return refuses ? Expression.any(List.of(unset, is(REFUSED))) : unset;
  }

  boolean isEmpty() {
    return choices.isEmpty();
  }

  /** The filters that set the variable, in the order of the rules. */
  List<Filter> choices() {
    return choices;
  }

  /** The names of the backends, each once. */
  Set<String> backends() {
    return backends;
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

  /** Holds for requests of this backend. */
  Expression isChosen(String backend) {
    return is(context.pools.of(backend));
  }

  private static Expression is(String value) {
    return new Expression.Term("variable(" + VARIABLE + ", " + value + ")");
  }
}
