package dev.understudy.monitor;

import java.time.Instant;
import java.time.InstantSource;

/**
 * Wall-clock time that never steps back within this process: the wall clock is read once, and
 * {@link System#nanoTime} counts from there. Safe for any thread.
 *
 * <p>Later steps of the wall clock are not followed, so that they change no interval.
 */
public final class MonotonicClock implements InstantSource {
  private final Instant origin = Instant.now();
  private final long originNanos = System.nanoTime();

  @Override
  public Instant instant() {
    return origin.plusNanos(System.nanoTime() - originNanos);
  }
}
