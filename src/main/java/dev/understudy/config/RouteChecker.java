package dev.understudy.config;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks that need the Gateway or Spring, made while a file is read.
 *
 * <p>A result states the expectation in words that follow a colon, or is null if there is no
 * problem. It is not shown if arguments may hold secrets. Implementations start nothing and are
 * safe for any thread.
 */
public interface RouteChecker {
  /** A checker without knowledge, which refuses nothing. */
  RouteChecker NONE = new RouteChecker() {};

  /** All names of predicates; empty if not known. */
  default Set<String> predicateNames() {
    return Set.of();
  }

  /** All names of filters, ours included; empty if not known. */
  default Set<String> filterNames() {
    return Set.of();
  }

  /** Whether a predicate's name is known, or no names are. */
  default boolean knowsPredicate(RoutePart predicate) {
    Set<String> names = predicateNames();
    return names.isEmpty() || names.contains(predicate.name());
  }

  /** Whether a filter's name is known, or no names are. */
  default boolean knowsFilter(RoutePart filter) {
    Set<String> names = filterNames();
    return names.isEmpty() || names.contains(filter.name());
  }

  /** The problem with the arguments of a predicate whose name is known. */
  default @Nullable String predicateProblem(RoutePart predicate) {
    return null;
  }

  /** The problem with the arguments of a filter whose name is known, or of a default filter. */
  default @Nullable String filterProblem(RoutePart filter) {
    return null;
  }

  /**
   * Finds routes that can never match: their ids, each with the ids of the earlier routes that
   * match all its requests, or with none if the route contradicts itself. Reports only certain
   * cases.
   *
   * @param routes in the file's order, without disabled ones
   */
  default Map<String, Set<String>> shadowed(List<RouteSpec> routes) {
    return Map.of();
  }

  /** The problem with the name of an SSL bundle. */
  default @Nullable String bundleProblem(String bundle) {
    return null;
  }

  /** The problem with the name of a health check of the extensions. */
  default @Nullable String healthCheckProblem(String name) {
    return null;
  }

  /** The problem with a program that a hook names, in words that follow "expected". */
  default @Nullable String programProblem(String name) {
    return null;
  }
}
