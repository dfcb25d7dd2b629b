package dev.understudy.testing.duel;

import java.util.HashMap;
import java.util.Map;

/** How much a client may still send (RFC 9113 §5.2); safe for any thread. */
final class SendWindows {
  private static final int CONNECTION = 0;
  private static final long TIMEOUT_MILLIS = 20_000;

  private final Map<Integer, Long> left = new HashMap<>(Map.of(CONNECTION, 65_535L));
  private long initial = 65_535;

  synchronized void open(int stream) {
    left.put(stream, initial);
  }

  @Override
  public synchronized String toString() {
    return "windows " + left;
  }

  /** Nothing more is sent on that stream. */
  synchronized void close(int stream) {
    left.remove(stream);
    notifyAll();
  }

  synchronized void grow(int stream, long by) {
    left.computeIfPresent(stream, (id, now) -> now + by);
    notifyAll();
  }

  /** The server has set the first size of all streams' windows. */
  synchronized void initial(long size) {
    long by = size - initial;
    initial = size;
    left.replaceAll((stream, now) -> stream == CONNECTION ? now : now + by);
    notifyAll();
  }

  /** Waits for room for that much and takes it; false: the stream is closed. */
  synchronized boolean take(int stream, int bytes) throws InterruptedException {
    long end = System.currentTimeMillis() + TIMEOUT_MILLIS;
    while (left.containsKey(stream)) {
      if (Math.min(left.get(stream), left.get(CONNECTION)) >= bytes) {
        left.merge(stream, (long) -bytes, Long::sum);
        left.merge(CONNECTION, (long) -bytes, Long::sum);
        return true;
      }
      if (System.currentTimeMillis() > end) {
        throw new AssertionError("no window for stream " + stream + ": " + this);
      }
      wait(TIMEOUT_MILLIS);
    }
    return false;
  }
}
