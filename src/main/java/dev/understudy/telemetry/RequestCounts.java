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
 * Requests of all routes, counted. What ends after its route was removed is counted as if it had
 * had none. Safe for any thread.
 *
 * <p>All is counted under one lock, which a thread only takes for a batch: see {@link
 * EndedRequests}. If others have it, it goes on, until it has ended more than its ring holds.
 */
final class RequestCounts {
  private final BiPredicate<PoolId, @Nullable ServerId> configured;
  private final Map<String, RouteMeters> all = new ConcurrentHashMap<>();

  /** Of what no route matched, or none that there still is. */
  private final RouteMeters none = new RouteMeters(null, this::isKnown);

  private volatile @Nullable Set<String> routes;
  private final ThreadLocal<EndedRequests> ended = ThreadLocal.withInitial(this::ofThisThread);

  /** For all below, and for what routes hold. */
  private final ReentrantLock lock = new ReentrantLock();

  private final List<EndedRequests> uncounted = new ArrayList<>();

  /** What is counted ended before the configuration changed: labels count as known. */
  private boolean changing;

  /**
   * Empty yet.
   *
   * @param configured whether there is such a pool now and, if one is given, such a server in it
   */
  RequestCounts(BiPredicate<PoolId, @Nullable ServerId> configured) {
    this.configured = configured;
  }

  /**
   * Where requests of a route are counted, until that is removed.
   *
   * @param id null: no route matched
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
   * A request ended; meant for threads that many end on. It is counted before the next scrape.
   *
   * @param route as {@link #route} gave it; a cast to {@link RouteMeters} here would be the cache
   *     miss that {@link EndedRequests} spares
   * @param pool null: none
   * @param server the last one that it was sent to; null: none
   * @param status sent to the client; 0: none
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
          // Drops those of threads that are gone.
          countAll();
          uncounted.add(fresh);
        });
    return fresh;
  }

  private RouteMeters current(RouteMeters meters) {
    return meters.isRemoved() ? route(meters.route()) : meters;
  }

  /** What has ended is counted; with the lock. */
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

  /** These are all routes from now on. */
  void routes(Set<String> ids) {
    locked(
        () -> {
          countAllBefore();
          routes = Set.copyOf(ids);
          all.values().removeIf(this::isGone);
        });
    removeStaleSeries();
  }

  /** Forgets what is no longer configured. */
  void removeStale() {
    locked(this::countAllBefore);
    removeStaleSeries();
  }

  /** With the labels that were true when they ended: what is stale of them then goes. */
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

  /** One by one, so that event loops need not wait for thousands of them. */
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
   * Of all that has ended by now. The lock is only taken for one route at a time, and not for what
   * is done with its series.
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

  /** A new time begins for the largest. */
  void rotate() {
    forEach(route -> route.series().forEach(RequestSeries::rotate));
  }
}
