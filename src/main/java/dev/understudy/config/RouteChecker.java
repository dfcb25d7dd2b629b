package dev.understudy.config;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What only the Gateway knows about routes, asked while a file is read.
 *
 * <p>A result says what is expected, in words that follow a colon, or is null where nothing is
 * wrong. It is not shown where arguments may hold secrets. Implementations start nothing and may be
 * asked from any thread.
 */
public interface RouteChecker {
  /** Knows no names, and so refuses none. */
  RouteChecker NONE = new RouteChecker() {};

  /** All names of predicates; empty: not known. */
  default Set<String> predicateNames() {
    return Set.of();
  }

  /** All names of filters, ours included; empty: not known. */
  default Set<String> filterNames() {
    return Set.of();
  }

  /** What is wrong with the arguments of a predicate whose name is known. */
  default @Nullable String predicateProblem(NamedArgs predicate) {
    return null;
  }

  /** What is wrong with the arguments of a filter whose name is known; default filters too. */
  default @Nullable String filterProblem(NamedArgs filter) {
    return null;
  }

  /** What is wrong with a route whose parts are all good. */
  default @Nullable String routeProblem(RouteSpec route) {
    return null;
  }

  /**
   * Which of these can never match: their ids, each with the ids of those that come first and match
   * all that it matches; none where it contradicts itself. Silent in doubt.
   *
   * @param routes in the file's order, without disabled ones
   */
  default Map<String, Set<String>> shadowed(List<RouteSpec> routes) {
    return Map.of();
  }

  /** What is wrong with the name of an SSL bundle. */
  default @Nullable String bundleProblem(String bundle) {
    return null;
  }
}
