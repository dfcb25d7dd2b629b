package dev.understudy;

import dev.understudy.assembly.Instrumentation;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.Limit;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The whole application with its limits set low, before one server. What begins with {@code
 * /express} can be compiled, what begins with {@code /gateway} can not; {@code narrow} in either is
 * a pool with one place, for which one may wait.
 */
final class LimitedProxy implements AutoCloseable {
  private static final String FILE =
      """
      pools:
        p:
          servers:
            a: { url: "http://127.0.0.1:%d", role: master }
          health: { type: tcp }
          hold: { requests: 10, body: 500B }
        narrow:
          servers:
            a: { url: "http://127.0.0.1:%<d", role: master, max-requests: 1 }
          health: { type: tcp }
          hold: { requests: 1 }
      routes:
        - { id: narrow-express, uri: "pool://narrow", predicates: ["Path=/express/narrow"] }
        - { id: narrow-gateway, uri: "pool://narrow", predicates: ["Path=/gateway/narrow", "After=2020-01-01T00:00:00Z"] }
        - { id: express, uri: "pool://p", predicates: ["Path=/express/**"] }
        - { id: gateway, uri: "pool://p", predicates: ["Path=/gateway/**", "After=2020-01-01T00:00:00Z"] }
      """;

  final TestServer server = new TestServer("server");
  private final ConfigurableApplicationContext context;
  private final List<RawClient> clients = new ArrayList<>();

  LimitedProxy(Path folder, String... settings) {
    Path file = folder.resolve("gateway.yaml");
    try {
      Files.writeString(file, FILE.formatted(server.port()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--logging.level.root=warn",
                "--understudy.drain.delay=0s",
                "--understudy.config=" + file));
    for (String setting : settings) {
      arguments.add("--understudy." + setting);
    }
    SpringApplication application = SpringProxy.application(Instrumentation.standard());
    application.setRegisterShutdownHook(false);
    context = application.run(arguments.toArray(String[]::new));
  }

  private int port() {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  RawClient client() {
    return client("127.0.0.1");
  }

  RawClient client(String from) {
    RawClient client = new RawClient(port(), from);
    clients.add(client);
    return client;
  }

  /** What the metric says. */
  int limited(Limit limit) {
    return (int) meters().get("understudy.limited").tag("limit", limit.name()).counter().count();
  }

  int connections() {
    return (int) meters().get("understudy.client.connections").gauge().value();
  }

  int heldBytes() {
    return gauge("understudy.held.bytes", "p");
  }

  int heldRequests() {
    return gauge("understudy.held.requests", "narrow");
  }

  int requestsAtServer() {
    return gauge("understudy.server.requests", "narrow");
  }

  int queueAtServer() {
    return gauge("understudy.server.queue", "narrow");
  }

  private int gauge(String name, String pool) {
    return (int) meters().get(name).tag("pool", pool).gauge().value();
  }

  private MeterRegistry meters() {
    return context.getBean(MeterRegistry.class);
  }

  /** All clients go, and are seen to have gone. */
  void closeClients() {
    clients.forEach(RawClient::close);
    clients.clear();
    Await.until("no client is connected", () -> connections() == 0);
  }

  @Override
  public void close() {
    clients.forEach(RawClient::close);
    context.close();
    server.close();
  }
}
