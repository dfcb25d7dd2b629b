package dev.understudy.proxy.route;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.pool.RoutePart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The conditions under which a route matches or, if {@code why} is not null, under which it may
 * match at most.
 *
 * @param hosts patterns of which one must match; empty if any host does
 * @param paths patterns of which one must match; empty if any path does
 * @param methods a set as of {@link Methods}
 * @param condition what else must hold, of predicates {@code When}; null if nothing. Its hosts and
 *     paths are also among {@code hosts} and {@code paths} if a request cannot match without them
 * @param listeners names of listeners of which one must have accepted the request; empty for all
 * @param why the reason why not all predicates are compiled; null if all are
 */
record RouteConditions(
    List<NamePattern> hosts,
    List<NamePattern> paths,
    int methods,
    Set<String> listeners,
    @Nullable Condition condition,
    @Nullable String why) {
  /** The most combinations of a host and a path that one route may have. */
  private static final int MOST_PLACES = 4096;

  RouteConditions {
    hosts = List.copyOf(hosts);
    paths = paths.stream().anyMatch(NamePattern::matchesAll) ? List.of() : List.copyOf(paths);
    listeners = Set.copyOf(listeners);
  }

  /**
   * Whether requests of this listener may match.
   *
   * @param listener null for one that no route names
   */
  boolean isFor(@Nullable String listener) {
    return listeners.isEmpty() || (listener != null && listeners.contains(listener));
  }

  static RouteConditions of(List<RoutePart> predicates) {
    Reader reader = new Reader();
    predicates.forEach(reader::read);
    return reader.conditions();
  }

  /** Reads one predicate after the other. */
  private static final class Reader {
    private List<NamePattern> hosts = List.of();
    private List<NamePattern> paths = List.of();
    private int methods = Methods.ALL;
    private @Nullable Condition condition;
    private Set<String> listeners = Set.of();
    private @Nullable String why;

    void read(RoutePart predicate) {
      switch (predicate.name()) {
        case "Host" -> hosts(predicate);
        case "Path" -> paths(predicate);
        case "Method" -> methods(predicate);
        case "When" -> when(predicate);
        case "Listener" -> listeners(predicate);
        default -> because("predicate " + predicate.name() + " is not compiled");
      }
    }

    /** Keeps the first reason only. */
    private void because(String reason) {
      why = why == null ? reason : why;
    }

    private void hosts(RoutePart predicate) {
      List<NamePattern> patterns =
          values(predicate, "patterns").stream().map(NamePattern::host).toList();
      hosts = taken(predicate, hosts, patterns);
    }

    private void paths(RoutePart predicate) {
      List<String> texts = values(predicate, "patterns");
      String last = texts.isEmpty() ? "" : texts.getLast();
      if (last.equalsIgnoreCase("true") || last.equalsIgnoreCase("false")) {
        // A flag without effect in this version of the Gateway.
        texts = texts.subList(0, texts.size() - 1);
      }
      paths = taken(predicate, paths, texts.stream().map(NamePattern::path).toList());
    }

    private List<NamePattern> taken(
        RoutePart predicate, List<NamePattern> before, List<NamePattern> patterns) {
      if (!before.isEmpty()) {
        because("only one predicate " + predicate.name() + " is compiled");
        return before;
      }
      if (patterns.isEmpty() || !patterns.stream().allMatch(NamePattern::exact)) {
        because("a pattern of predicate " + predicate.name() + " is not compiled");
      }
      return patterns.isEmpty() ? List.of(NamePattern.UNKNOWN) : patterns;
    }

    private void methods(RoutePart predicate) {
      int set = 0;
      for (String name : values(predicate, "methods")) {
        int method = Methods.named(name);
        if (method == 0) {
          because("predicate Method has a method that the Gateway does not know");
          return;
        }
        set |= method;
      }
      if (set == 0) {
        because("predicate Method has no method");
        return;
      }
      methods &= set;
    }

    private void when(RoutePart predicate) {
      List<String> expressions = values(predicate, "expression");
      try {
        for (String each : expressions) {
          Condition parsed = Condition.parse(each);
          Condition before = condition;
          condition = before == null ? parsed : new Condition.All(List.of(before, parsed));
        }
      } catch (ExpressionException e) {
        because("the condition of predicate When is invalid");
      }
    }

    private void listeners(RoutePart predicate) {
      if (!listeners.isEmpty()) {
        because("only one predicate Listener is compiled");
        return;
      }
      listeners = new TreeSet<>(values(predicate, "listeners"));
      if (listeners.isEmpty()) {
        because("predicate Listener has no name");
      }
    }

    /** All values of a predicate, whatever their names, as the Gateway gathers lists. */
    private List<String> values(RoutePart predicate, String name) {
      for (Map.Entry<String, String> argument : predicate.args().entrySet()) {
        String key = argument.getKey();
        if (!RoutePart.isGenerated(key) && !key.equals(name) && !key.startsWith(name + "[")) {
          because("an argument of predicate " + predicate.name() + " is not known");
        }
      }
      return new ArrayList<>(predicate.args().values());
    }

    RouteConditions conditions() {
      if (condition != null) {
        hosts = hosts.isEmpty() ? ConditionIndex.hosts(condition) : hosts;
        paths = paths.isEmpty() ? ConditionIndex.paths(condition) : paths;
      }
      if (hosts.size() * (long) paths.size() > MOST_PLACES) {
        because("it has more than " + MOST_PLACES + " combinations of a host and a path");
        paths = List.of();
      }
      return new RouteConditions(hosts, paths, methods, listeners, condition, why);
    }
  }
}
