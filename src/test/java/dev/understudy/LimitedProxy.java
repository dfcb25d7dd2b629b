package dev.understudy;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The whole application with its limits set low, before one server. What begins with {@code
 * /express} can be compiled, what begins with {@code /gateway} can not; {@code narrow} in either is
 * a pool with one place, for which one may wait.
 */
final class LimitedProxy extends TestProxy {
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

  final TestServer server;
  private final List<RawClient> clients = new ArrayList<>();

  LimitedProxy(Path folder, String... settings) {
    this(new TestServer("server"), folder, settings);
  }

  private LimitedProxy(TestServer server, Path folder, String... settings) {
    super(file(server, folder), Stream.of(settings).map(each -> "understudy." + each).toList());
    this.server = server;
  }

  private static Path file(TestServer server, Path folder) {
    try {
      return Files.writeString(folder.resolve("gateway.yaml"), FILE.formatted(server.port()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RawClient client() {
    return client("127.0.0.1");
  }

  RawClient client(String from) {
    RawClient client = new RawClient(port(), from);
    clients.add(client);
    return client;
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

  /** All clients go, and are seen to have gone. */
  void closeClients() {
    clients.forEach(RawClient::close);
    clients.clear();
    Await.until("no client is connected", () -> connections() == 0);
  }

  @Override
  public void close() {
    clients.forEach(RawClient::close);
    super.close();
    server.close();
  }
}
