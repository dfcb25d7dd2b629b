package dev.understudy;

import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestServer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
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
  private static final String FILE =
      """
      pools:
        shop: { servers: { a: { url: "http://SERVER" } }, health: { type: tcp }, hold: { time: 30s } }
        fragile:
          servers: { a: { url: "http://127.0.0.1:%d" } }
          health: { type: tcp, interval: 100ms, fast-interval: 50ms, down-interval: 50ms }
          hold: { time: 30s }
        nobody: { servers: { a: { url: "http://127.0.0.1:%d" } }, health: { type: tcp }, hold: { time: 50ms } }
      routes:
        - { id: gateway-fail, uri: "pool://shop", predicates: [ "Path=/gateway/fail/**" ], filters: [ Fail ] }
      """
          + Stream.of("shop", "fragile", "nobody")
              .map(each -> routes(each, each, "'Path=/LANE/" + each + "/**'", "[ ]"))
              .collect(Collectors.joining())
          + routes("deny", "shop", "'Path=/LANE/deny/**'", "[ Deny ]");

  /** Serves the pool {@code fragile}. */
  final TestServer fragile;

  private final TestServer gone;

  TracedProxy(Path folder, String... more) throws Exception {
    this(new TestServer("fragile"), gone(), folder, more);
  }

  private static TestServer gone() {
    TestServer gone = new TestServer("gone");
    gone.kill();
    return gone;
  }

  private TracedProxy(TestServer fragile, TestServer gone, Path folder, String... more)
      throws Exception {
    super(
        application(),
        folder,
        FILE.formatted(fragile.port(), gone.port()),
        tls(
            folder,
            Stream.concat(Stream.of("understudy.tracing=on"), Stream.of(more))
                .toArray(String[]::new)));
    this.fragile = fragile;
    this.gone = gone;
  }

  private static SpringApplication application() {
    SpringApplication application = application(new GuardRegistry());
    application.addPrimarySources(List.of(FailGatewayFilterFactory.class));
    return application;
  }

  /** A filter that fails for every request. */
  static final class FailGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    @Override
    public GatewayFilter apply(Object config) {
      return (exchange, chain) -> Mono.error(new IllegalStateException("a defect"));
    }
  }

  /** What {@code /actuator/prometheus} gives to who accepts that. */
  String scrape(String accept) {
    try (RawClient client = new RawClient(managementPort())) {
      return client.get("/actuator/prometheus", "Host: localhost", "Accept: " + accept).body();
    }
  }

  /** How many spans had that outcome. */
  int spans(String outcome) {
    return counter("understudy.spans", "outcome", outcome);
  }

  @Override
  public void close() {
    super.close();
    fragile.close();
    gone.close();
  }
}
