package dev.understudy.bench.soak;

import java.util.List;

/**
 * The resources of a process at rest.
 *
 * @param heapBytes used after a collection
 * @param directBytes bytes that the JVM allocated outside the heap for buffers
 * @param connections its TCP sockets that do not listen
 */
record Vitals(long heapBytes, long directBytes, long connections, long descriptors, long threads) {
  private static final long MB = 1024 * 1024;

  /**
   * One figure beside the one taken after warm-up.
   *
   * @param tolerance how much more is still level
   */
  record Level(String what, String unit, long warm, long end, long tolerance) {
    /** Less is level too. */
    boolean isLevel() {
      return end - warm <= tolerance;
    }
  }

  /** Compares this level, at the end, with the one after the warm-up. */
  List<Level> against(Vitals warm) {
    return List.of(
        new Level(
            "heap after GC",
            "MB",
            warm.heapBytes / MB,
            heapBytes / MB,
            Math.max(8, warm.heapBytes / MB / 10)),
        // The allocator keeps its memory for each thread.
        new Level(
            "direct memory",
            "MB",
            warm.directBytes / MB,
            directBytes / MB,
            Math.max(8, warm.directBytes / MB / 10)),
        // A probe may be under way.
        new Level("connections", "", warm.connections, connections, 4),
        new Level("file descriptors", "", warm.descriptors, descriptors, 8),
        new Level("threads", "", warm.threads, threads, 2));
  }
}
