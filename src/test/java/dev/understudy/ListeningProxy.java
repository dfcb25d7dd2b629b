package dev.understudy;

import dev.understudy.admin.ReplicaView;
import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.monitor.Event;
import dev.understudy.monitor.EventHistory;
import dev.understudy.proxy.listener.DynamicListeners;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The whole application before one server, which responds with its name and keeps what it was sent.
 * Tests write the listeners and the routes of its dynamic file.
 */
public final class ListeningProxy implements AutoCloseable {
  static final String ROUTES =
      """
      - { id: all, uri: "pool://p", predicates: ["Path=/**"] }
      """;

  private static final String POOL =
      """
      pools:
        p:
          servers: { a: { url: "http://127.0.0.1:%1$d", role: master } }
          health: { type: tcp }
        t: { servers: { a: { url: "tcp://127.0.0.1:%1$d" } }, health: { interval: 1h, timeout: 30s } }
      """;

  public final TestServer server = new TestServer("server");
  final List<Event> events = new CopyOnWriteArrayList<>();
  private final Path file;
  private final ConfigurableApplicationContext context;

  public ListeningProxy(Path folder, String listeners, String routes, String... settings)
      throws IOException {
    file = folder.resolve("gateway.yaml");
    Files.writeString(file, text(listeners, routes));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--management.server.port=0",
                "--logging.level.root=warn",
                "--understudy.drain.delay=0s",
                "--understudy.config=" + file));
    for (String setting : settings) {
      arguments.add("--" + setting);
    }
    SpringApplication application = SpringProxy.application(Instrumentation.standard());
    application.setRegisterShutdownHook(false);
    context = application.run(arguments.toArray(String[]::new));
    context.getBean(EventHistory.class).subscribe(entry -> events.add(entry.event()));
  }

  private String text(String listeners, String routes) {
    return POOL.formatted(server.port())
        + "listeners:\n"
        + listeners.indent(2)
        + "routes:\n"
        + routes.indent(2);
  }

  /** Writes another file and returns once it is in force. */
  void reload(String listeners, String routes) throws IOException {
    LiveConfiguration live = bean(LiveConfiguration.class);
    String before = live.fingerprint();
    write(listeners, routes);
    Await.until("the file is applied", () -> !String.valueOf(live.fingerprint()).equals(before));
  }

  /** Writes another file and returns the problems for which it is refused. */
  List<String> refused(String listeners, String routes) throws IOException {
    int before = events.size();
    write(listeners, routes);
    Await.until("the file is refused", () -> !rejections(before).isEmpty());
    return rejections(before).getFirst().problems();
  }

  private List<Event.ConfigurationRejected> rejections(int from) {
    return events.stream()
        .skip(from)
        .filter(Event.ConfigurationRejected.class::isInstance)
        .map(Event.ConfigurationRejected.class::cast)
        .toList();
  }

  /** Replaces the file at once. */
  private void write(String listeners, String routes) throws IOException {
    Path next = file.resolveSibling("gateway.yaml.next");
    Files.writeString(next, text(listeners, routes));
    Files.move(next, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  /** The port of a listener of the file. */
  public int port(String listener) {
    return bean(DynamicListeners.class).port(listener).orElseThrow();
  }

  boolean isOpen(String listener) {
    return bean(DynamicListeners.class).port(listener).isPresent();
  }

  /** The main listener's port; null if it is not open. */
  Integer mainPort() {
    return context.getEnvironment().getProperty("local.server.port", Integer.class);
  }

  <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  Map<String, String> lanes() {
    return bean(ReplicaView.class).routes().stream()
        .collect(Collectors.toMap(ReplicaView.Route::id, ReplicaView.Route::lane));
  }

  /** The status of a GET on a connection of its own. */
  static int status(int port, String target) {
    try (RawClient client = new RawClient(port)) {
      return client.request("GET", target).response().status();
    }
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
}
