package dev.understudy.config;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.pool.Disclosure;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.text.Suggestions;
import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks each part of a route with the {@link RouteChecker}, and the servers and pools that filters
 * name itself.
 *
 * @param listeners names of listeners, the broken ones included
 */
record PartChecks(
    RouteChecker checker,
    Map<String, ? extends Collection<String>> serversByPool,
    Set<String> listeners,
    PoolNames pools,
    UserFiles users,
    Problems problems) {
  private static final String WHEN = "When";
  private static final String LISTENER = "Listener";

  /** In characters. */
  private static final int SHORTEST_SECRET = 3;

  void predicate(RoutePart predicate, Node node) {
    if (predicate.name().equals(WHEN)) {
      predicate.args().values().forEach(each -> pools(each, node));
    }
    if (predicate.name().equals(LISTENER)) {
      listeners(predicate, node);
    }
    if (checker.knowsPredicate(predicate)) {
      refused(checker.predicateProblem(predicate), predicate, node);
    } else {
      unknown("predicate", predicate, checker.predicateNames(), node);
    }
  }

  /**
   * Checks a filter of a route.
   *
   * @param chosen the pools that filters before it choose; this one's is added
   */
  void filter(RoutePart filter, Node node, @Nullable URI uri, Set<String> chosen) {
    String used = usedPool(filter);
    if (used != null) {
      chosen.add(used);
    }
    if (FilterKind.of(filter).is(Trait.SERVER) && uri != null) {
      if (!RouteSpec.POOL_SCHEME.equals(uri.getScheme())) {
        problems.add(node, filter.name() + ": expected only on routes to a pool");
        return;
      }
      preferServer(filter, node, servers(uri.getHost(), chosen));
    }
    anyFilter(filter, node);
  }

  /** The pool that a filter leads requests to; null if it names none. */
  static @Nullable String usedPool(RoutePart filter) {
    return FilterKind.of(filter).is(Trait.POOL)
        ? filter.args().values().stream().findFirst().orElse(null)
        : null;
  }

  /** The pool whose servers a filter asks about requests; null if it names none. */
  static @Nullable String askedPool(RoutePart filter) {
    String url =
        FilterKind.of(filter).is(Trait.ASKS_POOL)
            ? filter.args().getOrDefault("url", filter.args().get(RoutePart.generatedKey(0)))
            : null;
    String scheme = RouteSpec.POOL_SCHEME + "://";
    return url != null && url.startsWith(scheme)
        ? url.substring(scheme.length()).replaceFirst("/.*", "")
        : null;
  }

  private @Nullable Collection<String> servers(String pool, Set<String> chosen) {
    Collection<String> own = serversByPool.get(pool);
    if (own == null || chosen.isEmpty()) {
      return own;
    }
    Set<String> all = new LinkedHashSet<>(own);
    for (String each : chosen) {
      Collection<String> servers = serversByPool.get(each);
      if (servers != null) {
        all.addAll(servers);
      }
    }
    return all;
  }

  /**
   * Checks a default filter, which may name a server of any pool; it has no effect on routes to
   * other pools.
   */
  void defaultFilter(RoutePart filter, Node node) {
    if (FilterKind.of(filter).is(Trait.SERVER)) {
      preferServer(
          filter, node, serversByPool.values().stream().flatMap(Collection::stream).toList());
    }
    anyFilter(filter, node);
  }

  private void anyFilter(RoutePart filter, Node node) {
    String when = filter.when();
    if (when != null) {
      pools(when, node);
    }
    String used = usedPool(filter);
    if (used != null) {
      knownPool(filter.name(), used, node);
    }
    String asked = askedPool(filter);
    if (asked != null) {
      knownPool(filter.name(), asked, node);
    }
    if (checker.knowsFilter(filter)) {
      users.read(filter, node);
      String problem = checker.filterProblem(filter);
      boolean hint = problem != null && filter.when() == null;
      refused(hint ? problem + ShortFormHint.of(node) : problem, filter, node);
    } else {
      unknown("filter", filter, checker.filterNames(), node);
    }
  }

  /** Checks the pools that a condition names. */
  private void pools(String condition, Node node) {
    try {
      Condition.parse(condition)
          .terms()
          .forEach(
              term -> {
                if (term instanceof Condition.UsableServers usable) {
                  knownPool("usable-servers", usable.pool().value(), node);
                }
              });
    } catch (ExpressionException e) {
      problems.add(node, e.why());
    }
  }

  private void knownPool(String what, String pool, Node node) {
    String problem = pools.problem(pool, Protocol.HTTP);
    if (problem != null) {
      problems.add(node, what + ": expected " + problem);
    }
  }

  private void preferServer(RoutePart filter, Node node, @Nullable Collection<String> servers) {
    if (servers == null || servers.isEmpty()) { // reported already
      return;
    }
    List<String> args = List.copyOf(filter.args().values());
    if (args.size() != 1) {
      problems.add(node, filter.name() + ": expected the name of one server of the pool");
    } else if (!servers.contains(args.get(0))) {
      problems.wrong(
          node,
          filter.name()
              + " with one of the pool's servers: "
              + String.join(", ", servers)
              + didYouMean(Suggestions.nearest(args.get(0), servers)));
    }
  }

  private void listeners(RoutePart predicate, Node node) {
    for (String name : predicate.args().values()) {
      if (!listeners.contains(name)) {
        problems.wrong(
            node,
            "%s with names of listeners (%s), not %s%s"
                .formatted(
                    LISTENER,
                    String.join(", ", listeners),
                    ProblemValue.quote(name),
                    didYouMean(Suggestions.nearest(name, listeners))));
        return;
      }
    }
  }

  private static String didYouMean(@Nullable String nearest) {
    return nearest == null ? "" : "; did you mean " + ProblemValue.quote(nearest) + "?";
  }

  private void unknown(String what, RoutePart part, Set<String> names, Node node) {
    List<String> sorted = names.stream().sorted().toList();
    String named =
        isWritten(part.name(), node) ? what + " " + ProblemValue.quote(part.name()) : what;
    problems.add(node, Suggestions.unknown(named, part.name(), sorted));
  }

  /** Whether the file has that name itself, and not a placeholder for it. */
  private static boolean isWritten(String name, Node node) {
    return switch (node) {
      case ScalarNode scalar -> scalar.text().startsWith(name);
      case MapNode map -> map.get("name") instanceof ScalarNode scalar && isWritten(name, scalar);
      case ListNode list -> false;
    };
  }

  private void refused(@Nullable String expected, RoutePart part, Node node) {
    if (expected != null) {
      problems.add(
          node,
          mayHoldSecret(node) || repeatsHidden(expected, part)
              ? "refused by the Gateway; the reason may contain a secret"
              : expected);
    }
  }

  /**
   * Whether the Gateway's message repeats an argument that is not shown elsewhere either. Shorter
   * arguments hold no secret, and almost any message contains one.
   */
  private static boolean repeatsHidden(String message, RoutePart part) {
    return part.args().entrySet().stream()
        .anyMatch(
            argument ->
                argument.getValue().length() >= SHORTEST_SECRET
                    && !Disclosure.isOpenArgument(
                        part.name(), argument.getKey(), argument.getValue())
                    && message.contains(argument.getValue()));
  }

  /**
   * Whether a part may hold a secret. The Gateway's message may repeat arguments, including the
   * value of a placeholder.
   */
  private static boolean mayHoldSecret(Node node) {
    return switch (node) {
      case ScalarNode s -> Placeholders.isIn(s.text()) || ScalarDisclosure.suggestsSecret(s.text());
      case ListNode list -> list.items().stream().anyMatch(PartChecks::mayHoldSecret);
      case MapNode map ->
          map.entries().keySet().stream().anyMatch(ScalarDisclosure::suggestsSecret)
              || map.entries().values().stream().anyMatch(PartChecks::mayHoldSecret);
    };
  }
}
