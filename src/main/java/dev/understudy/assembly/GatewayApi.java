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

  private static final String AGAIN_THREAD = "understudy-gateway-again";

  /** When what was refused is tried again: a port may have been in use. */
  private static final Duration AGAIN = Duration.ofSeconds(30);

  private final LiveConfiguration live;
  private final Supplier<Snapshot> snapshot;
  private final GatewayApiSource source;
  private final Supplier<ClusterTranslator> translators;
  private @Nullable ClusterTranslator translator;
  private volatile List<PolicyPool> policies = List.of();

  /** What is not in force yet; null if all is. */
  private volatile @Nullable Pending pending;

  private volatile boolean trying;

  /**
   * What is to be in force.
   *
   * @param after when it is tried, in nanoseconds of the process's clock
   */
  private record Pending(ClusterObjects objects, Translation translation, long after) {}

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
    GatewayApiSettings own = settings.gatewayApi();
    Supplier<KubernetesSettings> access =
        () -> KubernetesAccess.of(settings.agreement(), environment);
    GatewayApiSource source =
        new GatewayApiSource(
            access,
            new ClusterScope(own.namespaces(), own.secrets(), own.configMaps()),
            own.controllerName(),
            control.agreement::isFirst);
    // The namespace is among the pod's files, which are there once the cluster can be read.
    Supplier<ClusterTranslator> translators =
        () -> {
          String service = own.service();
          ObjectKey key = service == null ? null : new ObjectKey(access.get().namespace(), service);
          return new ClusterTranslator(
              new GatewaySettings(own.controllerName(), Objects.requireNonNull(own.ports()), key),
              new PoolReader(file.checker()));
        };
    GatewayApi api = new GatewayApi(file.live, control.monitor::current, source, translators);
    control.events.subscribe(entry -> source.happened(entry.event(), entry.at()));
    thread.every(SHOWN, api::tick);
    file.live.awaitAddition();
    source.start(api::use);
    return api;
  }

  private synchronized void use(ClusterObjects objects) {
    ClusterTranslator known = translator == null ? translators.get() : translator;
    translator = known;
    Pending next = new Pending(objects, known.translate(objects), 0);
    pending = next;
    apply(next);
    show();
  }

  /** Called each second, on a thread that is not to wait. */
  private void tick() {
    Pending waiting = pending;
    if (waiting != null && System.nanoTime() - waiting.after() >= 0 && !trying) {
      trying = true;
      Thread.ofPlatform().daemon().name(AGAIN_THREAD).start(this::again);
    }
    show();
  }

  /** Tries again what is not in force, unless something newer is meanwhile. */
  private synchronized void again() {
    try {
      Pending waiting = pending;
      if (waiting != null) {
        apply(waiting);
      }
    } finally {
      trying = false;
    }
  }

  private void apply(Pending next) {
    Translation of = next.translation();
    LiveConfiguration.Outcome outcome =
        live.use(new DynamicConfig.Addition(of.pools(), of.routes(), of.listeners()));
    if (outcome.isInForce()) {
      pending = null;
      policies = of.policies();
      source.report(next.objects(), of.reports());
    } else if (outcome.waits()) {
      pending = new Pending(next.objects(), of, System.nanoTime());
    } else {
      pending = new Pending(next.objects(), of, System.nanoTime() + AGAIN.toNanos());
      source.report(next.objects(), of.refused(String.join("; ", outcome.problems())).reports());
    }
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
