package dev.understudy;

import dev.understudy.admin.ReplicaInfo;
import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.listener.Listeners;
import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.Limit;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The whole application in this process, on ports that the system chooses, before one server, which
 * responds with its name. In the dynamic file {@code SERVER} stands for that server's host and
 * port.
 */
public class TestProxy implements AutoCloseable {
  /** What the paths of routes begin with that take the express lane, and the Gateway's. */
  static final List<String> LANES = List.of("/express/", "/gateway/");

  /** The pool {@code p} of the one server. */
  static final String POOLS =
      """
      pools:
        p: { servers: { a: { url: "http://SERVER", role: master } }, health: { type: tcp } }
      """;

  /** With routes for whatever is below a lane's name. */
  static final String ALL = POOLS + "routes:\n" + routes("all", "p", "'Path=/LANE/**'", "[ ]");

  public final TestServer server = new TestServer("server");
  final ConfigurableApplicationContext context;
  private final List<RawClient> clients = new ArrayList<>();
  private final Path file;

  /** Starts the application, which keeps its access log for {@link #accessLog}. */
  TestProxy(Path folder, String file, String... settings) {
    this(application(new GuardRegistry()), folder, file, settings);
  }

  /**
   * Starts that application.
   *
   * @param text of the dynamic file
   * @param settings further static ones
   */
  TestProxy(SpringApplication application, Path folder, String text, String... settings) {
    this(folder, text, application, Stream.concat(Stream.of("server.port=0"), Stream.of(settings)));
  }

  /** Starts that application, whose main port is among the settings. */
  TestProxy(Path folder, String text, SpringApplication application, Stream<String> settings) {
    file = folder.resolve("gateway.yaml");
    write(text);
    Stream<String> all =
        Stream.concat(
            Stream.of(
                "management.server.port=0",
                "understudy.drain.delay=0s",
                "understudy.config=" + file),
            settings);
    application.setRegisterShutdownHook(false);
    try {
      context = application.run(all.map(each -> "--" + each).toArray(String[]::new));
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /**
   * One through TLS, and in clear beside it, with routes of their names.
   *
   * @param routes see {@link #named}
   */
  static TestProxy lanes(Path folder, String routes, String... settings) throws Exception {
    TestProxy proxy =
        new TestProxy(folder, POOLS + "routes:\n" + named(routes), tls(folder, settings));
    proxy.requireLanesAsNamed();
    return proxy;
  }

  /** One through TLS, which sends who comes in clear there. */
  static TestProxy secure(Path folder, String... settings) throws Exception {
    String filters =
        "default-filters: [RedirectToHttps=301, StrictTransportSecurity=max-age=16000000]\n";
    TestProxy proxy = new TestProxy(folder, filters + ALL, tls(folder, settings));
    proxy.requireLanesAsNamed();
    return proxy;
  }

  /** The application with these guards, whose access log is kept. */
  static SpringApplication application(GuardRegistry guards) {
    KeptLog log = new KeptLog();
    SpringApplication application =
        SpringProxy.application(
            new Instrumentation(
                log.bytes, UnaryOperator.identity(), UnaryOperator.identity(), guards));
    application.addInitializers(fresh -> fresh.getBeanFactory().registerSingleton("kept-log", log));
    application.setDefaultProperties(
        Map.of(
            "understudy.access-log",
            "plain",
            // On a busy machine, a handshake has taken more than the 10 s of the default.
            "understudy.client.header-timeout",
            "1m"));
    return application;
  }

  /** A route in either lane; {@code LANE} stands for its name, with which its id begins. */
  static String routes(String id, String pool, String predicates, String filters) {
    String route =
        "  - { id: 'LANE-%s', uri: 'pool://%s', predicates: [ %s ], filters: %s }\n"
            .formatted(id, pool, predicates, filters);
    return route.replace("LANE", "express")
        + route
            .replace(predicates + " ]", predicates + ", 'After=2020-01-01T00:00:00Z' ]")
            .replace("LANE", "gateway");
  }

  /** Filters in their short form, or as maps, as a list of the file. */
  static String list(List<String> filters) {
    return filters.stream()
        .map(each -> each.startsWith("{") ? each : "'" + each.replace("'", "''") + "'")
        .collect(Collectors.joining(", ", "[ ", " ]"));
  }

  /**
   * Routes in either lane to the pool {@code p}: {@code /express/NAME} and {@code /gateway/NAME}.
   *
   * @param lines each a name and a list of filters
   */
  static String named(String lines) {
    return lines
        .lines()
        .map(line -> line.split(": ", 2))
        .map(each -> routes(each[0], "p", "'Path=/LANE/" + each[0] + "'", each[1]))
        .collect(Collectors.joining());
  }

  /**
   * Settings of TLS on the main port, for localhost, www.domain.com (its certificate's name is
   * {@code exact}) and *.domain.com ({@code wild}), and of a plain listener beside it.
   */
  static String[] tls(Path folder, String... more) throws Exception {
    Certificates certificates = new Certificates(folder);
    certificates.issue("main", "localhost");
    certificates.issue("exact", "www.domain.com");
    certificates.issue("wild", "*.domain.com");
    List<String> settings = new ArrayList<>();
    for (String name : List.of("main", "exact", "wild")) {
      settings.addAll(certificates.properties(name));
    }
    settings.addAll(
        List.of(
            "server.ssl.bundle=main",
            "server.ssl.server-name-bundles[0].server-name=www.domain.com",
            "server.ssl.server-name-bundles[0].bundle=exact",
            "server.ssl.server-name-bundles[1].server-name=*.domain.com",
            "server.ssl.server-name-bundles[1].bundle=wild",
            "understudy.http.port=0"));
    settings.addAll(List.of(more));
    return settings.toArray(String[]::new);
  }

  /** Replaces the dynamic file at once. */
  final void write(String text) {
    try {
      Path next =
          Files.writeString(
              file.resolveSibling("gateway.yaml.next"),
              text.replace("SERVER", "127.0.0.1:" + server.port()));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  int plainPort() {
    return bean(Listeners.class).plainPort();
  }

  int managementPort() {
    return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
  }

  /** The port for that protocol of a proxy with {@link #tls}. */
  int port(Protocol protocol) {
    return protocol.isSecure() ? port() : plainPort();
  }

  TestClient connect(Protocol protocol) {
    return protocol.connect(port(protocol));
  }

  /** A client of the main port, which {@link #rest} closes. */
  RawClient client() {
    return client("127.0.0.1");
  }

  /** One with that address of this machine. */
  RawClient client(String from) {
    RawClient client = new RawClient(port(), from);
    clients.add(client);
    return client;
  }

  <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** Fails unless the name of each route begins with that of the lane which it takes. */
  final void requireLanesAsNamed() {
    for (ReplicaInfo.Route lane : bean(ReplicaInfo.class).routes()) {
      if (!lane.id().startsWith(lane.lane())) {
        throw new AssertionError("another lane than its name says: " + lane);
      }
    }
  }

  private MeterRegistry meters() {
    return bean(MeterRegistry.class);
  }

  int counter(String name, String... tags) {
    return (int) meters().get(name).tags(tags).counter().count();
  }

  int gauge(String name, String... tags) {
    return (int) meters().get(name).tags(tags).gauge().value();
  }

  /** How often that limit was reached, as the metric says. */
  int limited(Limit limit) {
    return counter("understudy.limited", "limit", limit.name());
  }

  /** How often each limit was reached. */
  Map<Limit, Integer> limited() {
    return Stream.of(Limit.values()).collect(Collectors.toMap(each -> each, this::limited));
  }

  /** How many clients are connected, as the metric says. */
  int connections() {
    return gauge("understudy.client.connections");
  }

  /**
   * Closes all clients and returns once none is connected; the server responds with its name again.
   */
  void rest() {
    clients.forEach(RawClient::close);
    clients.clear();
    Await.until("no client is connected", () -> connections() == 0);
    server.script(call -> call.reply(200, "server"));
  }

  String accessLog() {
    return bean(KeptLog.class).bytes.toString(StandardCharsets.UTF_8);
  }

  /** The access log's line of that target, once it is there. */
  String logged(String target) {
    String wanted = "target=\"" + target + "\"";
    Await.until("it is logged", () -> accessLog().contains(wanted));
    return accessLog().lines().filter(line -> line.contains(wanted)).findFirst().orElseThrow();
  }

  /** Stops it, as a signal does; returns when all is over. */
  public final void stop() {
    context.close();
  }

  @Override
  public void close() {
    clients.forEach(RawClient::close);
    stop();
    server.close();
  }

  /** What else would go to standard output. */
  private static final class KeptLog {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  }
}
