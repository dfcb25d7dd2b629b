package dev.understudy.monitor;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The two clocks of this process. Its own never steps, and measures intervals: it shows what the
 * clock on the wall did as the process began, and {@link System#nanoTime} counts from there. The
 * clock on the wall says what people mean by a time; it is set now and then, and goes on while the
 * machine is suspended. Safe for any thread.
 *
 * <p>The wall's clock is followed once it has parted by more than {@value #PARTED_MILLIS} ms from
 * what was known of it, so that it does not tremble.
 */
public final class MonotonicClock implements InstantSource {
  private static final long PARTED_MILLIS = 500;

  private final Instant origin;
  private final long originMillis;
  private final long originNanos;
  private final LongSupplier wallMillis;
  private final LongSupplier nanoTime;
  private volatile Duration ahead = Duration.ZERO;

  /** Creates one that begins now. */
  public MonotonicClock() {
    this(Instant.now(), System::currentTimeMillis, System::nanoTime);
  }

  MonotonicClock(Instant origin, LongSupplier wallMillis, LongSupplier nanoTime) {
    this.origin = origin;
    this.originMillis = origin.toEpochMilli();
    this.originNanos = nanoTime.getAsLong();
    this.wallMillis = wallMillis;
    this.nanoTime = nanoTime;
  }

  @Override
  public Instant instant() {
    return origin.plusNanos(nanoTime.getAsLong() - originNanos);
  }

  /** By how much the clock on the wall is ahead of this one; negative if it is behind. */
  public Duration ahead() {
    long own = originMillis + (nanoTime.getAsLong() - originNanos) / 1_000_000;
    long parted = wallMillis.getAsLong() - own;
    Duration known = ahead;
    if (Math.abs(parted - known.toMillis()) <= PARTED_MILLIS) {
      return known;
    }
    Duration next = Duration.ofMillis(parted);
    ahead = next;
    return next;
  }

  /** The clock on the wall. */
  public InstantSource wall() {
    return () -> instant().plus(ahead());
  }
}
