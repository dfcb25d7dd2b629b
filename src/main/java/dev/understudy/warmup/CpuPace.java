package dev.understudy.warmup;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Keeps the use of this process to its {@link CpuShare}, over the last second. */
public final class CpuPace implements LongSupplier {
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Between two readings: the machine's own count has steps of 10 ms. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final CpuMeter meter = new CpuMeter();
  private final CpuShare share = new CpuShare(meter.processors());
  private final Deque<CpuShare.Use> readings = new ArrayDeque<>();

  /** Begins to count. */
  public CpuPace() {
    readings.add(meter.read());
  }

  /** How long to rest now, in ns. */
  @Override
  public long getAsLong() {
    if (System.nanoTime() - readings.getLast().elapsed() < LOOK_NANOS) {
      return 0;
    }
    CpuShare.Use now = meter.read();
    readings.add(now);
    while (readings.size() > 2 && now.elapsed() - readings.getFirst().elapsed() > WINDOW_NANOS) {
      readings.removeFirst();
    }
    return share.pauseNanos(now.minus(readings.getFirst()));
  }
}
