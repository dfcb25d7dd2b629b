package dev.understudy.proxy.route;

import dev.understudy.condition.Condition;
import dev.understudy.condition.Facts;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The compiled routes with a condition, by host and path like all others, but every one of them: if
 * the condition of one does not hold, the next may match. A lookup evaluates the conditions of
 * those routes alone whose host, path and method match, in the routes' order.
 *
 * <p>Filled first, then only read.
 */
final class ConditionalRoutes {
  /** No such route. */
  static final ConditionalRoutes NONE = new ConditionalRoutes();

  private final Map<Integer, Condition> conditions = new HashMap<>();
  private final NameTree<Ranks> anyHost = new NameTree<>();
  private final NameTree<NameTree<Ranks>> hosts = new NameTree<>();

  /** The smallest rank of all, and of those that require a host. */
  private int first = NameTree.NONE;

  private int firstWithHost = NameTree.NONE;

  /** The routes of one place, in their order. */
  private static final class Ranks {
    private int[] ranks = {};
    private int[] methods = {};

    void add(int rank, int of) {
      ranks = Arrays.copyOf(ranks, ranks.length + 1);
      methods = Arrays.copyOf(methods, methods.length + 1);
      ranks[ranks.length - 1] = rank;
      methods[methods.length - 1] = of;
    }
  }

  /** The routes that a lookup has met. */
  private static final class Met {
    private final int method;
    private int[] ranks = new int[8];
    private int count;

    Met(int method) {
      this.method = method;
    }

    void take(@Nullable Ranks of) {
      for (int i = 0; of != null && i < of.ranks.length; i++) {
        if ((of.methods[i] & (1 << method)) != 0) {
          if (count == ranks.length) {
            ranks = Arrays.copyOf(ranks, 2 * count);
          }
          ranks[count++] = of.ranks[i];
        }
      }
    }
  }

  boolean isEmpty() {
    return conditions.isEmpty();
  }

  /** Adds a route; those with smaller ranks are there already. */
  void add(int rank, RouteConditions when, Condition condition) {
    conditions.put(rank, condition);
    first = Math.min(first, rank);
    if (when.hosts().isEmpty()) {
      add(rank, when, anyHost);
      return;
    }
    firstWithHost = Math.min(firstWithHost, rank);
    for (NamePattern host : when.hosts()) {
      add(rank, when, hosts.put(host, rank, (Supplier<NameTree<Ranks>>) NameTree::new));
    }
  }

  private static void add(int rank, RouteConditions when, NameTree<Ranks> paths) {
    List<NamePattern> all = when.paths().isEmpty() ? List.of(NamePattern.UNKNOWN) : when.paths();
    for (NamePattern path : all) {
      paths.put(path, rank, Ranks::new).add(rank, when.methods());
    }
  }

  /**
   * The rank of the first route whose condition holds, if it is smaller than {@code best}; else
   * {@code best}.
   */
  int rank(int method, @Nullable String host, String path, int best, Facts facts) {
    if (first >= best) {
      return best;
    }
    Met met = meet(method, host, path);
    if (met == null) {
      // Hosts and paths that cannot be told apart here are left to the Gateway.
      return Math.min(first & ~1, best);
    }
    for (int i = 0; i < met.count && met.ranks[i] < best; i++) {
      Condition condition = conditions.get(met.ranks[i]);
      if (condition != null && condition.test(facts)) {
        return met.ranks[i];
      }
    }
    return best;
  }

  /** The rank of the first route that may match, if it is smaller than {@code best}. */
  int first(int method, @Nullable String host, String path, int best) {
    if (first >= best) {
      return best;
    }
    Met met = meet(method, host, path);
    return met == null ? first : met.count == 0 ? best : Math.min(best, met.ranks[0]);
  }

  /** All routes whose host, path and method match, in order; null if that is not decidable here. */
  private @Nullable Met meet(int method, @Nullable String host, String path) {
    Met met = new Met(method);
    boolean plain = meetPaths(anyHost, path, 0, met);
    if (host != null && firstWithHost != NameTree.NONE) {
      int end = RouteTable.plainEnd(host);
      plain &= end >= 0 && meetHosts(host, end, path, met);
    }
    Arrays.sort(met.ranks, 0, met.count);
    return plain ? met : null;
  }

  private boolean meetHosts(String host, int plainEnd, String path, Met met) {
    NameTree<NameTree<Ranks>> place = hosts;
    int end = plainEnd;
    boolean plain = true;
    while (true) {
      plain &= meetPaths(place.rest, path, 0, met);
      if (end < 0) {
        boolean here = meetPaths(place.here, path, 0, met);
        return plain && here;
      }
      int dot = host.lastIndexOf('.', end - 1);
      if (dot < 0) {
        plain &= meetPaths(place.one, path, 0, met);
      }
      NameTable<NameTree<NameTree<Ranks>>> names = place.names;
      int name =
          names == null
              ? NameTable.NOTHING
              : names.find(host, dot + 1, end, NameTable.hash(host, dot + 1, end), true);
      NameTree<NameTree<Ranks>> next =
          names == null || name == NameTable.NOTHING ? null : names.value(name);
      if (next == null) {
        return plain;
      }
      place = next;
      end = dot;
    }
  }

  /** Whether the paths that match can be decided here. */
  private static boolean meetPaths(
      @Nullable NameTree<Ranks> start, String path, int from, Met met) {
    NameTree<Ranks> place = start;
    int at = from;
    while (place != null) {
      met.take(place.rest);
      if (at == path.length()) {
        met.take(place.here);
        return true;
      }
      if (place.below == NameTree.NONE) {
        return true;
      }
      int hash = 0;
      int end = at + 1;
      for (; end < path.length() && path.charAt(end) != '/'; end++) {
        char c = path.charAt(end);
        if (c == '%' || c == ';') {
          // Spring decodes segments and drops parameters before it compares.
          return false;
        }
        hash = NameTable.step(hash, c);
      }
      if (end == path.length()) {
        met.take(place.one);
      }
      if (place.some != null && end > at + 1 && !meetPaths(place.some, path, end, met)) {
        return false;
      }
      NameTable<NameTree<Ranks>> names = place.names;
      int name = names == null ? NameTable.NOTHING : names.find(path, at + 1, end, hash, false);
      place = names == null || name == NameTable.NOTHING ? null : names.value(name);
      at = end;
    }
    return true;
  }
}
