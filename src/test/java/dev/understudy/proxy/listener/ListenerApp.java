package dev.understudy.proxy.listener;

import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.GatewayLane;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TextLane;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.http.server.reactive.HttpHandler;

/** The listeners alone; they answer with what they know of the request. */
final class ListenerApp implements AutoCloseable {
  final ConfigurableApplicationContext context;

  private ListenerApp(ConfigurableApplicationContext context) {
    this.context = context;
  }

  static ListenerApp start(List<String> properties) {
    List<String> arguments =
        new ArrayList<>(
            List.of("--server.port=0", "--management.server.port=0", "--logging.level.root=warn"));
    properties.forEach(property -> arguments.add("--" + property));
    SpringApplication application = new SpringApplication(Configured.class);
    application.setRegisterShutdownHook(false);
    return new ListenerApp(application.run(arguments.toArray(String[]::new)));
  }

  int port() {
    return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  int managementPort() {
    return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
  }

  Recorder seen() {
    return context.getBean(Recorder.class);
  }

  Held held() {
    return context.getBean(Held.class);
  }

  @Override
  public void close() {
    held().tunnelsEnded.complete(null);
    context.close();
  }

  /** The response to {@code /held}, and the tunnels that are told. */
  static final class Held implements TunnelDrain {
    final CompletableFuture<Void> arrived = new CompletableFuture<>();
    final CompletableFuture<Void> release = new CompletableFuture<>();
    final CompletableFuture<java.time.Duration> told = new CompletableFuture<>();
    final CompletableFuture<Void> tunnelsEnded = new CompletableFuture<>();

    @Override
    public CompletionStage<?> drainAll(java.time.Duration grace) {
      told.complete(grace);
      return tunnelsEnded;
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @Import(ListenerConfiguration.class)
  static class Configured {
    @Bean
    Recorder seen() {
      return new Recorder();
    }

    @Bean
    Held held() {
      return new Held();
    }

    @Bean
    Listeners listeners(
        ConfigurableEnvironment environment, SslBundles bundles, Recorder seen, Held held) {
      return TestListeners.of(
          environment,
          bundles,
          settings ->
              new Frontend(
                  (request, downstream, loop) -> {
                    throw new AssertionError("no route is compiled here");
                  },
                  () -> RouteTable.GATEWAY_ONLY,
                  seen,
                  TrustedProxies.NONE,
                  settings.client().frontLimits(Integer.MAX_VALUE),
                  new ErrorResponses()),
          held);
    }

    @Bean
    Function<HttpHandler, GatewayLane> lane(Held held) {
      return handler ->
          new TextLane(
              request -> {
                CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);
                if (request.uri().equals("/held")) {
                  held.arrived.complete(null);
                  ready = held.release;
                }
                String text =
                    "tls=%s remote=%s".formatted(request.client().tls(), request.client().remote());
                return ready.thenApply(now -> text);
              });
    }
  }
}
