package dev.understudy.proxy.gateway;

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
  private static final int WAITING = 256;

  /** Of all together. A filter that gets none has its requests wait until their time is over. */
  private static final Semaphore ALL = new Semaphore(256);

  private static final Duration KEPT = Duration.ofSeconds(10);

  private ExtensionThreads() {}

  /** The threads of one filter or predicate of a route; there is none before its first request. */
  static Scheduler of(String name) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            OF_EACH,
            OF_EACH,
            KEPT.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(WAITING),
            work -> thread(name, work));
    pool.allowCoreThreadTimeOut(true);
    return Schedulers.fromExecutorService(pool, name);
  }

  /** Null if there may be no more, which the pool accepts. */
  private static @Nullable Thread thread(String name, Runnable work) {
    if (!ALL.tryAcquire()) {
      return null;
    }
    return Thread.ofPlatform()
        .daemon()
        .name("understudy-extension-" + name)
        .unstarted(
            () -> {
              try {
                work.run();
              } finally {
                ALL.release();
              }
            });
  }
}
