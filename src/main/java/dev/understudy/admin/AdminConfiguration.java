package dev.understudy.admin;

import dev.understudy.history.History;
import dev.understudy.monitor.EventLog;
import java.util.function.BooleanSupplier;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The management port's beans in the main context, which imports this class.
 *
 * <p>The main context must also hold a {@code SnapshotSource}, {@code Commands}, an {@code
 * EventLog}, a {@link History}, {@link RouteLanes}, an {@link AgreementView} and a {@link
 * BooleanSupplier} named {@value #MONITOR_READY}. The routes themselves are defined in {@link
 * ManagementPortConfiguration}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AdminProperties.class)
public class AdminConfiguration {
  /**
   * The name of the bean that tells whether this replica is ready as far as the monitor and the
   * agreement are concerned; see {@link Readiness}.
   */
  public static final String MONITOR_READY = "monitorReady";

  @Bean
  AdminToken adminToken(AdminProperties properties) {
    AdminToken token = properties.adminToken();
    // Reports an unusable file at start and not at the first write.
    var unused = token.check("");
    return token;
  }

  @Bean
  ConfigurationStatus configurationStatus(EventLog events) {
    return new ConfigurationStatus(events);
  }

  @Bean
  EventStreams eventStreams(History history) {
    return new EventStreams(history, EventStreams.Limits.DEFAULT);
  }

  /** Replaces Spring Boot's own indicator, which is not created if a bean of this name exists. */
  @Bean
  Readiness readinessStateHealthIndicator(
      ApplicationAvailability availability, @Qualifier(MONITOR_READY) BooleanSupplier ready) {
    return new Readiness(availability, ready);
  }
}
