package dev.understudy.assembly;

import dev.understudy.event.Vitals;
import dev.understudy.extension.Extensions;
import dev.understudy.handover.Inheritance;
import dev.understudy.handover.Predecessor;
import dev.understudy.proxy.gateway.PoolRoutes;
import dev.understudy.proxy.gateway.RouteLookup;
import dev.understudy.proxy.gateway.RouteTrial;
import dev.understudy.proxy.listener.CertificateInventory;
import dev.understudy.proxy.listener.EventLoopLoad;
import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.proxy.listener.Listeners;
import dev.understudy.proxy.listener.ShutdownStep;
import dev.understudy.proxy.listener.TicketKeys;
import dev.understudy.proxy.listener.TlsLibrary;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.settings.SettingsBinder;
import dev.understudy.settings.StaticSettings;
import dev.understudy.statistics.ProcessUse;
import dev.understudy.tracing.Tracing;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.reactor.netty.autoconfigure.NettyServerProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * The running proxy, without the Gateway lane and the management port.
 *
 * <table>
 *   <caption>Its life</caption>
 *   <tr><td>constructor</td><td>static settings are bound; nothing is opened</td></tr>
 *   <tr><td>{@link #open}</td><td>the dynamic file is in force; health checks run, and the
 *       listeners accept connections</td></tr>
 *   <tr><td>{@link #join}</td><td>the Gateway lane serves, and the file is watched, when the
 *       context starts {@link LiveConfiguration}</td></tr>
 *   <tr><td>{@link #close}</td><td>all is closed, after the context's own beans</td></tr>
 * </table>
 */
public final class ProxyAssembly implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ProxyAssembly.class);

  /** How much longer than it may take is waited for the end of a warm-up. */
  private static final Duration END_OF_WARM_UP = Duration.ofSeconds(1);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Environment environment;
  private final StaticSettings settings;
  private final ListenerProperties listenerSettings;
  private final ReloadingSslBundles bundles;
  private final UpstreamTlsContexts tls;
  private final ControlPlane control;
  private final Telemetry telemetry;
  private final DataPlane data;
  private final Listeners listeners;
  private final CertificateInventory certificates;
  private final DynamicFile file;
  private final WarmUp warmUp;
  private final ProcessHandover handover;

  /**
   * Makes all parts of the static settings.
   *
   * @throws RuntimeException if one of them is unusable, with its name
   */
  public ProxyAssembly(ConfigurableEnvironment environment, Instrumentation instrumentation) {
    this.environment = environment;
    try {
      SettingsBinder binder = new SettingsBinder(environment);
      settings = binder.bind(StaticSettings.class);
      if (settings.cpuAffinity() != null) {
        log.warn("understudy.cpu-affinity has no effect any more: remove it");
      }
      listenerSettings = binder.bind(ListenerProperties.class);
      bundles = closing(new ReloadingSslBundles(environment));
      bundles.require();
      TlsLibrary library = listenerSettings.tls().library();
      TicketKeys tickets = new TicketKeys(listenerSettings.tls().ticketKeys());
      tls = new UpstreamTlsContexts(bundles.registry, bundles.faults, library);
      // Closed after all that may call them.
      Extensions extensions = DynamicFile.extensions(settings.extensions());
      if (extensions != null) {
        closing(extensions);
      }
      Predecessor predecessor = ProcessHandover.predecessor(settings.handover());
      if (predecessor != null) {
        closing(predecessor);
      }
      control =
          closing(
              new ControlPlane(
                  settings,
                  environment,
                  tls,
                  extensions == null ? Map.of() : extensions.checksByName(),
                  predecessor));
      telemetry =
          closing(
              new Telemetry(settings, binder, control, instrumentation, this::clientConnections));
      data =
          closing(
              new DataPlane(
                  settings,
                  listenerSettings,
                  control.monitor,
                  control.monitor,
                  telemetry.traffic,
                  tls,
                  instrumentation.guards()));
      data.show(listenerSettings, telemetry.replica);
      listeners =
          closing(
              new Listeners(
                  new Listeners.Parts(
                      environment,
                      binder.bind(ServerProperties.class),
                      binder.bind(NettyServerProperties.class),
                      listenerSettings,
                      bundles.registry,
                      bundles.faults,
                      library,
                      tickets,
                      data.frontend,
                      data.relays,
                      data.drain(),
                      this::needsMainListener,
                      instrumentation.server(),
                      predecessor == null ? Inheritance.none() : predecessor.sockets())));
      control.vitals = vitals(listeners.readings());
      certificates = listeners.certificates(tls);
      telemetry.show(certificates, control);
      telemetry.statisticsThread.every(TicketKeys.INTERVAL, tickets::refresh);
      file =
          new DynamicFile(
              settings,
              environment,
              bundles.registry,
              bundles.faults,
              tls,
              control,
              telemetry,
              data,
              listeners,
              instrumentation.guards(),
              extensions);
      WarmUpPlane.Parts sharedParts =
          new WarmUpPlane.Parts(
              environment,
              settings,
              listenerSettings,
              bundles.registry,
              bundles.faults,
              tls,
              library,
              tickets);
      warmUp =
          closing(
              new WarmUp(
                  stopped -> WarmUpPlane.warmUp(sharedParts, stopped),
                  settings.handover().warmUp(),
                  END_OF_WARM_UP));
      handover =
          closing(
              new ProcessHandover(
                  settings.handover(),
                  predecessor,
                  control,
                  data,
                  listeners,
                  file.live,
                  warmUp,
                  binder.bind(LifecycleProperties.class).getTimeoutPerShutdownPhase()));
    } catch (RuntimeException | LinkageError e) {
      close();
      throw e;
    }
  }

  private <T extends AutoCloseable> T closing(T part) {
    parts.push(part);
    return part;
  }

  private Supplier<CompletionStage<Vitals>> vitals(EventLoopLoad loops) {
    int processors = Runtime.getRuntime().availableProcessors();
    return () ->
        loops
            .read()
            .thenApplyAsync(
                readings -> {
                  ProcessUse.Reading use = telemetry.processUse.read();
                  long lag =
                      readings.stream().mapToLong(EventLoopLoad.Reading::lagNanos).max().orElse(0);
                  return new Vitals(
                      lag / 1e6,
                      use.cpuPercent(),
                      processors,
                      use.openFiles(),
                      use.maxFiles(),
                      data.frontend.connections().memory().exhaustedBy());
                },
                telemetry.statisticsThread::execute);
  }

  private int clientConnections() {
    return data.frontend.connections().connections();
  }

  private boolean needsMainListener() {
    return file.live.needsMainListener();
  }

  /**
   * Puts the dynamic file into force, and accepts connections. A file that only the Gateway can
   * check waits, and the listeners with it, until the context starts {@link LiveConfiguration} and
   * its web server.
   *
   * @throws RuntimeException if the file is refused or a port cannot be opened
   */
  public void open() {
    control.start();
    if (file.live.load()) {
      listeners.open();
    }
    if (!handover.leads()) {
      warmUp.begin();
    }
  }

  /**
   * Adds what Spring's context has made. The Gateway lane has its routes when the context starts
   * {@link LiveConfiguration}, which then watches the file.
   *
   * @param tracing null if requests are not traced
   */
  public void join(
      RouteTrial trial, PoolRoutes routes, RouteLookup lookup, @Nullable Tracing tracing) {
    file.join(trial, routes, lookup);
    if (settings.gatewayApi().enabled()) {
      closing(GatewayApi.start(settings, environment, control, file, telemetry.statisticsThread));
    }
    if (tracing != null && telemetry.tracing != null) {
      telemetry.tracing.use(tracing);
    }
  }

  /** The parts that the context's beans use, by the names that they have there. */
  public Map<String, Object> beans() {
    Map<String, Object> beans = new LinkedHashMap<>();
    beans.put("staticSettings", settings);
    beans.put("listenerProperties", listenerSettings);
    beans.put("sslBundleRegistry", bundles.registry);
    beans.put("clock", control.clock);
    beans.put("history", control.history);
    beans.put("events", control.events);
    beans.put("agreement", control.agreement);
    beans.put("agreementLeaveStep", ControlPlane.leave(control.agreement));
    beans.put("agreementDepartStep", ControlPlane.depart(control.agreement));
    beans.put("handoverStopStep", ShutdownStep.first(handover::stopping));
    beans.put("predecessorStopStep", handover.predecessorStep());
    beans.put("monitor", control.monitor);
    beans.put("commands", control.monitor.commands());
    beans.put("prometheusRegistry", telemetry.prometheus);
    beans.put("prometheusMeterRegistry", telemetry.registry);
    beans.put("metrics", telemetry.metrics);
    beans.put("statisticsThread", telemetry.statisticsThread);
    beans.put("processUse", telemetry.processUse);
    beans.put("statistics", telemetry.statistics);
    beans.put("trafficListener", telemetry.traffic);
    beans.put("descriptorPlan", data.descriptors);
    beans.put("engine", data.engine);
    beans.put("frontend", data.frontend);
    beans.put("routesInForce", data.routes);
    beans.put("listeners", listeners);
    beans.put("processHandover", handover);
    beans.put("certificateInventory", certificates);
    beans.put("guards", file.guards);
    beans.put("routeListing", file.listing);
    beans.put("liveConfiguration", file.live);
    beans.putAll(file.extensionBeans());
    if (control.notifications != null) {
      beans.put("notifications", control.notifications);
    }
    return beans;
  }

  /** Closes the parts that were made, the last one first. */
  @Override
  public void close() {
    for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
      try {
        part.close();
      } catch (Exception e) {
        log.warn("A part of the proxy could not be closed", e);
      }
    }
  }
}
