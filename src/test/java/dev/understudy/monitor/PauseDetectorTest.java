package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PauseDetectorTest {
  private final FakeScheduler scheduler = new FakeScheduler();
  private final PauseDetector pauseDetector = new PauseDetector(scheduler, () -> false);

  @BeforeEach
  void start() {
    pauseDetector.start();
  }

  @Test
  void time_that_passes_as_planned_is_no_pause() {
    scheduler.advance(Duration.ofSeconds(60));
    assertThat(pauseDetector.pausedSince(FakeScheduler.START)).isFalse();
  }

  @Test
  void a_beat_that_is_a_little_late_is_no_pause() {
    scheduler.pause(PauseDetector.INTERVAL.plus(PauseDetector.TOLERANCE));
    assertThat(pauseDetector.pausedSince(FakeScheduler.START)).isFalse();
  }

  @Test
  void what_began_before_a_pause_was_paused_and_what_began_after_it_was_not() {
    scheduler.advance(Duration.ofSeconds(5));
    Instant before = scheduler.now();
    scheduler.pause(Duration.ofSeconds(2));
    scheduler.advance(Duration.ofMillis(10));
    Instant after = scheduler.now();
    assertThat(pauseDetector.pausedSince(before)).isTrue();
    scheduler.advance(Duration.ofSeconds(5));
    assertThat(pauseDetector.pausedSince(before)).isTrue();
    assertThat(pauseDetector.pausedSince(after)).isFalse();
  }

  @Test
  void a_pause_is_seen_by_what_runs_before_the_late_beat() {
    boolean[] seen = new boolean[1];
    Instant before = scheduler.now();
    scheduler.execute(() -> seen[0] = pauseDetector.pausedSince(before));
    scheduler.pause(Duration.ofSeconds(2));
    assertThat(seen[0]).isTrue();
  }
}
