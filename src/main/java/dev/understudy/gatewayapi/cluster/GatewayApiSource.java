package dev.understudy.gatewayapi.cluster;

import dev.understudy.event.Event;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Meta;
import dev.understudy.gatewayapi.translate.ObjectId;
import dev.understudy.gatewayapi.translate.Report;
import dev.understudy.kubernetes.ApiOpening;
import dev.understudy.kubernetes.ApiOpening.Api;
import dev.understudy.kubernetes.EventPoster;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.kubernetes.RetryPause;
import dev.understudy.pool.PoolId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects of a cluster, told on a thread of their own, and what is to be said of them there:
 * status and Events, while this replica leads. All calls are made on one other thread. Callable
 * from any thread.
 */
public final class GatewayApiSource implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GatewayApiSource.class);

  private static final String THREAD = "understudy-gateway";

  /** The API sends a bookmark every minute. */
  private static final Duration WATCH = Duration.ofSeconds(90);

  /** For lists of 500 objects; others are as fast as the API is. */
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(15);

  /** What is made once the API is open, on its loop. */
  private record Open(Api api, ClusterMirrors mirrors, StatusWriter writer, EventPoster events) {}

  private final ClusterScope scope;
  private final String controller;
  private final BooleanSupplier leading;
  private final Duration watchTime;
  private final ApiOpening opening;
  private final AtomicReference<@Nullable ClusterObjects> newest = new AtomicReference<>();
  private final ExecutorService consumers =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name(THREAD + "-objects").factory());

  /** On the client's loop alone. */
  private final IngressEvents ingresses = new IngressEvents();

  private volatile Map<PoolId, ServingState> states = Map.of();
  private volatile @Nullable Open open;

  /**
   * Creates a source without calls.
   *
   * @param access reads the settings; called until they can be used
   * @param controller our name, by which entries of a status are ours
   * @param leading whether this replica writes; asked at any time, and is not to wait
   */
  public GatewayApiSource(
      Supplier<KubernetesSettings> access,
      ClusterScope scope,
      String controller,
      BooleanSupplier leading) {
    this(access, scope, controller, leading, WATCH, RetryPause.FIRST);
  }

  GatewayApiSource(
      Supplier<KubernetesSettings> access,
      ClusterScope scope,
      String controller,
      BooleanSupplier leading,
      Duration watchTime,
      Duration firstPause) {
    this.scope = scope;
    this.controller = controller;
    this.leading = leading;
    this.watchTime = watchTime;
    this.opening =
        new ApiOpening(
            THREAD,
            () -> access.get().withCallTimeout(CALL_TIMEOUT),
            firstPause,
            why -> log.error("Gateway API: the cluster cannot be read: {}; trying again", why));
  }

  /**
   * Begins; called once.
   *
   * @param consumer called with all objects, at first and after changes, never twice at a time; of
   *     those that come while it runs it gets the last. What it throws is logged
   */
  public void start(Consumer<ClusterObjects> consumer) {
    var unused = opening.api().thenAccept(api -> api.client().execute(() -> begin(api, consumer)));
  }

  private void begin(Api api, Consumer<ClusterObjects> consumer) {
    ClusterMirrors mirrors =
        new ClusterMirrors(
            api,
            scope,
            watchTime,
            all -> pass(all, consumer),
            id -> {
              Open known = open;
              if (known != null) {
                known.writer().observed(id);
              }
            });
    StatusWriter writer = new StatusWriter(api, controller, leading, mirrors::get);
    open = new Open(api, mirrors, writer, new EventPoster(api.client()));
    writer.serving(states);
    mirrors.begin();
    writer.begin();
  }

  private void pass(ClusterObjects all, Consumer<ClusterObjects> consumer) {
    if (newest.getAndSet(all) == null) {
      afterChanges(
          () -> {
            ClusterObjects last = newest.getAndSet(null);
            if (last != null) {
              consumer.accept(last);
            }
          });
    }
  }

  /** Runs a task on the consumer's thread, after what it was told before. */
  public void afterChanges(Runnable task) {
    try {
      consumers.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException e) {
              log.error("Gateway API: the objects could not be put into force", e);
            }
          });
    } catch (RejectedExecutionException e) {
      log.debug("Gateway API: closed, so changes are not told any more");
    }
  }

  /** What the consumer is to get next; null if it has all. */
  @Nullable ClusterObjects waiting() {
    return newest.get();
  }

  /**
   * Has status say what these reports say, in the place of all earlier ones.
   *
   * @param of the objects that they follow from
   */
  public void report(ClusterObjects of, Map<ObjectId, Report> reports) {
    onLoop(
        known -> {
          known.writer().report(of, reports);
          if (leading.getAsBoolean()) {
            ingresses
                .ofNewProblems(of, reports, known.api().settings().replica(), Instant.now())
                .forEach(known.events()::post);
          }
        });
  }

  /** Has the status of FailoverPolicies show these states, in the place of all earlier ones. */
  public void serving(Map<PoolId, ServingState> all) {
    states = Map.copyOf(all);
    onLoop(known -> known.writer().serving(states));
  }

  /** Tells of an event of a pool, if that is a policy's and this replica leads. */
  public void happened(Event event, Instant at) {
    PoolId pool = event.pool();
    if (pool == null || !leading.getAsBoolean()) {
      return;
    }
    onLoop(
        known -> {
          for (Meta policy : known.writer().policiesOf(pool)) {
            PolicyEvents.of(event, policy, known.api().settings().replica(), at)
                .ifPresent(known.events()::post);
          }
        });
  }

  private void onLoop(Consumer<Open> task) {
    Open known = open;
    if (known != null) {
      known.api().client().execute(() -> task.accept(known));
    }
  }

  /** Ends all calls; what is being put into force is finished. */
  @Override
  public void close() {
    consumers.shutdown();
    onLoop(
        known -> {
          known.mirrors().close();
          known.writer().close();
        });
    opening.close();
  }
}
