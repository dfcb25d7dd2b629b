package dev.understudy.kubernetes;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The API on a thread of its own, which begins when it is asked for. While its settings cannot be
 * used, such as a token that is not there yet, they are read again after a {@link RetryPause}.
 */
public final class ApiOpening implements AutoCloseable {
  private static final Duration CREDENTIALS_INTERVAL = Duration.ofSeconds(5);

  /** The API, once its settings are read. */
  public record Api(KubernetesSettings settings, KubernetesClient client) {
    /**
     * Failures of calls that need these rights; in all namespaces if {@code namespace} is empty.
     */
    public ApiFailures failures(String namespace, String rights) {
      return new ApiFailures(settings, namespace, rights);
    }
  }

  private final String thread;
  private final Supplier<KubernetesSettings> access;
  private final Duration firstPause;
  private final Consumer<String> trouble;
  private final CountDownLatch end = new CountDownLatch(1);
  private @Nullable CompletableFuture<Api> api;

  /**
   * @param thread name of the thread
   * @param access reads the settings
   * @param trouble told why they cannot be used, each time that this changes
   */
  public ApiOpening(
      String thread,
      Supplier<KubernetesSettings> access,
      Duration firstPause,
      Consumer<String> trouble) {
    this.thread = thread;
    this.access = access;
    this.firstPause = firstPause;
    this.trouble = trouble;
  }

  /** The API; the settings are files, which the caller's thread must not wait for. */
  public synchronized CompletableFuture<Api> api() {
    CompletableFuture<Api> known = api;
    if (known == null) {
      CompletableFuture<Api> opening = new CompletableFuture<>();
      api = opening;
      known = opening;
      if (!isClosed()) {
        Thread.ofPlatform().daemon().name(thread + "-start").start(() -> open(opening));
      }
    }
    return known;
  }

  private boolean isClosed() {
    return end.getCount() == 0;
  }

  private void open(CompletableFuture<Api> opening) {
    String told = "";
    for (int failures = 0; !isClosed(); failures++) {
      try {
        opening.complete(open());
        return;
      } catch (RuntimeException e) {
        String why = String.valueOf(e.getMessage());
        if (!why.equals(told)) {
          trouble.accept(why);
          told = why;
        }
      }
      try {
        if (end.await(RetryPause.after(failures, firstPause).toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private Api open() {
    KubernetesSettings settings = access.get();
    ApiFailures failures =
        new ApiFailures(settings, settings.namespace(), "get, list and watch the resource");
    Credentials credentials = new Credentials(settings, CREDENTIALS_INTERVAL);
    return new Api(settings, new KubernetesClient(thread, settings, credentials, failures));
  }

  @Override
  public synchronized void close() {
    end.countDown();
    if (api != null) {
      var unused = api.thenAccept(usable -> usable.client().close());
    }
  }
}
