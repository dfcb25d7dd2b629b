package dev.understudy;

import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import reactor.core.publisher.Mono;

/**
 * The program with tracing, both lanes and all protocols. Paths begin with {@code /express} or
 * {@code /gateway}; the second segment is the pool, or {@code deny}.
 */
final class TracedProxy extends TestProxy {
  /** Serve the pools {@code shop} and {@code fragile}; no server of {@code nobody} is there. */
  private record Servers(TestServer shop, TestServer fragile, TestServer gone) {
    static Servers start() {
      Servers servers =
          new Servers(new TestServer("server"), new TestServer("fragile"), new TestServer("gone"));
      servers.gone.kill();
      return servers;
    }

    void close() {
      shop.close();
      fragile.close();
      gone.close();
    }
  }

  private final Servers servers;

  /** Serves the pool {@code shop}. */
  final TestServer server;

  /** Serves the pool {@code fragile}. */
  final TestServer fragile;

  TracedProxy(Path folder, String... more) throws Exception {
    this(Servers.start(), folder, more);
  }

  private TracedProxy(Servers servers, Path folder, String... more) throws Exception {
    super(
        application(),
        Files.writeString(folder.resolve("gateway.yaml"), file(servers)),
        Stream.of(tlsAndPlain(folder), List.of("understudy.tracing=on"), List.of(more))
            .flatMap(List::stream)
            .toList());
    this.servers = servers;
    this.server = servers.shop;
    this.fragile = servers.fragile;
  }

  private static SpringApplication application() {
    SpringApplication application = application(new GuardRegistry());
    application.addPrimarySources(List.of(FailGatewayFilterFactory.class));
    return application;
  }

  private static String file(Servers servers) {
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
                .formatted(servers.shop.port(), servers.fragile.port(), servers.gone.port()));
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

  /** What {@code /actuator/prometheus} gives to who accepts that. */
  String scrape(String accept) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + managementPort() + "/actuator/prometheus"))
                  .header("Accept", accept)
                  .build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  /** How many requests of that pool are held. */
  int held(String pool) {
    return (int) meters().get("understudy.held.requests").tag("pool", pool).gauge().value();
  }

  /** How many spans had that outcome. */
  int spans(String outcome) {
    return (int) meters().get("understudy.spans").tag("outcome", outcome).counter().count();
  }

  @Override
  public void close() {
    super.close();
    servers.close();
  }
}
