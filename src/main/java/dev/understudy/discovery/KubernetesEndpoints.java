package dev.understudy.discovery;

import dev.understudy.kubernetes.ApiOpening;
import dev.understudy.kubernetes.ApiOpening.Api;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.kubernetes.RetryPause;
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
 * count. One thread, which begins with the first Service. While the API fails, or its settings
 * cannot be used, nothing is told.
 *
 * <p>Each Service has its own list and watch, unless all slices of namespaces are mirrored at once.
 */
public final class KubernetesEndpoints implements EndpointSource, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KubernetesEndpoints.class);

  private static final String THREAD = "understudy-endpoints";
  private static final Duration WATCH = Duration.ofMinutes(1);

  private final @Nullable List<String> together;
  private final Duration watchTime;
  private final ApiOpening opening;

  /** All slices; null before the first Service that is found in them. On the client's loop. */
  private @Nullable SharedSlices shared;

  /**
   * Creates a source without a thread, in which each Service has its own list and watch.
   *
   * @param access reads the settings; called with the first Service, until they can be used
   */
  public KubernetesEndpoints(Supplier<KubernetesSettings> access) {
    this(access, null);
  }

  /**
   * Creates a source without a thread.
   *
   * @param together the namespaces of which all slices are mirrored; empty for all namespaces, and
   *     null for none
   */
  public KubernetesEndpoints(Supplier<KubernetesSettings> access, @Nullable List<String> together) {
    this(access, together, WATCH, RetryPause.FIRST);
  }

  KubernetesEndpoints(
      Supplier<KubernetesSettings> access,
      @Nullable List<String> together,
      Duration watchTime,
      Duration firstPause) {
    this.together = together == null ? null : List.copyOf(together);
    this.watchTime = watchTime;
    this.opening =
        new ApiOpening(
            THREAD,
            access,
            firstPause,
            why -> log.error("The servers cannot be read from the cluster: {}; trying again", why));
  }

  @Override
  public Runnable follow(ServerTemplate template, Consumer<List<Endpoint>> found) {
    CompletableFuture<Api> opened = opening.api();
    FollowedService following = new FollowedService(template, found, watchTime);
    var unused =
        opened.thenAccept(
            usable -> usable.client().execute(() -> following.begin(usable, shared(usable))));
    return () -> {
      var unusedEnd = opened.thenAccept(usable -> usable.client().execute(following::end));
    };
  }

  private @Nullable SharedSlices shared(Api api) {
    if (shared == null && together != null) {
      shared = new SharedSlices(api, together, watchTime);
    }
    return shared;
  }

  @Override
  public void close() {
    opening.close();
  }
}
