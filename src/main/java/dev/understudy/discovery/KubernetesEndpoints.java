package dev.understudy.discovery;

import dev.understudy.kubernetes.ApiFailures;
import dev.understudy.kubernetes.Credentials;
import dev.understudy.kubernetes.KubernetesClient;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.monitor.Endpoint;
import dev.understudy.monitor.EndpointSource;
import dev.understudy.pool.ServerTemplate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints of Services, from their EndpointSlices, and the role labels of their Pods, if these
 * count. One thread, which begins with the first Service. While the API fails, or cannot be used,
 * nothing is told.
 */
public final class KubernetesEndpoints implements EndpointSource, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KubernetesEndpoints.class);

  private static final String THREAD = "understudy-endpoints";
  private static final Duration CREDENTIALS_INTERVAL = Duration.ofSeconds(5);
  private static final Duration WATCH = Duration.ofMinutes(1);

  /** The API, once its settings are read. */
  record Api(KubernetesSettings settings, KubernetesClient client) {}

  private final Supplier<KubernetesSettings> access;
  private final Duration watchTime;
  private @Nullable CompletableFuture<Api> api;
  private boolean closed;

  /**
   * Creates a source without a thread.
   *
   * @param access reads the settings; called once, with the first Service
   */
  public KubernetesEndpoints(Supplier<KubernetesSettings> access) {
    this(access, WATCH);
  }

  KubernetesEndpoints(Supplier<KubernetesSettings> access, Duration watchTime) {
    this.access = access;
    this.watchTime = watchTime;
  }

  @Override
  public Runnable follow(ServerTemplate template, Consumer<List<Endpoint>> found) {
    CompletableFuture<Api> opened = api();
    FollowedService following = new FollowedService(template, found, watchTime);
    var unused =
        opened.whenComplete(
            (usable, failure) -> {
              if (usable != null) {
                usable.client().execute(() -> following.begin(usable));
              } else if (failure != null) {
                Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                log.error(
                    "{}: the servers cannot be read from the cluster: {}",
                    template.id(),
                    cause.getMessage());
              }
            });
    return () -> {
      var unusedEnd = opened.thenAccept(usable -> usable.client().execute(following::end));
    };
  }

  /** The settings are files, which the caller's thread must not wait for. */
  private synchronized CompletableFuture<Api> api() {
    if (api == null) {
      api =
          closed
              ? new CompletableFuture<>()
              : CompletableFuture.supplyAsync(
                  this::open,
                  task -> Thread.ofPlatform().daemon().name(THREAD + "-start").start(task));
    }
    return api;
  }

  private Api open() {
    KubernetesSettings settings = access.get();
    ApiFailures failures =
        new ApiFailures(settings, settings.namespace(), FollowedService.rights("the resource"));
    Credentials credentials = new Credentials(settings, CREDENTIALS_INTERVAL);
    return new Api(settings, new KubernetesClient(THREAD, settings, credentials, failures));
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (api != null) {
      var unused = api.thenAccept(usable -> usable.client().close());
    }
  }
}
