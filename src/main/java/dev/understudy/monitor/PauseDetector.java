package dev.understudy.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Notices pauses of this process: a timer that should fire every {@link #INTERVAL} fires much
 * later. A wait that spans such a pause timed out because of this process, and says nothing about a
 * server.
 *
 * <p>Also tells whether a probe began during the start of this process: before the first response
 * of any server to a probe, for {@link #START} at most, or while this process itself runs late, for
 * {@link #BUSY_START} at most. The time-out of such a probe may be due to a machine that is busy
 * loading and compiling classes, for this process and others.
 */
final class PauseDetector {
  static final Duration INTERVAL = Duration.ofMillis(100);

  /** Lateness of a beat that counts as a pause; well below the time-outs it could spoil. */
  static final Duration TOLERANCE = Duration.ofMillis(200);

  /** Longest start phase, from the first probe. No server could serve before its end anyway. */
  static final Duration START = Duration.ofSeconds(5);

  /** Longest start phase on a machine where this process runs late. */
  static final Duration BUSY_START = Duration.ofSeconds(15);

  /** Lateness of a beat that shows a busy machine. */
  static final Duration LATE = Duration.ofMillis(50);

  /** The time for which the longest lateness is remembered. */
  static final Duration KEPT = Duration.ofSeconds(10);

  private final Scheduler scheduler;
  private final BooleanSupplier crowded;
  private volatile Stretch stretch = Stretch.NONE;
  private Instant due;
  private Instant resumed = Instant.MIN;
  private @Nullable Instant firstProbe;
  private @Nullable Instant firstResponse;
  private Runnable onBeat = () -> {};
  private Duration longest = Duration.ZERO;
  private Duration longestBefore = Duration.ZERO;
  private Instant rotated = Instant.EPOCH;

  /**
   * Creates one that does not beat before {@link #start}.
   *
   * @param crowded whether the prober has too little time
   */
  PauseDetector(Scheduler scheduler, BooleanSupplier crowded) {
    this.scheduler = scheduler;
    this.crowded = crowded;
    this.due = scheduler.now();
  }

  /** Has {@code task} run with each beat, on the monitor's thread. */
  void onBeat(Runnable task) {
    onBeat = task;
  }

  void start() {
    Instant now = scheduler.now();
    Duration wait = Turns.untilNext(now, INTERVAL);
    due = now.plus(wait);
    scheduler.schedule(wait, this::beat);
  }

  /** Whether this process was paused since {@code then}. */
  boolean pausedSince(Instant then) {
    return !then.isAfter(resumed());
  }

  /** The end of the newest pause; {@link Instant#MIN} if there was none. */
  Instant resumed() {
    look(scheduler.now());
    return resumed;
  }

  /** The longest lateness of a beat in the last {@link #KEPT} at least, twice that at most. */
  Duration longestLag() {
    return longest.compareTo(longestBefore) > 0 ? longest : longestBefore;
  }

  /** By what factor the intervals of checks are longer now; from any thread. */
  double stretch() {
    return stretch.factor();
  }

  Instant now() {
    return scheduler.now();
  }

  /** A probe starts. */
  void probing() {
    if (firstProbe == null) {
      firstProbe = scheduler.now();
    }
  }

  /** A server responded to a probe. */
  void responded() {
    if (firstResponse == null) {
      firstResponse = scheduler.now();
    }
  }

  /** Whether a probe that was started {@code then} falls into the start phase. */
  boolean startingAt(Instant then) {
    if (firstProbe == null || (firstResponse != null && !then.isAfter(firstResponse))) {
      return true;
    }
    boolean late = longestLag().compareTo(LATE) > 0;
    return (firstResponse == null && isWithin(START)) || (late && isWithin(BUSY_START));
  }

  private boolean isWithin(Duration sinceFirstProbe) {
    return firstProbe != null && scheduler.now().isBefore(firstProbe.plus(sinceFirstProbe));
  }

  private void beat() {
    Instant now = scheduler.now();
    if (!now.isBefore(rotated.plus(KEPT))) {
      rotated = now;
      longestBefore = longest;
      longest = Duration.ZERO;
    }
    Duration late = Duration.between(due, now);
    longest = late.compareTo(longest) > 0 ? late : longest;
    stretch = stretch.beat(late, crowded.getAsBoolean(), now);
    look(now);
    start();
    onBeat.run();
  }

  /** Called before each judgement too, which may run before the beat that is late. */
  private void look(Instant now) {
    if (now.isAfter(due.plus(TOLERANCE))) {
      resumed = now;
    }
  }
}
