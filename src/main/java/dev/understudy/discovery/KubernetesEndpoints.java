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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints of Services, from their EndpointSlices, and the role labels of their Pods, if these
 * count. One thread, which begins with the first Service. While the API fails, or its settings
 * cannot be used, such as a token that is not there yet, nothing is told; they are read again after
 * 1 s, doubled up to {@link #LONGEST_PAUSE}.
 */
public final class KubernetesEndpoints implements EndpointSource, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KubernetesEndpoints.class);

  private static final String THREAD = "understudy-endpoints";
  private static final Duration CREDENTIALS_INTERVAL = Duration.ofSeconds(5);
  private static final Duration WATCH = Duration.ofMinutes(1);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** The API, once its settings are read. */
  record Api(KubernetesSettings settings, KubernetesClient client) {}

  private final Supplier<KubernetesSettings> access;
  private final Duration watchTime;
  private final Duration firstPause;
  private final CountDownLatch end = new CountDownLatch(1);
  private @Nullable CompletableFuture<Api> api;

  /**
   * Creates a source without a thread.
   *
   * @param access reads the settings; called with the first Service, until they can be used
   */
  public KubernetesEndpoints(Supplier<KubernetesSettings> access) {
    this(access, WATCH, FIRST_PAUSE);
  }

  KubernetesEndpoints(
      Supplier<KubernetesSettings> access, Duration watchTime, Duration firstPause) {
    this.access = access;
    this.watchTime = watchTime;
    this.firstPause = firstPause;
  }

  @Override
  public Runnable follow(ServerTemplate template, Consumer<List<Endpoint>> found) {
    CompletableFuture<Api> opened = api();
    FollowedService following = new FollowedService(template, found, watchTime);
    var unused =
        opened.thenAccept(usable -> usable.client().execute(() -> following.begin(usable)));
    return () -> {
      var unusedEnd = opened.thenAccept(usable -> usable.client().execute(following::end));
    };
  }

  /** The settings are files, which the caller's thread must not wait for. */
  private synchronized CompletableFuture<Api> api() {
    CompletableFuture<Api> known = api;
    if (known == null) {
      CompletableFuture<Api> opening = new CompletableFuture<>();
      api = opening;
      known = opening;
      if (!isClosed()) {
        Thread.ofPlatform().daemon().name(THREAD + "-start").start(() -> open(opening));
      }
    }
    return known;
  }

  private boolean isClosed() {
    return end.getCount() == 0;
  }

  /** Opens the API once its settings can be used. */
  private void open(CompletableFuture<Api> opening) {
    String told = "";
    for (Duration pause = firstPause; !isClosed(); pause = longer(pause)) {
      try {
        opening.complete(open());
        return;
      } catch (RuntimeException e) {
        String why = String.valueOf(e.getMessage());
        if (!why.equals(told)) {
          log.error("The servers cannot be read from the cluster: {}; trying again", why);
          told = why;
        }
      }
      try {
        if (end.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
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
    end.countDown();
    if (api != null) {
      var unused = api.thenAccept(usable -> usable.client().close());
    }
  }
}
