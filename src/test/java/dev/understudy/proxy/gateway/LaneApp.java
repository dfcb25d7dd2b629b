package dev.understudy.proxy.gateway;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.listener.DynamicListeners;
import dev.understudy.proxy.listener.ListenerConfiguration;
import dev.understudy.proxy.listener.Listeners;
import dev.understudy.proxy.listener.TestListeners;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.TestRoutes;
import dev.understudy.testing.TestSettings;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RetryReason;
import dev.understudy.traffic.TrafficListener;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.FileSystemUtils;

/** The lane and its listeners on real ports, plain and of TLS, before a scripted engine. */
final class LaneApp implements AutoCloseable {
  private static final String CLEAR = "clear";
  private static final List<String> CERTIFICATE = certificate();

  final ConfigurableApplicationContext context;
  final ScriptedEngine engine;
  final Ended ended;
  final PoolRoutes routes;
  final Express express;

  /** Beyond those that every one has. */
  final List<String> properties;

  private LaneApp(ConfigurableApplicationContext context, List<String> properties) {
    this.context = context;
    this.properties = properties;
    this.engine = context.getBean(ScriptedEngine.class);
    this.ended = context.getBean(Ended.class);
    this.routes = context.getBean(PoolRoutes.class);
    this.express = context.getBean(Express.class);
  }

  /**
   * Starts one.
   *
   * @param more configuration beside its own
   */
  static LaneApp start(Class<?>[] more, String... properties) {
    Stream<Class<?>> sources = Stream.concat(Stream.of(Configured.class), Stream.of(more));
    SpringApplication application =
        new SpringApplicationBuilder(sources.toArray(Class<?>[]::new)).properties(Map.of()).build();
    application.setRegisterShutdownHook(false);
    List<String> all =
        new ArrayList<>(
            List.of(
                "server.port=0",
                "server.ssl.bundle=main",
                "understudy.http.port=0",
                "management.server.port=0",
                "understudy.drain.delay=0s",
                "logging.level.root=warn"));
    all.addAll(CERTIFICATE);
    all.addAll(List.of(properties));
    return new LaneApp(
        application.run(all.stream().map(each -> "--" + each).toArray(String[]::new)),
        List.of(properties));
  }

  static LaneApp start(String... properties) {
    return start(new Class<?>[0], properties);
  }

  private static List<String> certificate() {
    try {
      Path directory = Files.createTempDirectory("certificates");
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> FileSystemUtils.deleteRecursively(directory.toFile())));
      Certificates certificates = new Certificates(directory);
      certificates.issue("main", "localhost");
      return certificates.properties("main");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Of the plain listener. */
  int port() {
    return context.getBean(Listeners.class).plainPort();
  }

  /** Of a plain listener that serves HTTP/2 too. */
  int clearPort() {
    DynamicListeners listeners = context.getBean(DynamicListeners.class);
    if (listeners.port(CLEAR).isEmpty()) {
      listeners.prepare(List.of(TestSettings.clear(CLEAR))).commit();
    }
    return listeners.port(CLEAR).getAsInt();
  }

  int securePort() {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  int managementPort() {
    return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
  }

  /** Puts routes into force; they must be good. */
  void use(List<String> defaults, RouteSpec... specs) {
    var problem = routes.apply(List.of(specs), defaults.stream().map(TestRoutes::part).toList());
    if (problem.isPresent()) {
      throw new AssertionError(problem.get());
    }
  }

  static RouteSpec everything(String... filters) {
    return TestRoutes.route("all", "pool://sense", "Path=/**", filters);
  }

  @Override
  public void close() {
    context.close();
  }

  /** Keeps outcomes. */
  static final class Ended implements TrafficListener {
    final CopyOnWriteArrayList<RequestOutcome> outcomes = new CopyOnWriteArrayList<>();

    @Override
    public void endedForwarded(
        RequestOutcome outcome, HttpHeaders request, @Nullable HttpHeaders response) {
      outcomes.add(outcome);
    }

    @Override
    public void retried(PoolId pool, RetryReason reason) {}

    @Override
    public void held(PoolId pool, int delta) {}
  }

  /** The express lane; all requests are the Gateway's until a test says otherwise. */
  static final class Express implements ExchangeFactory {
    volatile RouteTable routes = RouteTable.GATEWAY_ONLY;
    volatile ExchangeFactory engine;

    @Override
    public Exchange exchange(ProxyRequest request, Downstream downstream, EventLoop loop) {
      return engine.exchange(request, downstream, loop);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @Import({GatewayLaneConfiguration.class, ListenerConfiguration.class})
  static class Configured {
    @Bean
    ScriptedEngine engine() {
      return new ScriptedEngine();
    }

    @Bean
    Ended ended() {
      return new Ended();
    }

    @Bean
    Express express() {
      return new Express();
    }

    @Bean
    Listeners listeners(
        Express express,
        Ended ended,
        TrustedProxies trusted,
        ConfigurableEnvironment environment,
        SslBundles bundles) {
      return TestListeners.of(
          environment,
          bundles,
          properties ->
              new Frontend(
                  express,
                  () -> express.routes,
                  ended,
                  trusted,
                  properties.client().frontLimits(Integer.MAX_VALUE),
                  new ErrorResponses()),
          grace -> CompletableFuture.completedFuture(null));
    }

    @Bean
    Frontend frontend(Listeners listeners) {
      return TestListeners.frontend(listeners);
    }

    @Bean
    GuardRegistry guards() {
      return new GuardRegistry();
    }

    @Bean
    TrustedProxies trusted(org.springframework.core.env.Environment environment) {
      String networks = environment.getProperty("understudy.trusted-proxies", "");
      return TrustedProxies.of(networks.isEmpty() ? List.of() : List.of(networks.split(",")));
    }
  }
}
