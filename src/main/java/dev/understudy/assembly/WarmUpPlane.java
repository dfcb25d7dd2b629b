package dev.understudy.assembly;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.DynamicConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.config.RouteChecker;
import dev.understudy.handover.Inheritance;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.listener.BundleFailureText;
import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.proxy.listener.ListenerProperties.ProxyProtocol;
import dev.understudy.proxy.listener.Listeners;
import dev.understudy.proxy.listener.TicketKeys;
import dev.understudy.proxy.listener.TlsLibrary;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.settings.SettingsBinder;
import dev.understudy.settings.StaticSettings;
import dev.understudy.telemetry.AccessLog;
import dev.understudy.telemetry.LogFields;
import dev.understudy.telemetry.Metrics;
import dev.understudy.telemetry.RequestTelemetry;
import dev.understudy.warmup.CpuPace;
import dev.understudy.warmup.LoopbackTraffic;
import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.reactor.netty.autoconfigure.NettyServerProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.env.Environment;

/**
 * A second data plane, with the same settings as the first one and meters, guards and event loops
 * of its own, between clients and a server that are both in this process. One route leads to that
 * server; nothing of a user's, such as filters and extensions, is run, and nothing that is shown,
 * logged or remembered has its requests.
 */
final class WarmUpPlane implements AutoCloseable {
  /** By then the price of a request has fallen to what it is days later, or nearly. */
  static final long REQUESTS = 20_000;

  private static final Logger log = LoggerFactory.getLogger(WarmUpPlane.class);

  private static final String NAME = "warm-up";

  /** What it shares with the first one: settings, and what was read of them. */
  record Parts(
      Environment environment,
      StaticSettings settings,
      ListenerProperties listeners,
      SslBundles bundles,
      BundleFailureText faults,
      UpstreamTlsContexts tls,
      TlsLibrary library,
      TicketKeys tickets) {}

  /**
   * Sends requests through such a data plane, until there were enough of them.
   *
   * @param stopped asked again and again: whether to end before
   */
  static void warmUp(Parts parts, BooleanSupplier stopped) throws IOException {
    long begin = System.nanoTime();
    try (LoopbackTraffic traffic = LoopbackTraffic.open();
        WarmUpPlane plane = new WarmUpPlane(parts, traffic.port())) {
      long sent =
          traffic.send(
              plane.listeners.openAlone(),
              parts.listeners().proxyProtocol() == ProxyProtocol.ON,
              new CpuPace(),
              responded -> stopped.getAsBoolean() || responded >= REQUESTS);
      log.info(
          "Warmed up by {} requests in {} ms",
          sent,
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
    }
  }

  private final Deque<AutoCloseable> made = new ArrayDeque<>();
  private final Listeners listeners;

  private WarmUpPlane(Parts parts, int server) {
    try {
      listeners = make(parts, server);
    } catch (RuntimeException | LinkageError e) {
      close();
      throw e;
    }
  }

  private Listeners make(Parts parts, int server) {
    DynamicConfig file = file(server);
    WarmUpPools pools = new WarmUpPools(file.pools().getFirst());
    PrometheusRegistry prometheus = new PrometheusRegistry();
    PrometheusMeterRegistry registry =
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, prometheus, Clock.SYSTEM);
    made.push(registry::close);
    Metrics metrics = closing(new Metrics(registry, prometheus, Map.of(), pools, () -> 0));
    AccessLog accessLog =
        closing(
            new AccessLog(
                parts.settings.accessLogFormat(),
                LogFields.of(parts.settings.accessLogFields()),
                OutputStream.nullOutputStream(),
                InstantSource.system(),
                registry));
    DataPlane data =
        closing(
            new DataPlane(
                parts.settings,
                parts.listeners,
                pools,
                pools,
                new RequestTelemetry(metrics, accessLog),
                parts.tls,
                new GuardRegistry()));
    data.routes.use(RouteCompiler.compile(file.routes(), file.defaultFilters()));
    metrics.routes(Set.of(NAME));
    SettingsBinder binder = new SettingsBinder(parts.environment);
    ServerProperties main = binder.bind(ServerProperties.class);
    main.setPort(0);
    main.setAddress(InetAddress.getLoopbackAddress());
    main.setSsl(null);
    return closing(
        new Listeners(
            new Listeners.Parts(
                parts.environment,
                main,
                binder.bind(NettyServerProperties.class),
                parts.listeners,
                parts.bundles,
                parts.faults,
                parts.library,
                parts.tickets,
                data.frontend,
                null,
                data.drain(),
                () -> true,
                UnaryOperator.identity(),
                Inheritance.none())));
  }

  private <T extends AutoCloseable> T closing(T part) {
    made.push(part);
    return part;
  }

  private static DynamicConfig file(int server) {
    String text =
        """
        pools:
          warm-up: { servers: { one: { url: "http://127.0.0.1:%d", role: master } } }
        routes:
          - { id: warm-up, uri: "pool://warm-up", predicates: ["Path=/**"] }
        """
            .formatted(server);
    LoadResult read =
        new ConfigLoader(name -> null, RouteChecker.NONE)
            .load(Path.of(NAME), text.getBytes(StandardCharsets.UTF_8));
    if (read instanceof LoadResult.Loaded loaded) {
      return loaded.config();
    }
    throw new IllegalStateException("not read: " + read);
  }

  @Override
  public void close() {
    for (AutoCloseable part = made.poll(); part != null; part = made.poll()) {
      try {
        part.close();
      } catch (Exception e) {
        log.debug("A part of the warm-up could not be closed", e);
      }
    }
  }
}
