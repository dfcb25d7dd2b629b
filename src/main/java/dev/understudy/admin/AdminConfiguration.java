package dev.understudy.admin;

import dev.understudy.monitor.EventLog;
import dev.understudy.monitor.SnapshotSource;
import java.util.function.BooleanSupplier;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What the management port needs from the main context; to be imported there.
 *
 * <p>The main context must also hold a {@code SnapshotSource}, {@code Commands}, an {@code
 * EventLog}, {@link RouteLanes}, an {@link AgreementView} and a {@link BooleanSupplier} by the name
 * of {@value #MONITOR_READY}. The routes themselves are {@link ManagementPortConfiguration}'s.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AdminProperties.class)
public class AdminConfiguration {
  /** The name of the bean that says whether every server had its first response or time-out. */
  public static final String MONITOR_READY = "monitorReady";

  @Bean
  AdminToken adminToken(AdminProperties properties) {
    AdminToken token = properties.adminToken();
    // A file that is of no use is to be heard of now, not when somebody needs it.
    var unused = token.check("");
    return token;
  }

  @Bean
  ConfigurationStatus configurationStatus(EventLog events) {
    return new ConfigurationStatus(events);
  }

  @Bean
  EventStreams eventStreams(EventLog events, SnapshotSource clock) {
    String run = Long.toString(clock.now().toEpochMilli());
    return new EventStreams(events, EventStreams.Limits.DEFAULT, run);
  }

  /** Boot's own backs off from a bean of this name. */
  @Bean
  Readiness readinessStateHealthIndicator(
      ApplicationAvailability availability, @Qualifier(MONITOR_READY) BooleanSupplier ready) {
    return new Readiness(availability, ready);
  }
}
