package dev.understudy;

import dev.understudy.admin.RouteLanes;
import dev.understudy.proxy.guard.Guards;
import dev.understudy.proxy.listener.PlainListener;
import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.Limit;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The whole application before one server, with filters by name: {@code /express/NAME} has them in
 * that lane, {@code /gateway/NAME} in the other one.
 */
final class LanesProxy implements AutoCloseable {
  static final List<String> LANES = List.of("/express/", "/gateway/");

  final TestServer server = new TestServer("server");
  private final Path file;
  private final Map<String, String> filters;
  final ConfigurableApplicationContext context;

  /**
   * @param filters lists of filters by name, as the file has them
   * @param more further settings of the application
   */
  LanesProxy(Path folder, Map<String, String> filters, Guards guards, String... more)
      throws Exception {
    this.filters = filters;
    this.file = Files.writeString(folder.resolve("gateway.yaml"), text(""));
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
            "understudy.config=" + file));
    settings.addAll(List.of(more));
    SpringApplication application = SecureProxy.Written.application(guards);
    context = application.run(settings.stream().map(each -> "--" + each).toArray(String[]::new));
    context
        .getBean(RouteLanes.class)
        .inForce()
        .forEach(
            lane -> {
              if (!lane.id().startsWith(lane.lane() + "-")) {
                throw new AssertionError("another lane: " + lane);
              }
            });
  }

  private String text(String more) {
    StringBuilder text =
        new StringBuilder(
            """
            pools:
              p:
                servers:
                  a: { url: "http://127.0.0.1:%d" }
                health: { type: tcp }
            %s
            routes:
            """
                .formatted(server.port(), more));
    filters.forEach(
        (name, list) ->
            text.append(
                """
                  - { id: express-%1$s, uri: "pool://p", predicates: [ "Path=/express/%1$s" ], filters: %2$s }
                  - { id: gateway-%1$s, uri: "pool://p", predicates: [ "Path=/gateway/%1$s", "After=2020-01-01T00:00:00Z" ], filters: %2$s }
                """
                    .formatted(name, list)));
    return text.toString();
  }

  int port(Protocol protocol) {
    return protocol.isSecure()
        ? context.getEnvironment().getRequiredProperty("local.server.port", Integer.class)
        : context.getBean(PlainListener.class).port();
  }

  TestClient connect(Protocol protocol) {
    return protocol.connect(port(protocol));
  }

  /** What the metric says. */
  int limited(Limit limit) {
    return (int)
        context
            .getBean(MeterRegistry.class)
            .get("understudy.limited")
            .tag("limit", limit.name())
            .counter()
            .count();
  }

  /** The access log's line of that target; waits for it. */
  String logged(String target) {
    String wanted = "target=\"" + target + "\"";
    Await.until("it is logged", () -> log().contains(wanted));
    return log().lines().filter(line -> line.contains(wanted)).findFirst().orElseThrow();
  }

  String log() {
    return context.getBean(SecureProxy.Written.class).log.toString(StandardCharsets.UTF_8);
  }

  /** Writes the dynamic file anew, with more at its top level. */
  void rewrite(String more) {
    try {
      Files.writeString(file, text(more));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    context.close();
    server.close();
  }
}
