package dev.understudy.application;

import dev.understudy.admin.AdminConfiguration;
import dev.understudy.admin.ReplacedProcess;
import dev.understudy.admin.port.PortConnections;
import dev.understudy.assembly.FileDescriptorBudget;
import dev.understudy.assembly.ProcessHandover;
import dev.understudy.assembly.ProxyAssembly;
import dev.understudy.proxy.gateway.GatewayLaneConfiguration;
import dev.understudy.proxy.gateway.PoolRoutes;
import dev.understudy.proxy.gateway.RouteLookup;
import dev.understudy.proxy.gateway.RouteTrial;
import dev.understudy.proxy.listener.ListenerConfiguration;
import dev.understudy.proxy.listener.ManagementSocket;
import dev.understudy.settings.DurationUnits;
import dev.understudy.tracing.Tracing;
import dev.understudy.tracing.TracingImports;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.net.InetSocketAddress;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import reactor.netty.http.server.HttpServer;

/**
 * What Spring's context adds to the {@link ProxyAssembly}: the Gateway lane, the management port
 * and the stop. Its parts are imported explicitly instead of found by scanning.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({
  ManagementTls.Usable.class,
  ReadyLine.class,
  RunningReplica.class,
  TracingImports.class,
  ListenerConfiguration.class,
  GatewayLaneConfiguration.class,
  AdminConfiguration.class,
})
class Application {
  @Bean
  PortConnections.Limits managementPortLimits(FileDescriptorBudget descriptors) {
    return PortConnections.Limits.DEFAULT.atMost(descriptors.management());
  }

  /** Joins the context to the assembly before the lifecycles start. */
  @Bean
  SmartInitializingSingleton joinedAssembly(
      ProxyAssembly assembly,
      RouteTrial trial,
      PoolRoutes routes,
      RouteLookup lookup,
      ObjectProvider<Tracing> tracing) {
    return () -> assembly.join(trial, routes, lookup, tracing.getIfAvailable());
  }

  /** Takes over from a predecessor, or waits for a successor, once the context is there. */
  @Bean
  ApplicationListener<ApplicationReadyEvent> handoverBegin(ProcessHandover handover) {
    return ready -> handover.ready();
  }

  @Bean
  ReplacedProcess replacedProcess(ProcessHandover handover, ManagementSocket socket) {
    return new ReplacedProcess() {
      @Override
      public HttpServer managementSocket(HttpServer server, InetSocketAddress wanted) {
        return socket.customize(server, wanted);
      }

      @Override
      public void whenReplaced(Runnable task) {
        handover.whenReplaced(successor -> task.run());
      }
    };
  }

  /** Binds Spring Boot's meters, which it would do itself with a registry of its own. */
  @Bean
  SmartInitializingSingleton boundMeters(
      MeterRegistry registry, ObjectProvider<MeterBinder> binders) {
    return () -> binders.orderedStream().forEach(binder -> binder.bindTo(registry));
  }

  /** Static, because settings are bound before other beans are created. */
  @Bean
  static DurationUnits durationUnits(Environment environment) {
    return new DurationUnits(environment);
  }
}
