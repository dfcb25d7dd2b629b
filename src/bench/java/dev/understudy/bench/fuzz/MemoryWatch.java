package dev.understudy.bench.fuzz;

import dev.understudy.fuzz.Failure;
import dev.understudy.fuzz.Fuzz;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * Looks after each batch of scripts, when no client is connected, at what the process keeps: it may
 * not keep more and more.
 */
final class MemoryWatch implements Fuzz {
  /** Scripts between two looks. */
  static final int BATCH = 1_000;

  /** Batches until classes are loaded and pools are filled. */
  private static final int WARM_UP = 2;

  /** What a later batch may leave beyond that, in bytes: code that ran first, pools that grew. */
  private static final long MORE = 16 << 20;

  private record Kept(long heap, long direct) {
    static Kept now() {
      System.gc();
      return new Kept(
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
          PlatformDependent.usedDirectMemory());
    }

    boolean isMoreThan(Kept other) {
      return heap > other.heap + MORE || direct > other.direct + MORE;
    }

    @Override
    public String toString() {
      return "%d KB of heap, %d KB of direct memory".formatted(heap >> 10, direct >> 10);
    }
  }

  private final Fuzz fuzz;
  private int played;
  private @Nullable Kept warm;
  private @Nullable Kept last;

  MemoryWatch(Fuzz fuzz) {
    this.fuzz = fuzz;
  }

  @Override
  public Failure failure(long seed) throws IOException {
    Failure found = fuzz.failure(seed);
    played++;
    return played % BATCH != 0 || found != null ? found : kept(seed);
  }

  /** What is wrong with what is kept after a batch; null: nothing. */
  private @Nullable Failure kept(long seed) {
    Kept now = Kept.now();
    last = now;
    if (played <= WARM_UP * BATCH || warm == null) {
      warm = now;
      return null;
    }
    Kept before = warm;
    if (!now.isMoreThan(before)) {
      return null;
    }
    warm = now;
    return new Failure(
        "memory is kept: " + now,
        "seeds up to " + seed + ", " + played + " in all",
        "before them " + before);
  }

  @Override
  public String toString() {
    return "kept when warm %s; at the end %s".formatted(warm, last);
  }
}
