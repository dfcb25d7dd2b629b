package dev.understudy.telemetry;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * {@code understudy_requests_seconds} of all routes, collected at each scrape. Registered directly
 * with Prometheus and not through Micrometer; see {@link RequestSeries}.
 */
final class RequestMeters implements MultiCollector {
  private static final MetricMetadata DURATIONS =
      new MetricMetadata("understudy_requests_seconds", "Time from a request's head to its end");

  private static final MetricMetadata LARGEST =
      new MetricMetadata(
          "understudy_requests_seconds_max", "Time from a request's head to its end");

  /**
   * The minimum period of the maxima, which change at a scrape: {@code _max} covers the last 30 to
   * 60 s if scrapes are frequent.
   */
  private static final long ROTATION_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** The label value for a missing or removed route, pool or server; none can have this name. */
  static final String NONE = "-";

  private static final Set<String> OWN = Set.of("route", "pool", "server", "status", "outcome");

  private static final String[] CLASSES = {NONE, "1xx", "2xx", "3xx", "4xx", "5xx"};

  private final RequestCounts counts;
  private final LongSupplier nanoTime;
  private final Labels common;
  private long rotated;

  /**
   * Collects from the given counts.
   *
   * @param nanoTime the clock, in nanoseconds
   * @param common labels of all series; ours take precedence
   */
  RequestMeters(RequestCounts counts, LongSupplier nanoTime, Map<String, String> common) {
    this.counts = counts;
    this.nanoTime = nanoTime;
    this.common = common(common, OWN);
    this.rotated = nanoTime.getAsLong();
  }

  /**
   * Labels of all series.
   *
   * @param own names of labels that a tag may not have
   */
  static Labels common(Map<String, String> tags, Set<String> own) {
    Labels.Builder labels = Labels.builder();
    tags.forEach(
        (name, value) -> {
          String label = PrometheusNaming.sanitizeLabelName(name);
          if (!own.contains(label)) {
            labels.label(label, value);
          }
        });
    return labels.build();
  }

  @Override
  public synchronized MetricSnapshots collect() {
    List<HistogramDataPointSnapshot> histograms = new ArrayList<>();
    List<GaugeDataPointSnapshot> largest = new ArrayList<>();
    counts.forEachSeries(
        (route, series) -> {
          Labels labels = labels(route, series);
          histograms.add(series.histogram(labels, counts.exemplars(series)));
          largest.add(series.largest(labels));
        });
    if (histograms.isEmpty()) {
      return MetricSnapshots.of();
    }
    long now = nanoTime.getAsLong();
    if (now - rotated >= ROTATION_NANOS) {
      rotated = now;
      counts.rotate();
    }
    return MetricSnapshots.of(
        new HistogramSnapshot(DURATIONS, histograms), new GaugeSnapshot(LARGEST, largest));
  }

  private Labels labels(RouteMeters route, RequestSeries series) {
    Labels own =
        Labels.of(
            "route", route.route() == null ? NONE : route.route(),
            "pool", series.pool == null ? NONE : series.pool.value(),
            "server", series.server == null ? NONE : series.server.value(),
            "status", CLASSES[series.statusClass],
            "outcome", series.outcome());
    return own.merge(common);
  }
}
