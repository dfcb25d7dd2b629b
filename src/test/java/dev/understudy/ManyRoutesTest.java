package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AutoClose;
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

  @AutoClose private static TestProxy proxy;

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
  static void start(@TempDir Path folder) {
    SpringApplication application = SpringProxy.application(Instrumentation.standard());
    application.addInitializers(
        fresh ->
            fresh.getBeanFactory().registerSingleton("asked", new AskedRoutePredicateFactory()));
    StringBuilder yaml = new StringBuilder(TestProxy.POOLS + "routes:\n");
    for (int i = 0; i < MANY; i++) {
      yaml.append(
          "  - { id: r%1$d, uri: 'pool://p', predicates: [{ name: Asked }, 'Host=h%1$d.test'] }\n"
              .formatted(i));
    }
    proxy = new TestProxy(application, folder, yaml.toString(), "understudy.express=off");
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
