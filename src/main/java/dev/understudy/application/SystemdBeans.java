package dev.understudy.application;

import dev.understudy.assembly.ProcessHandover;
import dev.understudy.monitor.Monitor;
import dev.understudy.proxy.listener.ShutdownStep;
import dev.understudy.snapshot.PoolState;
import dev.understudy.systemd.ServiceNotifier;
import java.util.Collection;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.health.application.ReadinessStateHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.resources.LoopResources;

/** Wires the notifications to systemd; loaded only if it has started the process. */
@Configuration(proxyBeanMethods = false)
class SystemdBeans {

  @Bean
  ServiceNotifier serviceNotifier(
      ReadinessStateHealthIndicator readiness,
      Monitor monitor,
      ReactorResourceFactory resources,
      ProcessHandover handover) {
    ServiceNotifier notifier =
        new ServiceNotifier(
            System.getenv(),
            handover::leads,
            () -> isUp(readiness.health()),
            () -> status(monitor.current().pools()),
            resources.getLoopResources().onServer(LoopResources.DEFAULT_NATIVE));
    handover.whenReplaced(notifier::replaced);
    return notifier;
  }

  private static boolean isUp(Health health) {
    return health.getStatus().equals(Status.UP);
  }

  @Bean
  ApplicationListener<ApplicationReadyEvent> serviceNotifierStart(ServiceNotifier notifier) {
    return ready -> notifier.start();
  }

  @Bean
  ShutdownStep serviceStoppingStep(ServiceNotifier notifier) {
    return ShutdownStep.first(notifier::stopping);
  }

  /** Returns the line that {@code systemctl status} shows. */
  static String status(Collection<PoolState> pools) {
    long served = pools.stream().filter(pool -> !pool.receiving().isEmpty()).count();
    return "%d of %d pools served".formatted(served, pools.size());
  }
}
