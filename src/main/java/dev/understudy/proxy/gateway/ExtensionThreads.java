package dev.understudy.proxy.gateway;

import dev.understudy.extension.Extension;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The threads that run extensions, so that one which blocks stops no event loop. Each filter or
 * predicate of a route has its own, so that the calls of another route do not wait for it; they end
 * when there is nothing to do. One that blocks has some requests wait, and refuses the others with
 * a {@link java.util.concurrent.RejectedExecutionException}.
 */
final class ExtensionThreads {
  private static final int OF_EACH = 16;

  /**
   * By number, as the memory has a bound of its own: a request costs the same whatever it waits
   * for, and {@link dev.understudy.proxy.frontend.ClientMemoryBudget} counts it with its head until
   * it has ended. With the largest head by default, 16 KB, one takes 45 KB of the heap, so those of
   * a filter take 12 MB.
   */
  private static final int WAITING = 256;

  /** Of all together. A filter that gets none has its requests wait until their time is over. */
  private static final Semaphore ALL = new Semaphore(256);

  private static final Duration KEPT = Duration.ofSeconds(10);

  private ExtensionThreads() {}

  /** The threads of one filter or predicate of a route; there is none before its first request. */
  static Scheduler of(Extension<?> extension) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            OF_EACH,
            OF_EACH,
            KEPT.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(WAITING),
            work -> bounded(extension, work));
    pool.allowCoreThreadTimeOut(true);
    return Schedulers.fromExecutorService(pool, extension.name());
  }

  /** Null if there may be no more, which the pool accepts. */
  private static @Nullable Thread bounded(Extension<?> extension, Runnable work) {
    if (!ALL.tryAcquire()) {
      return null;
    }
    return thread(
        extension,
        () -> {
          try {
            work.run();
          } finally {
            ALL.release();
          }
        });
  }

  /** One whose context finds the extension's jars, where libraries look for services. */
  static Thread thread(Extension<?> extension, Runnable work) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("understudy-extension-" + extension.name())
            .unstarted(work);
    thread.setContextClassLoader(extension.instance().getClass().getClassLoader());
    return thread;
  }
}
