package dev.understudy;

import dev.understudy.admin.Refusals;
import dev.understudy.history.HistoryRecorder;
import dev.understudy.monitor.EventHistory;
import dev.understudy.monitor.Monitor;
import dev.understudy.monitor.MonotonicClock;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.listener.CertificateInventory;
import dev.understudy.settings.AgreementSettings;
import dev.understudy.settings.StaticSettings;
import dev.understudy.telemetry.AccessLog;
import dev.understudy.telemetry.AccessMeters;
import dev.understudy.telemetry.AgreementMeters;
import dev.understudy.telemetry.CertificateMeters;
import dev.understudy.telemetry.EventLogger;
import dev.understudy.telemetry.HistoryMeters;
import dev.understudy.telemetry.LogFields;
import dev.understudy.telemetry.Metrics;
import dev.understudy.telemetry.RequestTelemetry;
import dev.understudy.tracing.Tracing;
import dev.understudy.traffic.TrafficListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires metrics, traces, the event log and the access log. */
@Configuration(proxyBeanMethods = false)
class Telemetry {

  @Bean
  Metrics metrics(
      StaticSettings settings,
      MeterRegistry registry,
      ObjectProvider<PrometheusRegistry> prometheus,
      MetricsProperties metricsProperties,
      Monitor monitor,
      EventHistory events,
      HistoryRecorder history,
      ObjectProvider<FrontDoor> door,
      ObjectProvider<CertificateInventory> inventory) {
    // The front reports its limits to the metrics; it exists by the time of the first scrape.
    Metrics metrics =
        new Metrics(
            registry,
            prometheus.getIfAvailable(PrometheusRegistry::new),
            metricsProperties.getTags(),
            monitor,
            () -> door.getObject().connections().connections());
    events.subscribe(metrics::happened);
    if (settings.agreement().mode() != AgreementSettings.Mode.STANDALONE) {
      events.subscribe(new AgreementMeters(registry, monitor::agreement)::happened);
    }
    if (settings.stateFile() != null) {
      HistoryMeters.register(registry, history::status);
    }
    prometheus.ifAvailable(
        to ->
            CertificateMeters.register(
                to, metricsProperties.getTags(), () -> certificates(inventory)));
    return metrics;
  }

  /** Own certificates; authorities are the operators' of servers. */
  private static List<CertificateMeters.Certificate> certificates(
      ObjectProvider<CertificateInventory> inventory) {
    CertificateInventory known = inventory.getIfAvailable();
    return known == null
        ? List.of()
        : known.read().stream()
            .filter(each -> each.use() != CertificateInventory.Use.UPSTREAM_TRUST)
            .map(
                each ->
                    new CertificateMeters.Certificate(
                        each.bundle(),
                        each.use() == CertificateInventory.Use.SERVER ? "server" : "client",
                        each.certificate().getNotAfter().toInstant()))
            .toList();
  }

  @Bean
  AccessMeters accessMeters(MeterRegistry registry, Refusals refusals) {
    return new AccessMeters(
        registry,
        Arrays.stream(Refusals.Cause.values())
            .collect(
                Collectors.toMap(Refusals.Cause::label, cause -> () -> refusals.count(cause))));
  }

  @Bean
  EventLogger eventLogger(EventHistory events) {
    EventLogger logger = new EventLogger();
    events.subscribe(logger::happened);
    return logger;
  }

  /**
   * Writes straight to standard output, because a logging framework's lock would be shared with the
   * event loops.
   */
  @Bean
  AccessLog accessLog(StaticSettings settings, MonotonicClock clock, MeterRegistry registry) {
    return new AccessLog(
        settings.accessLog(),
        LogFields.of(settings.accessLogFields()),
        new FileOutputStream(FileDescriptor.out),
        clock,
        registry);
  }

  @Bean
  TrafficListener requestTelemetry(
      Metrics metrics, AccessLog accessLog, ObjectProvider<Tracing> tracing) {
    TrafficListener telemetry = new RequestTelemetry(metrics, accessLog);
    Tracing on = tracing.getIfAvailable();
    return on == null ? telemetry : on.around(telemetry);
  }
}
