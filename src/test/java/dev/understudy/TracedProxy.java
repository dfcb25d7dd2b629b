package dev.understudy;

import dev.understudy.proxy.listener.PlainListener;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestServer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.context.ConfigurableApplicationContext;
import reactor.core.publisher.Mono;

/**
 * The program with tracing, both lanes and all protocols. Paths begin with {@code /express} or
 * {@code /gateway}; the second segment is the pool, or {@code deny}.
 */
final class TracedProxy implements AutoCloseable {
  /** Serves the pool {@code shop}. */
  final TestServer server = new TestServer("server");

  /** Serves the pool {@code fragile}. */
  final TestServer fragile = new TestServer("fragile");

  /** The only server of the pool {@code nobody}, never there. */
  private final TestServer gone = new TestServer("gone");

  private final ConfigurableApplicationContext context;

  TracedProxy(Path folder, String... more) throws Exception {
    gone.kill();
    Certificates certificates = new Certificates(folder);
    certificates.issue("main", "localhost");
    List<String> settings = new ArrayList<>(certificates.properties("main"));
    settings.addAll(
        List.of(
            "server.port=0",
            "server.ssl.bundle=main",
            "understudy.http.port=0",
            "management.server.port=0",
            "logging.level.root=warn",
            "understudy.drain.delay=0s",
            "understudy.tracing=on",
            "understudy.config=" + Files.writeString(folder.resolve("gateway.yaml"), file())));
    settings.addAll(List.of(more));
    SpringApplication application = SecureProxy.Written.application();
    application.addPrimarySources(List.of(FailGatewayFilterFactory.class));
    context = application.run(settings.stream().map(each -> "--" + each).toArray(String[]::new));
  }

  private String file() {
    StringBuilder file =
        new StringBuilder(
            """
            pools:
              shop:
                servers:
                  a: { url: "http://127.0.0.1:%d" }
                health: { type: tcp }
                hold: { time: 30s }
              fragile:
                servers:
                  a: { url: "http://127.0.0.1:%d" }
                health: { type: tcp, interval: 100ms, fast-interval: 50ms, down-interval: 50ms }
                hold: { time: 30s }
              nobody:
                servers:
                  a: { url: "http://127.0.0.1:%d" }
                health: { type: tcp }
                hold: { time: 50ms }
            routes:
            """
                .formatted(server.port(), fragile.port(), gone.port()));
    for (String pool : List.of("shop", "fragile", "nobody", "deny")) {
      file.append(
          """
            - { id: express-%1$s, uri: "pool://%2$s", predicates: [ "Path=/express/%1$s/**" ], filters: %3$s }
            - { id: gateway-%1$s, uri: "pool://%2$s", predicates: [ "Path=/gateway/%1$s/**", "After=2020-01-01T00:00:00Z" ], filters: %3$s }
          """
              .formatted(
                  pool,
                  pool.equals("deny") ? "shop" : pool,
                  pool.equals("deny") ? "[ Deny ]" : "[ ]"));
    }
    return file.append(
            """
              - { id: gateway-fail, uri: "pool://shop", predicates: [ "Path=/gateway/fail/**" ], filters: [ Fail ] }
            """)
        .toString();
  }

  /** A filter that fails for every request. */
  static final class FailGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    @Override
    public GatewayFilter apply(Object config) {
      return (exchange, chain) -> Mono.error(new IllegalStateException("a defect"));
    }
  }

  int port(Protocol protocol) {
    return protocol.isSecure()
        ? context.getEnvironment().getRequiredProperty("local.server.port", Integer.class)
        : context.getBean(PlainListener.class).port();
  }

  /** What {@code /actuator/prometheus} gives to who accepts that. */
  String scrape(String accept) throws IOException, InterruptedException {
    String port = context.getEnvironment().getRequiredProperty("local.management.port");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + port + "/actuator/prometheus"))
                  .header("Accept", accept)
                  .build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  /** What the access log says so far. */
  String accessLog() {
    return context.getBean(SecureProxy.Written.class).log.toString(StandardCharsets.UTF_8);
  }

  /** How many requests of that pool are held. */
  int held(String pool) {
    return (int)
        context
            .getBean(MeterRegistry.class)
            .get("understudy.held.requests")
            .tag("pool", pool)
            .gauge()
            .value();
  }

  /** How many spans had that outcome. */
  int spans(String outcome) {
    return (int)
        context
            .getBean(MeterRegistry.class)
            .get("understudy.spans")
            .tag("outcome", outcome)
            .counter()
            .count();
  }

  /** As a stop does; returns when all is over. */
  void stop() {
    context.close();
  }

  @Override
  public void close() {
    context.close();
    server.close();
    fragile.close();
    gone.close();
  }
}
