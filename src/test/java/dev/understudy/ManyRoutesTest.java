package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;
import org.springframework.cloud.gateway.handler.predicate.AbstractRoutePredicateFactory;
import org.springframework.web.server.ServerWebExchange;

/**
 * The whole application with all requests in the Gateway lane: however many routes there are, a
 * request asks only those that may be its own.
 */
class ManyRoutesTest {
  private static final int MANY = 1_000;

  private static final AtomicInteger asked = new AtomicInteger();

  @TempDir private static Path folder;

  private static TestServer server;
  private static TestProxy proxy;

  /** Always matches, and is counted. */
  static class AskedRoutePredicateFactory extends AbstractRoutePredicateFactory<Object> {
    AskedRoutePredicateFactory() {
      super(Object.class);
    }

    @Override
    public Predicate<ServerWebExchange> apply(Object config) {
      return exchange -> {
        asked.incrementAndGet();
        return true;
      };
    }
  }

  @BeforeAll
  static void start() throws IOException {
    server = new TestServer("server");
    SpringApplication application = SpringProxy.application(Instrumentation.standard());
    application.addInitializers(
        fresh ->
            fresh.getBeanFactory().registerSingleton("asked", new AskedRoutePredicateFactory()));
    proxy =
        new TestProxy(
            application,
            Files.writeString(folder.resolve("gateway.yaml"), file()),
            List.of("understudy.express=off"));
  }

  private static String file() {
    StringBuilder yaml =
        new StringBuilder(
            """
            pools:
              p:
                servers:
                  a: { url: "http://127.0.0.1:%d", role: master }
                health: { type: tcp }
            routes:
            """
                .formatted(server.port()));
    for (int i = 0; i < MANY; i++) {
      yaml.append("  - { id: r%d, uri: \"pool://p\", predicates: [{ name: Asked }, ".formatted(i));
      yaml.append("\"Host=h%d.test\"] }\n".formatted(i));
    }
    return yaml.toString();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    server.close();
  }

  /** How many routes are asked by a request for that host. */
  private static int asked(String host, int status) {
    int before = asked.get();
    try (RawClient client = new RawClient(proxy.port())) {
      Response response = client.request("GET", "/x", "Host: " + host).response("GET");
      assertThat(response.status()).isEqualTo(status);
    }
    return asked.get() - before;
  }

  @Test
  void only_the_route_of_its_host_is_asked() {
    assertThat(asked("h0.test", 200)).isEqualTo(1);
    assertThat(asked("h999.test", 200)).isEqualTo(1);
    assertThat(asked("none.test", 404)).isZero();
  }

  @Test
  void a_refresh_that_changes_nothing_changes_nothing() {
    proxy.context.publishEvent(new RefreshRoutesEvent(this));

    assertThat(asked("h999.test", 200)).isEqualTo(1);
  }
}
