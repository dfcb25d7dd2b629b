package dev.understudy.assembly;

import dev.understudy.config.DynamicConfig;
import dev.understudy.config.PoolReader;
import dev.understudy.gatewayapi.cluster.ClusterScope;
import dev.understudy.gatewayapi.cluster.GatewayApiSource;
import dev.understudy.gatewayapi.cluster.ServingState;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.translate.ClusterTranslator;
import dev.understudy.gatewayapi.translate.GatewaySettings;
import dev.understudy.gatewayapi.translate.PolicyPool;
import dev.understudy.gatewayapi.translate.PublishedService;
import dev.understudy.gatewayapi.translate.Translation;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.pool.PoolId;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.settings.GatewayApiSettings;
import dev.understudy.settings.StaticSettings;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.statistics.StatisticsThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/**
 * The Gateway API: puts what objects of the cluster come to into force, and has their status say
 * what became of them. Made only if it is on.
 */
final class GatewayApi implements AutoCloseable {
  /** How often the status of FailoverPolicies is compared with the pools. */
  private static final Duration SHOWN = Duration.ofSeconds(1);

  /** When what was refused is tried again: a port may have been in use. */
  private static final Duration AGAIN = Duration.ofSeconds(30);

  private final LiveConfiguration live;
  private final Supplier<Snapshot> snapshot;
  private final GatewayApiSource source;
  private final Supplier<ClusterTranslator> translators;
  private @Nullable ClusterTranslator translator;
  private volatile List<PolicyPool> policies = List.of();

  /** What was refused last; null if nothing is to be tried again. */
  private volatile @Nullable Refused refused;

  /**
   * What is not in force.
   *
   * @param again when it is tried again, in nanoseconds of the process's clock
   */
  private record Refused(ClusterObjects objects, Translation translation, long again) {}

  private GatewayApi(
      LiveConfiguration live,
      Supplier<Snapshot> snapshot,
      GatewayApiSource source,
      Supplier<ClusterTranslator> translators) {
    this.live = live;
    this.snapshot = snapshot;
    this.source = source;
    this.translators = translators;
  }

  /** Makes it, and begins to read the cluster. */
  static GatewayApi start(
      StaticSettings settings,
      Environment environment,
      ControlPlane control,
      DynamicFile file,
      StatisticsThread thread) {
    GatewayApiSettings gateways = settings.gatewayApi();
    Supplier<KubernetesSettings> access =
        () -> KubernetesAccess.of(settings.agreement(), environment);
    GatewayApiSource source =
        new GatewayApiSource(
            access,
            new ClusterScope(
                gateways.namespaces(),
                gateways.secrets(),
                gateways.configMaps(),
                gateways.ingress()),
            gateways.controllerName(),
            control.agreement::isFirst);
    // The namespace is among the pod's files, which are there once the cluster can be read.
    Supplier<ClusterTranslator> translators =
        () -> {
          String own = gateways.service();
          String namespace = access.get().namespace();
          List<PublishedService> services = new ArrayList<>();
          services.add(
              new PublishedService(
                  own == null ? null : new ObjectKey(namespace, own),
                  null,
                  Objects.requireNonNull(gateways.ports())));
          gateways
              .services()
              .forEach(
                  (name, ports) ->
                      services.add(
                          new PublishedService(new ObjectKey(namespace, name), name, ports)));
          return new ClusterTranslator(
              new GatewaySettings(gateways.controllerName(), services),
              new PoolReader(file.checker()));
        };
    GatewayApi api = new GatewayApi(file.live, control.monitor::current, source, translators);
    control.events.subscribe(entry -> source.happened(entry.event(), entry.at()));
    thread.every(SHOWN, api::tick);
    file.live.expectAddition();
    source.start(api::use);
    return api;
  }

  private void use(ClusterObjects objects) {
    ClusterTranslator known = translator == null ? translators.get() : translator;
    translator = known;
    apply(objects, known.translate(objects));
    show();
  }

  /** Called each second, on a thread that is not to wait. */
  private void tick() {
    Refused last = refused;
    if (last != null && System.nanoTime() - last.again() >= 0) {
      source.afterChanges(() -> again(last));
    }
    show();
  }

  /** Tries again what was refused, unless something newer is meanwhile. */
  private void again(Refused last) {
    if (last.equals(refused)) {
      apply(last.objects(), last.translation());
    }
  }

  private void apply(ClusterObjects objects, Translation of) {
    refused = null;
    live.use(
        new DynamicConfig.Addition(of.pools(), of.routes(), of.listeners()),
        problems -> {
          if (problems.isEmpty()) {
            refused = null;
            policies = of.policies();
            source.report(objects, of.reports());
          } else {
            refused = new Refused(objects, of, System.nanoTime() + AGAIN.toNanos());
            source.report(objects, of.refused(String.join("; ", problems)).reports());
          }
        });
  }

  /** Has the status of FailoverPolicies show who serves. */
  private void show() {
    Snapshot now = snapshot.get();
    Map<PoolId, ServingState> states = new HashMap<>();
    for (PolicyPool each : policies) {
      PoolState pool = now.pool(each.pool().id());
      if (pool != null) {
        ServerState serving = pool.serving();
        states.put(
            each.pool().id(),
            new ServingState(
                serving == null ? null : each.nameOf(serving.server().id()),
                pool.epoch(),
                pool.since()));
      }
    }
    source.serving(states);
  }

  @Override
  public void close() {
    source.close();
  }
}
