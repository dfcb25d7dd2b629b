package dev.understudy.application;

import dev.understudy.admin.AdminConfiguration;
import dev.understudy.admin.AgreementView;
import dev.understudy.admin.ReplicaView;
import dev.understudy.admin.RouteLanes;
import dev.understudy.admin.port.PortConnections;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.assembly.DescriptorPlan;
import dev.understudy.history.HistoryRecorder;
import dev.understudy.monitor.Monitor;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.listener.CertificateInventory;
import dev.understudy.proxy.listener.EventLoopReadings;
import dev.understudy.proxy.route.RouteLane;
import dev.understudy.proxy.route.RoutesInForce;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.reload.RouteListing;
import dev.understudy.settings.StaticSettings;
import dev.understudy.statistics.ProcessUse;
import dev.understudy.statistics.Statistics;
import dev.understudy.statistics.StatisticsThread;
import dev.understudy.telemetry.Metrics;
import dev.understudy.text.BuildVersion;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Shows the running proxy to the management port. */
@Configuration(proxyBeanMethods = false)
class ManagementBeans {

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

  @Bean
  PortConnections.Limits managementPortLimits(DescriptorPlan descriptors) {
    return PortConnections.Limits.DEFAULT.atMost(descriptors.management());
  }

  @Bean(AdminConfiguration.MONITOR_READY)
  BooleanSupplier monitorReady(Monitor monitor) {
    return monitor::ready;
  }

  @Bean
  RouteLanes routeLanes(RoutesInForce inForce, RouteListing listing, Statistics statistics) {
    return new RouteLanes() {
      @Override
      public List<Lane> inForce() {
        Map<String, Double> rates = statistics.routeRates();
        return inForce.current().lanes().stream()
            .map(lane -> lane(lane, listing.of(lane.id()), rates.getOrDefault(lane.id(), 0.0)))
            .toList();
      }

      @Override
      public Map<String, Double> rates() {
        Map<String, Double> rates = new TreeMap<>(statistics.routeRates());
        rates.values().removeIf(rate -> rate == 0);
        return rates;
      }
    };
  }

  private static RouteLanes.Lane lane(RouteLane lane, RouteListing.Shown shown, double rate) {
    return new RouteLanes.Lane(
        lane.id(),
        lane.name(),
        lane.why(),
        shown.pool(),
        shown.predicates(),
        shown.filters(),
        rate);
  }

  @Bean
  ReplicaView replicaView(
      LiveConfiguration configuration,
      CertificateInventory certificates,
      EventLoopReadings loops,
      FrontDoor door,
      ProcessUse use,
      Monitor monitor,
      Metrics metrics,
      StaticSettings settings,
      HistoryRecorder history,
      StatisticsThread thread) {
    return new RunningProxy(
        BuildVersion.shown(),
        configuration,
        certificates,
        loops,
        door,
        use,
        monitor,
        metrics.totals(),
        monitor::alarms,
        () -> settings.stateFile() == null ? null : history.status(),
        thread::execute);
  }
}
