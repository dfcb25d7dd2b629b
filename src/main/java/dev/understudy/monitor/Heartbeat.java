package dev.understudy.monitor;

import dev.understudy.agreement.Loop;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Notices pauses of our own process: a beat that comes much later than planned. What waited over
 * such a pause timed out because of us, and says nothing about a server.
 *
 * <p>It also knows what began while we were starting: before any server had answered any probe, and
 * for {@link #START} at most. Its time-out may be ours, on a machine that is busy loading and
 * compiling our classes.
 */
final class Heartbeat {
  static final Duration INTERVAL = Duration.ofMillis(100);

  /** Lateness from which it is a pause; well below the time-outs that it could spoil. */
  static final Duration TOLERANCE = Duration.ofMillis(200);

  /** The longest that a start may take. Until then nobody could serve anyway. */
  static final Duration START = Duration.ofSeconds(5);

  private final Scheduler scheduler;
  private Instant due;
  private Instant resumed = Instant.MIN;
  private @Nullable Instant firstProbe;
  private @Nullable Instant firstResponse;
  private Loop.Timer timer = () -> {};

  Heartbeat(Scheduler scheduler) {
    this.scheduler = scheduler;
    this.due = scheduler.now();
  }

  void start() {
    due = scheduler.now().plus(INTERVAL);
    timer = scheduler.schedule(INTERVAL, this::beat);
  }

  void stop() {
    timer.cancel();
  }

  /** Whether we were paused since {@code then}. */
  boolean pausedSince(Instant then) {
    look(scheduler.now());
    return !then.isAfter(resumed);
  }

  /** A probe is started. */
  void probing() {
    if (firstProbe == null) {
      firstProbe = scheduler.now();
    }
  }

  /** A probe was answered, by any server. */
  void answered() {
    if (firstResponse == null) {
      firstResponse = scheduler.now();
    }
  }

  /** Whether a probe that began {@code then} has met us starting. */
  boolean startingAt(Instant then) {
    if (firstResponse != null) {
      return !then.isAfter(firstResponse);
    }
    return firstProbe == null || scheduler.now().isBefore(firstProbe.plus(START));
  }

  private void beat() {
    look(scheduler.now());
    start();
  }

  /** Asked before each judgement too: it may run before the beat that is late as well. */
  private void look(Instant now) {
    if (now.isAfter(due.plus(TOLERANCE))) {
      resumed = now;
    }
  }
}
