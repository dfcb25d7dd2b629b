package dev.understudy.admin;

import dev.understudy.admin.access.AccessTokens;
import dev.understudy.admin.access.AdminProperties;
import dev.understudy.event.EventLog;
import dev.understudy.history.History;
import dev.understudy.statistics.Statistics;
import dev.understudy.statistics.StatisticsThread;
import java.time.Duration;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * The management port's beans in the main context, which imports this class.
 *
 * <p>The main context must also hold a {@code SnapshotSource}, {@code OperatorCommands}, an {@code
 * EventLog}, a {@link History}, a {@link ReplicaInfo} and {@link Statistics} with their {@link
 * StatisticsThread}. The routes themselves are defined in {@link ManagementPortConfiguration}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AdminProperties.class)
public class AdminConfiguration {
  /** How often a file of tokens is read although no client presents one. */
  private static final Duration REFRESH = Duration.ofSeconds(5);

  @Bean
  AccessTokens accessTokens(AdminProperties properties) {
    AccessTokens tokens = properties.tokens();
    // Reports an unusable file at start and not at the first request.
    tokens.refresh();
    return tokens;
  }

  /** Has the log tell of a changed file soon. */
  @Bean(destroyMethod = "dispose")
  Disposable accessTokensRefresh(AdminProperties properties, AccessTokens tokens) {
    return properties.isInFile()
        ? Flux.interval(REFRESH, Schedulers.boundedElastic())
            .onBackpressureDrop()
            .subscribe(tick -> tokens.refresh())
        : Disposables.disposed();
  }

  @Bean
  RefusalLog refusals() {
    return new RefusalLog(System::nanoTime);
  }

  @Bean
  AccessRules accessRules(AdminProperties properties, AccessTokens tokens, RefusalLog refusals) {
    return new AccessRules(tokens, properties.reads(), refusals);
  }

  @Bean
  CrossOriginCheck crossOriginCheck(
      AdminProperties properties, RefusalLog refusals, Environment environment) {
    return new CrossOriginCheck(
        new AllowedHosts(
            properties.hosts(), () -> AllowedHosts.ofMachine(environment.getProperty("HOSTNAME"))),
        refusals);
  }

  @Bean
  ConfigurationStatus configurationStatus(EventLog events) {
    return new ConfigurationStatus(events);
  }

  @Bean
  EventStreams eventStreams(History history) {
    return new EventStreams(history, EventStreams.Limits.DEFAULT);
  }

  @Bean
  OverviewFeed overviewFeed(
      Statistics statistics,
      StatisticsThread thread,
      ConfigurationStatus configuration,
      ReplicaInfo replica) {
    EncodedOverviews frames =
        new EncodedOverviews(statistics::overview, configuration, replica, OverviewFeed.INTERVAL);
    return new OverviewFeed(frames, thread, OverviewFeed.Limits.DEFAULT);
  }

  /** Replaces Spring Boot's own indicator, which is not created if a bean of this name exists. */
  @Bean
  Readiness readinessStateHealthIndicator(
      ApplicationAvailability availability, ReplicaInfo replica) {
    return new Readiness(availability, replica::isReady, replica::checks);
  }
}
