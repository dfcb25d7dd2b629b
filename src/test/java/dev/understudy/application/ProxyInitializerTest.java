package dev.understudy.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.monitor.Monitor;
import dev.understudy.proxy.listener.Listeners;
import dev.understudy.reload.ConfigurationRejectedException;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.PropertySource;

/** The proxy serves before Spring's context is there. */
class ProxyInitializerTest {
  private static final String FILE =
      """
      pools:
        p:
          servers: { a: { url: "http://127.0.0.1:%d" } }
          health: { type: tcp }
      routes:
        - { id: express, uri: "pool://p", predicates: ["Path=/express"] }
        - { id: gateway, uri: "pool://p", predicates: ["Path=/gateway"%s }
      """;

  /** Of the Gateway lane, though each part compiles. */
  private static final String GOOD = "], metadata: { response-timeout: 60000 }";

  /** Parts that only the Gateway can check. */
  private static final String BAD = ", \"After=yesterday\"]";

  private static final String UNCHECKED = ", \"After=2020-01-01T00:00:00Z\"]";

  @TempDir Path folder;
  private final TestServer server = new TestServer("server");
  private final CountDownLatch release = new CountDownLatch(1);
  private final CompletableFuture<ConfigurableListableBeanFactory> paused =
      new CompletableFuture<>();

  @AfterEach
  void close() {
    release.countDown();
    server.close();
  }

  /** Starts the application, whose context waits for {@link #release} before it makes beans. */
  private CompletableFuture<ConfigurableApplicationContext> start(String end) throws IOException {
    Path file = Files.writeString(folder.resolve("f.yaml"), FILE.formatted(server.port(), end));
    SpringApplication application = SpringProxy.application(Instrumentation.standard());
    application.setRegisterShutdownHook(false);
    application.addInitializers(
        fresh ->
            fresh.addBeanFactoryPostProcessor(
                (BeanFactoryPostProcessor)
                    beans -> {
                      paused.complete(beans);
                      Await.open("the test lets the context go on", release);
                    }));
    return CompletableFuture.supplyAsync(
        () ->
            application.run(
                "--server.port=0",
                "--management.server.port=0",
                "--logging.level.root=off",
                "--understudy.drain.delay=0s",
                "--understudy.config=" + file),
        task -> new Thread(task, "context").start());
  }

  private int port() {
    return ((Listeners) Objects.requireNonNull(paused.join().getSingleton("listeners"))).port();
  }

  @Test
  void a_compiled_route_is_served_and_servers_are_judged_while_a_request_of_the_gateway_waits()
      throws Exception {
    CompletableFuture<ConfigurableApplicationContext> context = start(GOOD);
    try (RawClient client = new RawClient(port())) {
      client.request("GET", "/gateway");
      assertThat(RawClient.get(port(), "/express")).contains("200", "server");
      assertThat(server.calls()).hasSize(1);
      Monitor monitor = (Monitor) Objects.requireNonNull(paused.join().getSingleton("monitor"));
      Await.until("the server is judged", monitor::ready);
      assertThat(context).isNotDone();
      release.countDown();
      assertThat(client.response("GET").body()).isEqualTo("server");
    }
    assertThat(context.join().getEnvironment().getPropertySources())
        .extracting(PropertySource::getName)
        .isNotEmpty()
        .noneMatch(name -> name.contains("HostInfo"));
    context.join().close();
  }

  @Tag(Extent.SLOW)
  @Test
  void a_request_that_waits_for_too_long_gets_503_and_the_log_says_why() throws Exception {
    CompletableFuture<ConfigurableApplicationContext> context = start(GOOD);
    int port = port();
    try (LogCapture log = LogCapture.of("dev.understudy.proxy.frontend.GatewayEntrance")) {
      assertThat(RawClient.get(port, "/gateway"))
          .contains(" 503 ")
          .containsIgnoringCase("Retry-After: 1");
      RawClient.get(port, "/gateway");
      release.countDown();
      context.join();
      assertThat(log.events())
          .extracting(ILoggingEvent::getFormattedMessage)
          .containsOnlyOnce(
              "A request got 503, as the Gateway lane is not ready yet; 0 others are waiting",
              "The Gateway lane is ready; 2 of its requests got 503 before");
    }
    assertThat(RawClient.get(port, "/gateway")).contains(" 200 ");
    context.join().close();
  }

  @Test
  void a_file_that_only_the_gateway_can_check_is_served_once_it_has() throws Exception {
    CompletableFuture<ConfigurableApplicationContext> context = start(UNCHECKED);
    assertThat(port()).as("before the Gateway is there").isEqualTo(-1);
    release.countDown();
    context.join();
    assertThat(RawClient.get(port(), "/gateway")).contains(" 200 ");
    assertThat(RawClient.get(port(), "/express")).contains(" 200 ");
    context.join().close();
  }

  @Test
  void a_route_that_the_gateway_refuses_ends_the_start_before_a_port_is_open() throws Exception {
    CompletableFuture<ConfigurableApplicationContext> context = start(BAD);
    Listeners listeners =
        (Listeners) Objects.requireNonNull(paused.join().getSingleton("listeners"));
    release.countDown();
    assertThatThrownBy(context::join)
        .isInstanceOf(CompletionException.class)
        .rootCause()
        .isInstanceOf(ConfigurationRejectedException.class)
        .hasMessageContaining(
            "f.yaml:7: routes[1].predicates[1]: datetime: expected a date and time");
    assertThat(listeners.port()).isEqualTo(-1);
  }
}
