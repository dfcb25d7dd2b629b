package dev.understudy.assembly;

import dev.understudy.config.RouteChecker;
import dev.understudy.extension.Extensions;
import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.UserList;
import dev.understudy.proxy.errorpage.ErrorPageTable;
import dev.understudy.proxy.gateway.ExtensionBeans;
import dev.understudy.proxy.gateway.PoolRoutes;
import dev.understudy.proxy.gateway.RouteLookup;
import dev.understudy.proxy.gateway.RouteTrial;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.listener.BundleFailureText;
import dev.understudy.proxy.listener.Listeners;
import dev.understudy.proxy.listener.OpenListeners;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.proxy.upstream.UpstreamTlsHandlers;
import dev.understudy.reload.ConfigurationTarget;
import dev.understudy.reload.DeferredCheckLoader;
import dev.understudy.reload.LaneRoutes;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.reload.RouteListing;
import dev.understudy.reload.RouteTableFactory;
import dev.understudy.settings.StaticSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.env.Environment;

/** Reads the dynamic file and applies it to the parts of the proxy that it configures. */
final class DynamicFile implements ConfigurationTarget {
  private static final Logger log = LoggerFactory.getLogger(DynamicFile.class);

  final GuardRegistry guards;
  final RouteListing listing = new RouteListing();
  final LiveConfiguration live;
  private final UpstreamTlsContexts tls;
  private final ControlPlane control;
  private final DataPlane data;
  private final OpenListeners listeners;
  private final LaneRoutes lanes;
  private final DeferredCheckLoader loader;

  private final @Nullable Extensions extensions;

  private Supplier<Optional<String>> gateway = Optional::empty;

  DynamicFile(
      StaticSettings settings,
      Environment environment,
      SslBundles bundles,
      BundleFailureText faults,
      UpstreamTlsContexts tls,
      ControlPlane control,
      Telemetry telemetry,
      DataPlane data,
      Listeners listeners,
      GuardRegistry guards,
      @Nullable Extensions extensions) {
    this.tls = tls;
    this.control = control;
    this.data = data;
    this.listeners = listeners.ofFile();
    this.guards = guards;
    this.extensions = extensions;
    lanes =
        new LaneRoutes(
            RouteTableFactory.of(settings, environment, guards),
            data.routes,
            telemetry.metrics::routes);
    loader = new DeferredCheckLoader(bundles, faults, settings.hooks().directory(), extensions);
    live = new LiveConfiguration(settings.config(), loader, this, control.events);
  }

  /**
   * Loads the extensions; null unless the setting is set, which costs nothing else. Not a method of
   * a bean, whose signatures Spring loads.
   */
  static @Nullable Extensions extensions(@Nullable Path directory) {
    if (directory == null) {
      return null;
    }
    Extensions loaded = Extensions.load(directory);
    log.info("Extensions: {}", loaded);
    return loaded;
  }

  /** The extensions that routes may name, as beans of the Gateway's context. */
  Map<String, Object> extensionBeans() {
    return extensions == null ? Map.of() : ExtensionBeans.of(extensions);
  }

  /** Checks what is no part of the file as what is. */
  RouteChecker checker() {
    return loader.checker();
  }

  /** Uses the Gateway lane from now on: its check of routes, its routes, and its search of them. */
  void join(RouteTrial trial, PoolRoutes routes, RouteLookup lookup) {
    loader.use(trial);
    gateway = () -> lanes.join(routes::apply, lookup::narrow);
  }

  @Override
  public void resolveWith(DnsSettings dns) {
    control.resolver.nameServersAt(dns.servers());
  }

  /** Creates TLS contexts in advance, because they are later needed on event loops. */
  @Override
  public CompletionStage<Void> apply(List<Pool> pools, Set<PoolId> going) {
    pools.stream()
        .filter(Pool::usesTls)
        .flatMap(pool -> UpstreamTlsHandlers.offers(pool.settings()))
        .distinct()
        .forEach(tls::offering);
    return control.monitor.apply(pools, going);
  }

  @Override
  public OpenListeners listeners() {
    return listeners;
  }

  @Override
  public void use(Map<String, UserList> userFiles) {
    guards.use(userFiles);
  }

  @Override
  public Optional<String> apply(List<RouteSpec> routes, List<RoutePart> defaultFilters) {
    Optional<String> problem = lanes.apply(routes, defaultFilters);
    if (problem.isEmpty()) {
      listing.use(routes, defaultFilters);
    }
    return problem;
  }

  @Override
  public Optional<String> joinGateway() {
    return gateway.get();
  }

  @Override
  public void use(ErrorPages pages) {
    data.errors.use(ErrorPageTable.of(pages));
  }

  @Override
  public void retain() {
    control.monitor.retain();
  }
}
