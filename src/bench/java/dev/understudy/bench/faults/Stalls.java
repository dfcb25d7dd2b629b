package dev.understudy.bench.faults;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Watches for times in which the machine did not run the test itself, nor its clients. */
final class Stalls implements AutoCloseable {
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** Less is usual where more wants to run than there are cores. */
  private static final long NOTED_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** One. */
  record Stall(long from, long to) {
    /** How much of it is in that time. */
    long within(long begin, long end) {
      return Math.max(0, Math.min(to, end) - Math.max(from, begin));
    }
  }

  private final Queue<Stall> seen = new ConcurrentLinkedQueue<>();
  private final Thread watch = Thread.ofPlatform().daemon().start(this::run);
  private volatile boolean closed;

  private void run() {
    long due = System.nanoTime() + PERIOD_NANOS;
    while (!closed) {
      LockSupport.parkNanos(due - System.nanoTime());
      long now = System.nanoTime();
      if (now - due > NOTED_NANOS) {
        seen.add(new Stall(due, now));
      }
      due = now + PERIOD_NANOS;
    }
  }

  List<Stall> seen() {
    return List.copyOf(seen);
  }

  @Override
  public void close() {
    closed = true;
  }
}
