package dev.understudy;

import dev.understudy.admin.ReplicaInfo;
import dev.understudy.event.Event;
import dev.understudy.event.EventHistory;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.listener.DynamicListeners;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One whose tests write the listeners and the routes of its dynamic file. */
public final class ListeningProxy extends TestProxy {
  static final String ROUTES =
      """
      - { id: all, uri: "pool://p", predicates: ["Path=/**"] }
      """;

  final List<Event> events = new CopyOnWriteArrayList<>();

  public ListeningProxy(Path folder, String listeners, String routes, String... settings) {
    super(folder, text(listeners, routes), application(new GuardRegistry()), Stream.of(settings));
    bean(EventHistory.class).subscribe(entry -> events.add(entry.event()));
  }

  private static String text(String listeners, String routes) {
    return POOLS
        + "  t: { servers: { a: { url: 'tcp://SERVER' } }, health: { interval: 1h, timeout: 30s }"
        + " }\n"
        + "listeners:\n"
        + listeners.indent(2)
        + "routes:\n"
        + routes.indent(2);
  }

  /** Writes another file, with a route for everything, and returns once it is in force. */
  void reload(String listeners) {
    reload(listeners, ROUTES);
  }

  void reload(String listeners, String routes) {
    LiveConfiguration live = bean(LiveConfiguration.class);
    String before = live.fingerprint();
    write(text(listeners, routes));
    Await.until("the file is applied", () -> !String.valueOf(live.fingerprint()).equals(before));
  }

  /** Writes another file and returns the problems for which it is refused. */
  List<String> refused(String listeners, String routes) {
    int before = events.size();
    write(text(listeners, routes));
    Await.until("the file is refused", () -> !rejections(before).isEmpty());
    return rejections(before).getFirst().problems();
  }

  private List<ReplicaEvent.ConfigurationRejected> rejections(int from) {
    return events.stream()
        .skip(from)
        .filter(ReplicaEvent.ConfigurationRejected.class::isInstance)
        .map(ReplicaEvent.ConfigurationRejected.class::cast)
        .toList();
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

  Map<String, String> lanes() {
    return bean(ReplicaInfo.class).routes().stream()
        .collect(Collectors.toMap(ReplicaInfo.Route::id, ReplicaInfo.Route::lane));
  }

  /** The status of a GET on a connection of its own. */
  static int status(int port, String target) {
    try (RawClient client = new RawClient(port)) {
      return client.request("GET", target).response().status();
    }
  }
}
