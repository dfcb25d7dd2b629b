package dev.understudy.telemetry;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * {@code understudy_certificate_expiry_timestamp_seconds} {certificate, use}: the end of each
 * certificate that is shown to clients or to servers, or of a list of revoked certificates, in
 * seconds since 1970. Collected at each scrape, as certificates come and go with reloads. If a
 * bundle has several certificates, the earliest end counts.
 */
public final class CertificateMeters implements Collector {
  private static final MetricMetadata EXPIRY =
      new MetricMetadata(
          "understudy_certificate_expiry_timestamp_seconds",
          "When a certificate that is in use expires, in seconds since 1970");

  private static final Set<String> OWN = Set.of("certificate", "use");

  /**
   * A certificate in use.
   *
   * @param name the file, or the bundle
   * @param use {@code server}: shown to clients; {@code client}: shown to servers; {@code crl}: no
   *     certificate, but a list of revoked ones
   */
  public record Certificate(String name, String use, Instant notAfter) {}

  private final Supplier<List<Certificate>> certificates;
  private final Labels common;

  private CertificateMeters(Supplier<List<Certificate>> certificates, Labels common) {
    this.certificates = certificates;
    this.common = common;
  }

  /**
   * Registers the meters.
   *
   * @param tags tags of all meters; ours take precedence
   * @param certificates those in use now; read at each scrape
   */
  public static void register(
      PrometheusRegistry registry,
      Map<String, String> tags,
      Supplier<List<Certificate>> certificates) {
    registry.register(new CertificateMeters(certificates, RequestMeters.common(tags, OWN)));
  }

  @Override
  public GaugeSnapshot collect() {
    Map<String, Map<String, Instant>> ends = new TreeMap<>();
    for (Certificate each : certificates.get()) {
      ends.computeIfAbsent(each.name(), name -> new TreeMap<>())
          .merge(each.use(), each.notAfter(), (a, b) -> a.isBefore(b) ? a : b);
    }
    List<GaugeDataPointSnapshot> points = new ArrayList<>();
    ends.forEach(
        (name, uses) ->
            uses.forEach(
                (use, end) ->
                    points.add(
                        new GaugeDataPointSnapshot(
                            end.getEpochSecond(),
                            Labels.of("certificate", name, "use", use).merge(common),
                            null))));
    return new GaugeSnapshot(EXPIRY, points);
  }
}
