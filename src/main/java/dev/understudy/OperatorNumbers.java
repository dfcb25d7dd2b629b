package dev.understudy;

import dev.understudy.admin.ReplicaView;
import dev.understudy.history.HistoryRecorder;
import dev.understudy.monitor.EventHistory;
import dev.understudy.monitor.Monitor;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.listener.CertificateInventory;
import dev.understudy.proxy.listener.EventLoopReadings;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.settings.StaticSettings;
import dev.understudy.statistics.ProcessUse;
import dev.understudy.statistics.Statistics;
import dev.understudy.statistics.StatisticsThread;
import dev.understudy.telemetry.Metrics;
import dev.understudy.text.BuildVersion;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the numbers that operators look at. */
@Configuration(proxyBeanMethods = false)
class OperatorNumbers {

  @Bean
  StatisticsThread statisticsThread() {
    return new StatisticsThread();
  }

  @Bean
  ProcessUse processUse(StatisticsThread thread) {
    ProcessUse use = new ProcessUse();
    thread.every(Statistics.SAMPLING, use::sample);
    return use;
  }

  @Bean
  Statistics statistics(
      Monitor monitor,
      Metrics metrics,
      EventHistory events,
      FrontDoor door,
      StatisticsThread thread) {
    Statistics statistics =
        new Statistics(
            monitor, metrics.totals(), () -> door.connections().connections(), System::nanoTime);
    events.subscribe(statistics::happened);
    thread.every(Statistics.SAMPLING, statistics::sample);
    return statistics;
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
    return new Replica(
        BuildVersion.shown(),
        configuration,
        certificates,
        loops,
        door,
        use,
        monitor,
        metrics.totals(),
        () -> settings.stateFile() == null ? null : history.status(),
        thread::execute);
  }
}
