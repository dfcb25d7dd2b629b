package dev.understudy;

import dev.understudy.admin.ReplicaView;
import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.listener.Listeners;
import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestClient;
import dev.understudy.traffic.Limit;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole application in this process, on ports that the system chooses. */
class TestProxy implements AutoCloseable {
  final ConfigurableApplicationContext context;

  /** Starts the application, which keeps its access log for {@link #accessLog}. */
  TestProxy(Path file, List<String> settings) {
    this(application(new GuardRegistry()), file, settings);
  }

  /**
   * Starts that application.
   *
   * @param file the dynamic one
   * @param settings further static ones
   */
  TestProxy(SpringApplication application, Path file, List<String> settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "server.port=0",
                "management.server.port=0",
                "understudy.drain.delay=0s",
                "understudy.config=" + file));
    all.addAll(settings);
    application.setRegisterShutdownHook(false);
    context = application.run(all.stream().map(each -> "--" + each).toArray(String[]::new));
  }

  /** The application with these guards, whose access log is kept. */
  static SpringApplication application(GuardRegistry guards) {
    KeptLog log = new KeptLog();
    SpringApplication application =
        SpringProxy.application(
            new Instrumentation(
                log.bytes, UnaryOperator.identity(), UnaryOperator.identity(), guards));
    application.addInitializers(fresh -> fresh.getBeanFactory().registerSingleton("kept-log", log));
    application.setDefaultProperties(Map.of("understudy.access-log", "plain"));
    return application;
  }

  /** Settings of TLS on the main port, for localhost, and of a plain listener beside it. */
  static List<String> tlsAndPlain(Path folder) throws Exception {
    Certificates certificates = new Certificates(folder);
    certificates.issue("main", "localhost");
    List<String> settings = new ArrayList<>(certificates.properties("main"));
    settings.add("server.ssl.bundle=main");
    settings.add("understudy.http.port=0");
    return settings;
  }

  int port() {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  int plainPort() {
    return context.getBean(Listeners.class).plainPort();
  }

  int managementPort() {
    return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
  }

  /** The port for that protocol of a proxy with {@link #tlsAndPlain}. */
  int port(Protocol protocol) {
    return protocol.isSecure() ? port() : plainPort();
  }

  TestClient connect(Protocol protocol) {
    return protocol.connect(port(protocol));
  }

  <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** Fails unless the name of each route begins with that of the lane which it takes. */
  void requireLanesAsNamed() {
    for (ReplicaView.Route lane : bean(ReplicaView.class).routes()) {
      if (!lane.id().startsWith(lane.lane())) {
        throw new AssertionError("another lane than its name says: " + lane);
      }
    }
  }

  MeterRegistry meters() {
    return bean(MeterRegistry.class);
  }

  /** How often that limit was reached, as the metric says. */
  int limited(Limit limit) {
    return (int) meters().get("understudy.limited").tag("limit", limit.name()).counter().count();
  }

  /** How many clients are connected, as the metric says. */
  int connections() {
    return (int) meters().get("understudy.client.connections").gauge().value();
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
  final void stop() {
    context.close();
  }

  @Override
  public void close() {
    stop();
  }

  /** What else would go to standard output. */
  private static final class KeptLog {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  }
}
