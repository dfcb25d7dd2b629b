package dev.understudy.monitor;

import dev.understudy.event.EventText;
import dev.understudy.health.CircuitPenalty;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.recurring.Timers;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One server's circuit breaker: Resilience4j counts the calls; this class decides how long the
 * breaker stays open.
 *
 * <table>
 * <caption>States</caption>
 * <tr><th>state</th><th>event</th><th>next state</th></tr>
 * <tr><td>closed</td><td>the failure rate in the window is reached</td><td>open, for as long as
 *     {@link CircuitPenalty} says</td></tr>
 * <tr><td>open</td><td>that time has passed and the server is UP</td><td>closed, counting from
 *     zero</td></tr>
 * <tr><td>open</td><td>that time has passed and the server is not UP</td><td>open, until the server
 *     is UP</td></tr>
 * </table>
 *
 * <p>There is no half-open state: a few users' requests do not try out a master, its probes speak
 * for it. Calls are counted on the calling thread; everything else happens on the monitor's thread.
 */
final class ServerCircuitBreaker {
  // Resilience4j's window has a slot for each second.
  private static final int LONGEST_WINDOW_SECONDS = 3_600;

  // Probes and time-outs judge slow calls; by default, Resilience4j would count those over 60 s.
  private static final Duration NOT_SLOW = Duration.ofDays(36_500);

  private final PassiveSettings settings;
  private final Scheduler scheduler;
  private final Runnable opened;
  private final Runnable due;
  private final CircuitBreaker breaker;
  private final AtomicBoolean told = new AtomicBoolean();
  private boolean open;
  private boolean stopped;
  private CircuitPenalty penalty = CircuitPenalty.NONE;
  private String evidence = "";
  private Timers.@Nullable Timer timer;

  /**
   * Creates one that is closed.
   *
   * @param opened called on the monitor's thread when it has opened
   * @param due the same when the penalty has passed: it may close if the server is UP
   */
  ServerCircuitBreaker(
      String name, PassiveSettings settings, Scheduler scheduler, Runnable opened, Runnable due) {
    this.settings = settings;
    this.scheduler = scheduler;
    this.opened = opened;
    this.due = due;
    this.breaker = CircuitBreaker.of(name, config(settings));
  }

  private static CircuitBreakerConfig config(PassiveSettings settings) {
    return CircuitBreakerConfig.custom()
        .failureRateThreshold(settings.failureRate())
        .slidingWindow(
            windowSeconds(settings),
            settings.minimumCalls(),
            SlidingWindowType.TIME_BASED,
            // Event loops count here. The window runs by System.nanoTime.
            SlidingWindowSynchronizationStrategy.LOCK_FREE)
        .slowCallDurationThreshold(NOT_SLOW)
        .recordResult(Boolean.TRUE::equals)
        .automaticTransitionFromOpenToHalfOpenEnabled(false)
        .build();
  }

  private static int windowSeconds(PassiveSettings settings) {
    return (int) Math.min(settings.window().toSeconds(), LONGEST_WINDOW_SECONDS);
  }

  PassiveSettings settings() {
    return settings;
  }

  /** Counts one call; callable from any thread. */
  void called(boolean failed, Duration took) {
    breaker.onResult(took.toNanos(), TimeUnit.NANOSECONDS, failed);
    // A listener of transitions would cost an event object for each call.
    if (breaker.getState() == CircuitBreaker.State.OPEN && told.compareAndSet(false, true)) {
      scheduler.execute(this::hasOpened);
    }
  }

  boolean isOpen() {
    return open;
  }

  /** The failures that opened the breaker and the time for which it stays open, for people. */
  String evidence() {
    return evidence;
  }

  /**
   * Closes the breaker if its penalty has passed; to be called whenever the server is UP.
   *
   * @return whether it closed now
   */
  boolean closeIfDue() {
    if (!open || penalty.active(scheduler.now())) {
      return false;
    }
    open = false;
    breaker.transitionToClosedState();
    told.set(false);
    return true;
  }

  /** Its state, for the next process. */
  KnownServer.Circuit known() {
    Instant until = penalty.until();
    CircuitPenalty onWall =
        new CircuitPenalty(
            penalty.openings(), until == null ? null : until.plus(scheduler.ahead()));
    return new KnownServer.Circuit(onWall, open, evidence);
  }

  /** Takes over the state in the process before, unless it has opened here already. */
  void take(KnownServer.Circuit known) {
    if (open) {
      return;
    }
    penalty = known.penalty();
    if (known.open() && penalty.until() != null) {
      told.set(true);
      breaker.transitionToOpenState();
      stayOpen(left(scheduler.now()), known.evidence());
    }
  }

  /** Stops the timer, for good. */
  void stop() {
    stopped = true;
    if (timer != null) {
      timer.cancel();
    }
  }

  private void hasOpened() {
    if (stopped) {
      return;
    }
    if (breaker.getState() != CircuitBreaker.State.OPEN) {
      // The breaker closed between the call that saw it open and this task.
      told.set(false);
      return;
    }
    Instant now = scheduler.now();
    penalty = penalty.opened(settings.openFor(), now);
    Duration openFor = left(now);
    stayOpen(openFor, evidence(openFor));
    opened.run();
  }

  private void stayOpen(Duration openFor, String why) {
    open = true;
    evidence = why;
    timer = scheduler.schedule(openFor, due);
  }

  /** What is left of the penalty. */
  private Duration left(Instant now) {
    Instant until = penalty.until();
    Duration left = until == null ? Duration.ZERO : Duration.between(now, until);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private String evidence(Duration openFor) {
    CircuitBreaker.Metrics metrics = breaker.getMetrics();
    return String.format(
        Locale.ROOT,
        "%d of %d calls failed within %d s; open for at least %s, until the server is UP",
        metrics.getNumberOfFailedCalls(),
        metrics.getNumberOfBufferedCalls(),
        windowSeconds(settings),
        EventText.inSeconds(openFor));
  }
}
