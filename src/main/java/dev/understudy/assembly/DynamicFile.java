package dev.understudy.assembly;

import dev.understudy.pool.Pool;
import dev.understudy.proxy.errorpage.ErrorPageTable;
import dev.understudy.proxy.guard.Guards;
import dev.understudy.proxy.listener.BundleFaults;
import dev.understudy.proxy.listener.Listeners;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.reload.BothLanes;
import dev.understudy.reload.LateLoader;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.reload.RouteListing;
import dev.understudy.reload.RouteTables;
import dev.understudy.settings.StaticSettings;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.env.Environment;

/** The reading and the application of the dynamic file. */
final class DynamicFile {
  final Guards guards;
  final RouteListing listing = new RouteListing();
  final LateLoader loader;
  final BothLanes lanes;
  final LiveConfiguration live;

  DynamicFile(
      StaticSettings settings,
      Environment environment,
      SslBundles bundles,
      BundleFaults faults,
      UpstreamTlsContexts tls,
      ControlPlane control,
      Telemetry telemetry,
      DataPlane data,
      Listeners listeners,
      Guards guards) {
    this.guards = guards;
    loader = new LateLoader(bundles, faults);
    lanes =
        new BothLanes(
            RouteTables.of(settings, environment, guards), data.routes, telemetry.metrics::routes);
    live =
        new LiveConfiguration(
                settings.config(),
                loader,
                pools -> apply(pools, control, tls),
                (routes, defaultFilters) -> {
                  Optional<String> problem = lanes.apply(routes, defaultFilters);
                  if (problem.isEmpty()) {
                    listing.use(routes, defaultFilters);
                  }
                  return problem;
                },
                listeners.ofFile(),
                pages -> data.errors.use(ErrorPageTable.of(pages)),
                guards::use,
                control.events)
            .resolving(dns -> control.resolver.nameServersAt(dns.servers()))
            .retaining(control.monitor::retain);
  }

  /** Creates TLS contexts in advance, because they are later needed on event loops. */
  private static CompletionStage<Void> apply(
      List<Pool> pools, ControlPlane control, UpstreamTlsContexts tls) {
    pools.stream()
        .filter(pool -> pool.servers().stream().anyMatch(server -> server.address().tls()))
        .map(Pool::tls)
        .distinct()
        .forEach(tls::apply);
    return control.monitor.apply(pools);
  }
}
