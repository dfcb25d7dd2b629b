package dev.understudy;

import dev.understudy.admin.AdminConfiguration;
import dev.understudy.admin.AgreementView;
import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.agreement.Standalone;
import dev.understudy.history.HistoryRecorder;
import dev.understudy.monitor.EventHistory;
import dev.understudy.monitor.Monitor;
import dev.understudy.monitor.MonotonicClock;
import dev.understudy.probe.AddressResolver;
import dev.understudy.probe.DnsAddressResolver;
import dev.understudy.probe.NettyProber;
import dev.understudy.probe.Prober;
import dev.understudy.proxy.listener.StopStep;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.settings.AgreementSettings;
import dev.understudy.settings.StaticSettings;
import dev.understudy.statistics.Statistics;
import dev.understudy.telemetry.Metrics;
import dev.understudy.text.BuildVersion;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/** Wires probes, the monitor and the agreement. */
@Configuration(proxyBeanMethods = false)
class ControlPlane {

  @Bean
  MonotonicClock clock() {
    return new MonotonicClock();
  }

  /** Created first and closed last, so that it has the last event too. */
  @Bean
  HistoryRecorder history(StaticSettings settings, MonotonicClock clock) {
    Path file = settings.stateFile();
    return file == null
        ? HistoryRecorder.inMemory(clock)
        : HistoryRecorder.besideStateFile(file, clock);
  }

  @Bean
  EventHistory events(MonotonicClock clock, HistoryRecorder history) {
    EventHistory events = new EventHistory(clock, history.lastId());
    events.subscribe(history::happened);
    return events;
  }

  @Bean
  RunEvents runEvents(EventHistory events, HistoryRecorder history, StaticSettings settings) {
    return new RunEvents(events, BuildVersion.read(), settings.config(), history.lastRun());
  }

  @Bean
  NettyProber prober(UpstreamTlsContexts tls) {
    return new NettyProber(tls);
  }

  @Bean
  DnsAddressResolver addressResolver() {
    return new DnsAddressResolver();
  }

  /** Closed after all beans that use it, and so the register at the very end. */
  @Bean
  Agreement agreement(
      StaticSettings settings,
      Environment environment,
      UpstreamTlsContexts tls,
      MonotonicClock clock) {
    if (settings.agreement().mode() != AgreementSettings.Mode.STANDALONE) {
      return SharedAgreement.of(settings, environment, tls, clock.instant());
    }
    Path file = settings.stateFile();
    return file == null ? Standalone.inMemory() : Standalone.withFile(file, clock.instant());
  }

  /**
   * Leaves the agreement before {@code understudy.drain.delay}: the other replicas no longer wait
   * for this one's votes, while it continues to serve by the agreement.
   */
  @Bean
  StopStep agreementLeaveStep(Agreement agreement) {
    return StopStep.first(agreement::leave);
  }

  /** Closed before the run's last event. */
  @Bean
  @DependsOn("runEvents")
  Monitor monitor(
      Prober prober,
      AddressResolver resolver,
      Agreement agreement,
      MonotonicClock clock,
      EventHistory events,
      ObjectProvider<Metrics> metrics,
      ObjectProvider<Statistics> statistics) {
    // Both depend on the monitor; they exist by the time of the first probe.
    Supplier<Metrics> meters = SingletonSupplier.of(metrics::getObject);
    Supplier<Statistics> numbers = SingletonSupplier.of(statistics::getObject);
    return Monitor.builder(prober, resolver)
        .agreement(agreement)
        .clock(clock)
        .events(events)
        .refused(new FatalStop())
        .probeListener(
            (pool, server, outcome, took) -> meters.get().probed(pool, server, outcome, took))
        .probeListener(
            (pool, server, outcome, took) -> numbers.get().probed(pool, server, outcome, took))
        .build();
  }

  @Bean
  AgreementView agreementView(StaticSettings settings, Monitor monitor) {
    String mode = settings.agreement().mode().word();
    return new AgreementView() {
      @Override
      public String mode() {
        return mode;
      }

      @Override
      public AgreementStatus status() {
        return monitor.agreement();
      }
    };
  }

  @Bean(AdminConfiguration.MONITOR_READY)
  BooleanSupplier monitorReady(Monitor monitor) {
    return monitor::ready;
  }
}
