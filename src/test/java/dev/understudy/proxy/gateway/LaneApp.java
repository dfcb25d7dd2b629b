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
import dev.understudy.proxy.listener.ListenerConfiguration;
import dev.understudy.proxy.listener.Listeners;
import dev.understudy.proxy.listener.TestListeners;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.TestRoutes;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RetryReason;
import dev.understudy.traffic.TrafficListener;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
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

/** The lane and its listeners on real ports, before a scripted engine. */
final class LaneApp implements AutoCloseable {
  final ConfigurableApplicationContext context;
  final ScriptedEngine engine;
  final Ended ended;
  final PoolRoutes routes;
  final Express express;

  private LaneApp(ConfigurableApplicationContext context) {
    this.context = context;
    this.engine = context.getBean(ScriptedEngine.class);
    this.ended = context.getBean(Ended.class);
    this.routes = context.getBean(PoolRoutes.class);
    this.express = context.getBean(Express.class);
  }

  static LaneApp start(Class<?>[] more, String... properties) {
    List<Class<?>> sources = new ArrayList<>(List.of(Configured.class));
    sources.addAll(Arrays.asList(more));
    SpringApplication application =
        new SpringApplicationBuilder(sources.toArray(Class<?>[]::new)).properties(Map.of()).build();
    application.setRegisterShutdownHook(false);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--understudy.drain.delay=0s",
                "--logging.level.root=warn"));
    for (String property : properties) {
      arguments.add("--" + property);
    }
    return new LaneApp(application.run(arguments.toArray(String[]::new)));
  }

  static LaneApp start(String... properties) {
    return start(new Class<?>[0], properties);
  }

  int port() {
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
