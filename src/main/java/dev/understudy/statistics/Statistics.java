package dev.understudy.statistics;

import dev.understudy.event.EventLog;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.ProbeListener;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.traffic.RequestTotals;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * The numbers that the console and {@code top} show. Nothing is counted here for a request: rates
 * come from readings of cumulative counters that exist anyway.
 *
 * <p>{@link #sample} must be called every {@link #SAMPLING}, whether or not somebody looks: it
 * keeps the last 15 minutes of each server, and a reading for the first rates that somebody asks
 * for. Rates and quantiles are those of the last 10 to 15 s; see {@link CountWindow}.
 *
 * <p>Memory for 400 servers: 0.1 MB for their histories, and up to 3 KB for the readings of a
 * server whose counts change all the time, in all some 1.5 MB; 1.1 KB for the last rates of a pool.
 * Thread-safe.
 */
public final class Statistics implements ProbeListener {
  /** The time between two samples. */
  public static final Duration SAMPLING = Duration.ofSeconds(5);

  private final SnapshotSource snapshots;
  private final RequestTotals totals;
  private final IntSupplier connections;
  private final LongSupplier nanoTime;
  private final CountWindow window;
  private final RateHistory rates;
  private final Histories histories = new Histories();

  /**
   * Takes the first reading.
   *
   * @param connections supplies the present number of client connections
   * @param nanoTime a clock such as {@link System#nanoTime}, for the time between readings
   */
  public Statistics(
      SnapshotSource snapshots,
      RequestTotals totals,
      IntSupplier connections,
      LongSupplier nanoTime) {
    this.snapshots = snapshots;
    this.totals = totals;
    this.connections = connections;
    this.nanoTime = nanoTime;
    this.window = new CountWindow(totals.boundsNanos());
    this.rates = new RateHistory(totals.boundsNanos());
    sample();
  }

  /** Takes a reading, and records each server's state. */
  public synchronized void sample() {
    Snapshot snapshot = snapshots.current();
    Instant now = snapshots.now();
    CounterReading reading =
        CounterReading.take(totals, retries(snapshot), window.newest(), nanoTime.getAsLong());
    window.add(reading);
    rates.add(
        reading,
        snapshot.pools().stream().map(pool -> pool.pool().id()).collect(Collectors.toSet()),
        now);
    histories.sample(snapshot, now);
  }

  private static Map<PoolId, Long> retries(Snapshot snapshot) {
    Map<PoolId, Long> retries = new HashMap<>();
    for (PoolState pool : snapshot.pools()) {
      long sum = pool.servers().stream().mapToLong(each -> each.traffic().retries().get()).sum();
      if (sum > 0) {
        retries.put(pool.pool().id(), sum);
      }
    }
    return retries;
  }

  /**
   * Samples and describes all pools. Takes some milliseconds for hundreds of pools, so it must not
   * run on an event loop.
   */
  public synchronized Overview overview() {
    sample();
    Instant now = snapshots.now();
    return new OverviewBuilder(
            snapshots.current(), window, histories, totals::held, now, snapshots.ahead())
        .build(connections.getAsInt());
  }

  /**
   * The rates of the last 15 minutes.
   *
   * @param to the end of the newest step
   * @param stepSeconds the length of a step
   * @param all the whole replica, requests that no pool got included
   * @param pools requests per second of each pool that had any, by its name, oldest first
   */
  public record RecentRates(
      Instant to, long stepSeconds, RateSeries all, Map<String, List<Double>> pools) {}

  /**
   * The rates of one pool in the last 15 minutes.
   *
   * @param to the end of the newest step
   * @param stepSeconds the length of a step
   */
  public record RecentPoolRates(String pool, Instant to, long stepSeconds, RateSeries rates) {}

  /** The rates of the last 15 minutes, or since the start; must not run on an event loop. */
  public synchronized RecentRates recentRates() {
    return new RecentRates(
        rates.end().plus(snapshots.ahead()),
        RateHistory.STEP.toSeconds(),
        rates.all(),
        rates.requests());
  }

  /** The rates of one pool in the last 15 minutes, or since the start. */
  public synchronized RecentPoolRates recentRates(PoolId pool) {
    return new RecentPoolRates(
        pool.value(),
        rates.end().plus(snapshots.ahead()),
        RateHistory.STEP.toSeconds(),
        rates.pool(pool));
  }

  /**
   * The requests per second of each route by its id, as of the last sample. A route without
   * requests may be missing. Takes some milliseconds for thousands of routes, so it must not run on
   * an event loop.
   */
  public synchronized Map<String, Double> routeRates() {
    return window.routes();
  }

  /** Takes note of an event; for {@link EventLog#subscribe}. */
  public void happened(EventLog.Entry entry) {
    histories.happened(entry.event(), snapshots.now());
  }

  @Override
  public void probed(PoolId pool, ServerId server, ProbeOutcome outcome, Duration took) {
    histories.probed(pool, server, outcome);
  }
}
