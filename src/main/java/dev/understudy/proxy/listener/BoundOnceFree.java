package dev.understudy.proxy.listener;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Binds ports that were closed just now, which NIO frees only in its event loop's next turn. */
final class BoundOnceFree {
  private static final int ATTEMPTS = 20;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private BoundOnceFree() {}

  /**
   * Binds a port, again for about a second while that fails.
   *
   * @param problems to which {@code bind} adds one if it fails; one that has passed is removed
   */
  static void bind(List<String> problems, Runnable bind) {
    int before = problems.size();
    for (int i = 1; ; i++) {
      bind.run();
      if (problems.size() == before || i == ATTEMPTS) {
        return;
      }
      problems.subList(before, problems.size()).clear();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
