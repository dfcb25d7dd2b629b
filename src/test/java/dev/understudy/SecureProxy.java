package dev.understudy;

import dev.understudy.admin.RouteLanes;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.proxy.guard.Guards;
import dev.understudy.proxy.listener.PlainListener;
import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.Limit;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The whole application behind TLS, with a plain listener beside it and three certificates: {@code
 * main}, {@code exact} for www.domain.com and {@code wild} for *.domain.com. What begins with
 * {@code /express} takes that lane, what begins with {@code /gateway} the other one.
 */
final class SecureProxy implements AutoCloseable {
  private static final String FILE =
      """
      pools:
        p:
          servers:
            a: { url: "http://127.0.0.1:%d", role: master }
          health: { type: tcp }
      default-filters:
        - RedirectToHttps=301
        - StrictTransportSecurity=max-age=16000000
      routes:
        - { id: express, uri: "pool://p", predicates: ["Path=/express/**"] }
        - { id: gateway, uri: "pool://p", predicates: ["Path=/gateway/**", "After=2020-01-01T00:00:00Z"] }
      """;

  final TestServer server = new TestServer("server");
  private final ConfigurableApplicationContext context;

  SecureProxy(Path folder, String... settings) throws Exception {
    Path file = Files.writeString(folder.resolve("gateway.yaml"), FILE.formatted(server.port()));
    Certificates certificates = new Certificates(folder);
    certificates.issue("main", "localhost");
    certificates.issue("exact", "www.domain.com");
    certificates.issue("wild", "*.domain.com");
    List<String> all = new ArrayList<>();
    for (String name : List.of("main", "exact", "wild")) {
      all.addAll(certificates.bulkProperties(name));
    }
    all.addAll(
        List.of(
            "server.port=0",
            "server.ssl.bundle=main",
            "server.ssl.server-name-bundles[0].server-name=www.domain.com",
            "server.ssl.server-name-bundles[0].bundle=exact",
            "server.ssl.server-name-bundles[1].server-name=*.domain.com",
            "server.ssl.server-name-bundles[1].bundle=wild",
            "management.server.port=0",
            "logging.level.root=warn",
            "understudy.http.port=0",
            "understudy.drain.delay=0s",
            "understudy.config=" + file));
    all.addAll(List.of(settings));
    SpringApplication application = Written.application();
    context = application.run(all.stream().map(each -> "--" + each).toArray(String[]::new));
    Map<String, String> lanes =
        context.getBean(RouteLanes.class).inForce().stream()
            .collect(Collectors.toMap(RouteLanes.Lane::id, RouteLanes.Lane::lane));
    if (!lanes.equals(Map.of("express", "express", "gateway", "gateway"))) {
      throw new AssertionError("lanes other than their names: " + lanes);
    }
  }

  int port() {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  int plainPort() {
    return context.getBean(PlainListener.class).port();
  }

  /** What the metric says. */
  int limited(Limit limit) {
    return (int) meters().get("understudy.limited").tag("limit", limit.name()).counter().count();
  }

  /** How many requests were refused by the front door, as a scrape shows them. */
  int refusals() {
    return context
        .getBean(PrometheusMeterRegistry.class)
        .scrape()
        .lines()
        .filter(line -> line.startsWith("understudy_requests_seconds_count{"))
        .filter(line -> line.contains("outcome=\"BAD_REQUEST\"") && line.contains("status=\"4xx\""))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  int connections() {
    return (int) meters().get("understudy.client.connections").gauge().value();
  }

  private MeterRegistry meters() {
    return context.getBean(MeterRegistry.class);
  }

  /** The line of the access log about the request with that target, once it is there. */
  String logged(String target) {
    ByteArrayOutputStream log = context.getBean(Written.class).log;
    String wanted = "target=\"" + target + "\"";
    Await.until("it is logged", () -> log.toString(StandardCharsets.UTF_8).contains(wanted));
    return log.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains(wanted))
        .findFirst()
        .orElseThrow();
  }

  /** As a stop does; returns when all is over. */
  void stop() {
    context.close();
  }

  @Override
  public void close() {
    context.close();
    server.close();
  }

  /** Keeps what else would go to standard output. */
  static final class Written {
    final ByteArrayOutputStream log = new ByteArrayOutputStream();

    private Written() {}

    /** The application with a bean of this type, to which it writes its access log. */
    static SpringApplication application() {
      return application(new Guards());
    }

    /** The same with these guards. */
    static SpringApplication application(Guards guards) {
      Written written = new Written();
      SpringApplication application =
          SpringProxy.application(
              new Instrumentation(
                  written.log, UnaryOperator.identity(), UnaryOperator.identity(), guards));
      application.addInitializers(
          fresh -> fresh.getBeanFactory().registerSingleton("written", written));
      application.setDefaultProperties(Map.of("understudy.access-log", "plain"));
      application.setRegisterShutdownHook(false);
      return application;
    }
  }
}
