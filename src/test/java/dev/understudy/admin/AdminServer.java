package dev.understudy.admin;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.notification.EventNotifier;
import dev.understudy.statistics.FakeTotals;
import dev.understudy.statistics.Statistics;
import dev.understudy.statistics.StatisticsThread;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Gateway with a catch-all route, and the management port on a port of its own, for tests. */
final class AdminServer implements AutoCloseable {
  static final JsonMapper JSON = new JsonMapper();
  static final List<ReplicaInfo.Route> LANES =
      List.of(
          new ReplicaInfo.Route(
              "first",
              "gateway",
              "predicate Header is not compiled",
              null,
              List.of("Header=X-A,***"),
              List.of(),
              0),
          new ReplicaInfo.Route(
              "second",
              "express",
              "its predicates and filters are compiled",
              "sense",
              List.of("Path=/**"),
              List.of("StripPrefix=1"),
              2.5));
  private static final AgreementStatus ALONE = AgreementStatus.alone(Instant.EPOCH);
  static final String TOKEN = "correct horse battery staple";

  final FakeEvents events = new FakeEvents();
  final FakeHistory history = new FakeHistory(events);
  final FakeMonitor monitor = new FakeMonitor(events);

  final FakeTotals totals = new FakeTotals();
  final FakeReplica replica =
      new FakeReplica(() -> history.threads.add(Thread.currentThread().getName()));
  private final Statistics statistics = new Statistics(monitor, totals, () -> 40, System::nanoTime);
  private final StatisticsThread thread = new StatisticsThread();
  private final ConfigurableApplicationContext context;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();

  AdminServer(String... settings) {
    this(null, settings);
  }

  /**
   * @param notifications null for none
   */
  AdminServer(@Nullable EventNotifier notifications, String... settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--management.endpoints.web.exposure.include=health,prometheus",
                "--management.prometheus.metrics.export.enabled=true"));
    for (String setting : settings) {
      arguments.add("--" + setting);
    }
    context =
        new SpringApplicationBuilder(App.class)
            .initializers(
                start -> {
                  var beans = start.getBeanFactory();
                  for (Object each :
                      List.of(monitor, events, history, replica, statistics, thread)) {
                    beans.registerSingleton(each.getClass().getName(), each);
                  }
                  if (notifications != null) {
                    beans.registerSingleton("notifications", notifications);
                  }
                })
            .run(arguments.toArray(String[]::new));
  }

  /** From now on the agreement stands like that. */
  void agree(String newMode, AgreementStatus status) {
    replica.agree(newMode, status);
  }

  /** As it was at first. */
  void reset() {
    monitor.reset();
    events.forget();
    history.reset();
    replica.ready.set(true);
    totals.clear();
    agree("standalone", ALONE);
    AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
  }

  int mainPort() {
    return port("local.server.port");
  }

  int managementPort() {
    return port("local.management.port");
  }

  private int port(String property) {
    return context.getEnvironment().getRequiredProperty(property, Integer.class);
  }

  ConfigurableApplicationContext context() {
    return context;
  }

  HttpClient client() {
    return client;
  }

  HttpRequest.Builder request(String path) {
    return requestTo(managementPort(), path);
  }

  static HttpRequest.Builder requestTo(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofMinutes(1));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  HttpResponse<String> get(String path) {
    return send(request(path));
  }

  JsonNode json(String path) {
    return json(get(path));
  }

  static JsonNode json(HttpResponse<String> response) {
    return JSON.readTree(response.body());
  }

  /** With the token. */
  HttpResponse<String> write(String method, String path, String body) {
    return send(
        request(path)
            .header("Authorization", "Bearer " + TOKEN)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body)));
  }

  @Override
  public void close() {
    context.close();
    thread.close();
    client.close();
  }

  @SpringBootConfiguration
  @EnableAutoConfiguration
  @Import(AdminConfiguration.class)
  static class App {
    /** Event loops of its own: those that all share end with the first context that closes. */
    @Bean
    ReactorResourceFactory reactorResourceFactory() {
      ReactorResourceFactory resources = new ReactorResourceFactory();
      resources.setUseGlobalResources(false);
      resources.setShutdownQuietPeriod(Duration.ZERO);
      return resources;
    }

    /** Answers every path of the main port by itself. */
    @Bean
    RouteLocator routes(RouteLocatorBuilder routes) {
      return routes
          .routes()
          .route(
              "all",
              route ->
                  route
                      .path("/**")
                      .filters(filters -> filters.filter((exchange, chain) -> answer(exchange)))
                      .uri("http://127.0.0.1:9"))
          .build();
    }

    private static Mono<Void> answer(ServerWebExchange exchange) {
      var response = exchange.getResponse();
      return response.writeWith(Mono.just(response.bufferFactory().wrap("application".getBytes())));
    }
  }
}
