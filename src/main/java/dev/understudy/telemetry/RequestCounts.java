package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.RouteStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests of all routes. A request that ends after its route was removed counts as one
 * without a route. Safe for any thread.
 *
 * <p>All counting happens under one lock, which a thread takes only for a batch; see {@link
 * EndedRequests}. A thread that does not get the lock goes on until its ring is full.
 */
final class RequestCounts {
  private final BiPredicate<PoolId, @Nullable ServerId> configured;
  private final Map<String, RouteMeters> all = new ConcurrentHashMap<>();

  /** Counts requests that matched no route, or a route since removed. */
  private final RouteMeters none = new RouteMeters(null, this::isKnown);

  private volatile @Nullable Set<String> routes;
  private final ThreadLocal<EndedRequests> ended = ThreadLocal.withInitial(this::ofThisThread);

  /** Guards the fields below and the state of each {@link RouteMeters}. */
  private final ReentrantLock lock = new ReentrantLock();

  private final List<EndedRequests> uncounted = new ArrayList<>();

  /**
   * Whether the requests being counted ended before a change of the configuration, so that their
   * labels count as known.
   */
  private boolean changing;

  /**
   * Creates an empty table.
   *
   * @param configured whether the pool exists now and, if a server is given, has that server
   */
  RequestCounts(BiPredicate<PoolId, @Nullable ServerId> configured) {
    this.configured = configured;
  }

  /**
   * Returns the meters of a route's requests, valid until the route is removed.
   *
   * @param id null if no route matched
   */
  RouteMeters route(@Nullable String id) {
    if (id == null) {
      return none;
    }
    RouteMeters known = all.get(id);
    if (known != null) {
      return known;
    }
    lock.lock();
    try {
      return isRoute(id)
          ? all.computeIfAbsent(id, fresh -> new RouteMeters(fresh, this::isKnown))
          : none;
    } finally {
      lock.unlock();
    }
  }

  private boolean isKnown(PoolId pool, @Nullable ServerId server) {
    return changing || configured.test(pool, server);
  }

  private boolean isRoute(String id) {
    Set<String> now = routes;
    return now == null || now.contains(id);
  }

  /**
   * Adds a request, which is counted before the next scrape. Intended for threads on which many
   * requests end, because each thread keeps a ring.
   *
   * @param route from {@link #route}; a cast to {@link RouteMeters} here would be the cache miss
   *     that {@link EndedRequests} avoids
   * @param pool null if there is none
   * @param server the last server that the request was sent to; null if there is none
   * @param status the status sent to the client; 0 if there is none
   */
  void ended(
      RouteStatistics route,
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int status,
      EndReason outcome,
      long durationNanos) {
    EndedRequests here = ended.get();
    if (here.isFull()) {
      locked(() -> here.countAll(this::current));
    }
    here.add(route, pool, server, status, outcome, durationNanos);
    if (here.isBatch() && lock.tryLock()) {
      try {
        here.countAll(this::current);
      } finally {
        lock.unlock();
      }
    }
  }

  private EndedRequests ofThisThread() {
    EndedRequests fresh = new EndedRequests();
    locked(
        () -> {
          // Drops the rings of ended threads.
          countAll();
          uncounted.add(fresh);
        });
    return fresh;
  }

  private RouteMeters current(RouteMeters meters) {
    return meters.isRemoved() ? route(meters.route()) : meters;
  }

  /** Counts all ended requests and drops the rings of ended threads; called with the lock. */
  private void countAll() {
    uncounted.removeIf(
        each -> {
          boolean over = each.isOver();
          each.countAll(this::current);
          return over;
        });
  }

  private void locked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  /** Sets the ids of all routes and drops the meters of others. */
  void routes(Set<String> ids) {
    locked(
        () -> {
          countAllBefore();
          routes = Set.copyOf(ids);
          all.values().removeIf(this::isGone);
        });
    removeStaleSeries();
  }

  /** Removes the series of pools and servers that are no longer configured. */
  void removeStale() {
    locked(this::countAllBefore);
    removeStaleSeries();
  }

  /**
   * Counts requests with the labels that were valid when they ended; stale series are removed
   * afterwards.
   */
  private void countAllBefore() {
    changing = true;
    try {
      countAll();
    } finally {
      changing = false;
    }
  }

  private void removeStaleSeries() {
    forEach(RouteMeters::removeStale);
  }

  /** Takes the lock for one route at a time, so that event loops need not wait for thousands. */
  private void forEach(Consumer<RouteMeters> action) {
    locked(() -> action.accept(none));
    all.values().forEach(route -> locked(() -> action.accept(route)));
  }

  private boolean isGone(RouteMeters meters) {
    String route = meters.route();
    if (route == null || isRoute(route)) {
      return false;
    }
    meters.removed();
    return true;
  }

  /**
   * Passes on the series of all requests that have ended. The lock is held for one route at a time,
   * and not during the action.
   */
  void forEachSeries(BiConsumer<RouteMeters, RequestSeries> action) {
    locked(this::countAll);
    List<RouteMeters> meters = new ArrayList<>(all.values());
    meters.addFirst(none);
    for (RouteMeters route : meters) {
      series(route).forEach(series -> action.accept(route, series));
    }
  }

  private List<RequestSeries> series(RouteMeters route) {
    lock.lock();
    try {
      return route.series();
    } finally {
      lock.unlock();
    }
  }

  /** Starts a new period for the maxima. */
  void rotate() {
    forEach(route -> route.series().forEach(RequestSeries::rotate));
  }
}
