package dev.understudy.proxy.compress;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * The process's deflaters, each with about 270 KB of native memory: at most {@value #MOST} in use,
 * and a few more that wait to be used again. Thread-safe.
 */
final class Deflaters {
  static final int MOST = 256;
  private static final int IDLE = 8;

  static final Deflaters SHARED = new Deflaters();

  private final AtomicInteger used = new AtomicInteger();
  private final ArrayBlockingQueue<Deflater> idle = new ArrayBlockingQueue<>(IDLE);

  /** Returns a fresh deflater of raw data, to be given back; null if too many are in use. */
  @Nullable Deflater take(int level) {
    if (used.incrementAndGet() > MOST) {
      used.decrementAndGet();
      return null;
    }
    Deflater known = idle.poll();
    if (known == null) {
      return new Deflater(level, true);
    }
    known.setLevel(level);
    return known;
  }

  /** Takes a deflater back, whatever became of its stream. */
  void giveBack(Deflater deflater) {
    used.decrementAndGet();
    deflater.reset();
    if (!idle.offer(deflater)) {
      deflater.end();
    }
  }

  /** Deflaters that were taken and not given back. */
  int used() {
    return used.get();
  }
}
