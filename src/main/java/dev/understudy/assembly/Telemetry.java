package dev.understudy.assembly;

import dev.understudy.notification.EventNotifier;
import dev.understudy.notification.ReceiverStatus;
import dev.understudy.proxy.listener.CertificateInventory;
import dev.understudy.settings.AgreementSettings;
import dev.understudy.settings.SettingsBinder;
import dev.understudy.settings.StaticSettings;
import dev.understudy.statistics.ProcessUse;
import dev.understudy.statistics.Statistics;
import dev.understudy.statistics.StatisticsThread;
import dev.understudy.telemetry.AccessLog;
import dev.understudy.telemetry.CertificateMeters;
import dev.understudy.telemetry.EventLogger;
import dev.understudy.telemetry.LogFields;
import dev.understudy.telemetry.Metrics;
import dev.understudy.telemetry.ReplicaMeters;
import dev.understudy.telemetry.RequestTelemetry;
import dev.understudy.tracing.Tracing;
import dev.understudy.traffic.DelegatingTrafficListener;
import dev.understudy.traffic.TrafficListener;
import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsProperties;
import org.springframework.boot.micrometer.metrics.autoconfigure.PropertiesMeterFilter;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusProperties;

/** Metrics, the numbers that operators look at, the event log and the access log. */
final class Telemetry implements AutoCloseable {
  final PrometheusRegistry prometheus = new PrometheusRegistry();
  final PrometheusMeterRegistry registry;
  final Metrics metrics;
  final AccessLog accessLog;
  final StatisticsThread statisticsThread = new StatisticsThread();
  final ProcessUse processUse = new ProcessUse();
  final Statistics statistics;

  /** Receives the outcomes of requests and connections. */
  final TrafficListener traffic;

  /** Null if requests are not traced. */
  final @Nullable DeferredTracing tracing;

  /** The meters of this replica, to which other parts add theirs. */
  final ReplicaMeters replica;

  private final Map<String, String> tags;

  /**
   * @param connections the present number of client connections
   */
  Telemetry(
      StaticSettings settings,
      SettingsBinder binder,
      ControlPlane control,
      Instrumentation instrumentation,
      IntSupplier connections) {
    MetricsProperties properties = binder.bind(MetricsProperties.class);
    tags = properties.getTags();
    registry = registry(binder.bind(PrometheusProperties.class), properties);
    metrics = new Metrics(registry, prometheus, tags, control.monitor, connections);
    control.events.subscribe(metrics::happened);
    replica = new ReplicaMeters(registry);
    if (settings.agreement().mode() != AgreementSettings.Mode.STANDALONE) {
      control.events.subscribe(replica.agreement(control.monitor::agreement));
    }
    if (settings.stateFile() != null) {
      replica.history(control.history::status);
    }
    replica.selfCheck(control.monitor::localFailures, control.monitor::alarms);
    replica.checks(control.monitor::stretch);
    if (control.notifications != null) {
      show(control.notifications, replica);
    }
    EventLogger logger = EventLogger.atStart();
    control.events.subscribe(logger::happened);
    control.monitor.whenStarted(() -> logger.judged(control.monitor.current()));
    accessLog =
        new AccessLog(
            settings.accessLogFormat(),
            LogFields.of(settings.accessLogFields()),
            instrumentation.accessLog(),
            control.clock.wall(),
            registry);
    TrafficListener telemetry =
        instrumentation.traffic().apply(new RequestTelemetry(metrics, accessLog));
    tracing =
        settings.tracing() == StaticSettings.Tracing.ON ? new DeferredTracing(telemetry) : null;
    traffic = tracing == null ? telemetry : tracing;
    statisticsThread.every(Statistics.SAMPLING, processUse::sample);
    statistics = new Statistics(control.monitor, metrics, connections, System::nanoTime);
    control.events.subscribe(statistics::happened);
    statisticsThread.every(Statistics.SAMPLING, statistics::sample);
    control.probeListeners.add(metrics);
    control.hookListeners.add(metrics::called);
    control.probeListeners.add(statistics);
  }

  private static void show(EventNotifier notifications, ReplicaMeters meters) {
    List<ReceiverStatus> all = notifications.status();
    for (int i = 0; i < all.size(); i++) {
      int at = i;
      Supplier<ReceiverStatus> now = () -> notifications.status().get(at);
      meters.receiver(
          all.get(i).name(),
          () -> now.get().waiting(),
          Map.of(
              "delivered", () -> now.get().delivered(),
              "failed", () -> now.get().failed(),
              "dropped", () -> now.get().dropped()));
    }
  }

  /** Spring Boot's registry, with its settings, before there is a context that would make it. */
  private PrometheusMeterRegistry registry(PrometheusProperties from, MetricsProperties metrics) {
    PrometheusMeterRegistry made =
        new PrometheusMeterRegistry(new Config(from), prometheus, Clock.SYSTEM);
    made.config().meterFilter(new PropertiesMeterFilter(metrics));
    return made;
  }

  private record Config(PrometheusProperties from) implements PrometheusConfig {
    @Override
    public @Nullable String get(String key) {
      return null;
    }

    @Override
    public boolean descriptions() {
      return from.isDescriptions();
    }

    @Override
    public Duration step() {
      return from.getStep();
    }

    @Override
    public Properties prometheusProperties() {
      Properties properties = new Properties();
      properties.putAll(from.getProperties());
      return properties;
    }
  }

  /**
   * Shows when our own certificates end, and announces it; those of authorities are left to the
   * servers' operators.
   */
  void show(CertificateInventory inventory, ControlPlane control) {
    CertificateMeters.register(prometheus, tags, () -> certificates(inventory));
    CertificateWatch watch = new CertificateWatch();
    statisticsThread.every(
        CertificateWatch.INTERVAL,
        () ->
            watch
                .look(certificates(inventory), control.clock.wall().instant())
                .forEach(control.events::add));
  }

  private static List<CertificateMeters.Certificate> certificates(CertificateInventory inventory) {
    List<CertificateMeters.Certificate> all = new ArrayList<>();
    inventory.read().stream()
        .filter(each -> each.use() != CertificateInventory.Use.UPSTREAM_TRUST)
        .map(
            each ->
                new CertificateMeters.Certificate(
                    each.bundle(),
                    each.use() == CertificateInventory.Use.SERVER ? "server" : "client",
                    each.certificate().getNotAfter().toInstant()))
        .forEach(all::add);
    inventory
        .revocationEnds()
        .forEach(
            (file, end) -> all.add(new CertificateMeters.Certificate(file.toString(), "crl", end)));
    return all;
  }

  @Override
  public void close() {
    statisticsThread.close();
    metrics.close();
    accessLog.close();
  }

  /**
   * A traffic listener that passes everything on to the telemetry, and through the tracing once
   * Spring's context has made that. Used only if {@code understudy.tracing} is on.
   */
  static final class DeferredTracing extends DelegatingTrafficListener {
    private volatile TrafficListener next;

    DeferredTracing(TrafficListener telemetry) {
      this.next = telemetry;
    }

    /** Makes spans of the requests that begin from now on. */
    void use(Tracing tracing) {
      next = tracing.around(next);
    }

    @Override
    protected TrafficListener next() {
      return next;
    }
  }
}
