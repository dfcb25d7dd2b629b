package dev.understudy.proxy.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.flowcontrol.WindowSizing.Decision;
import dev.understudy.proxy.flowcontrol.WindowSizing.Reason;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowSizingTest {
  private static final int FIRST = WindowSizing.FIRST;

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** A window of 64 KB of which 16 frames have arrived, evenly, and all has been read. */
  @ParameterizedTest(name = "in {0} ms, {1} ms away, {2} unread: {3}, {4} KB")
  @CsvSource({
    // Arrived at once, the bandwidth has no bound: the largest for the delay.
    "   0,  50,     0, WINDOW_LIMITS,   16384",
    "   0,   1,     0, WINDOW_LIMITS,    1220",
    "   0,   0,     0, WINDOW_LIMITS,     127",
    // Eight times what arrives in a round trip, at least twice the window.
    "  10,  50,     0, WINDOW_LIMITS,    2559",
    "  50,  50,     0, WINDOW_LIMITS,     511",
    " 100,  50,     0, WINDOW_LIMITS,     255",
    // In more than two round trips and 10 ms, a larger window would carry no more.
    " 110,  50,     0, WINDOW_LIMITS,     232",
    " 111,  50,     0, SLOW_SENDER,        63",
    "  11,   0,     0, SLOW_SENDER,        63",
    // The reader limits the sender.
    "   0,  50,     1, READER_BEHIND,      63",
    " 111,  50,     1, SLOW_SENDER,        63",
  })
  void a_window_that_was_used_up(long took, long delay, int unread, Reason reason, int kilobytes) {
    WindowSizing sizing = new WindowSizing();
    for (int i = 0; i < 16; i++) {
      sizing.arrived(Long.MAX_VALUE + millis(took) * i / 15);
    }
    sizing.read(FIRST);
    Decision decision = sizing.decide(unread, FIRST, millis(delay));
    assertThat(decision.reason()).isEqualTo(reason);
    assertThat(decision.window() / 1024).isEqualTo(kilobytes);
  }

  @ParameterizedTest(name = "{0} of {1} bytes, window {2}: {3}")
  @CsvSource({
    "255, 257, 65535, SMALL_FRAMES",
    "256, 256, 65536, WINDOW_LIMITS",
    "16384, 4, 65535, WINDOW_LIMITS",
  })
  void frames_that_cost_more_than_they_carry_widen_nothing(
      int size, int frames, int window, Reason reason) {
    WindowSizing sizing = new WindowSizing();
    for (int i = 0; i < frames; i++) {
      sizing.arrived(0);
      sizing.read(size);
    }
    assertThat(sizing.isDue(window)).isTrue();
    assertThat(sizing.decide(0, window, millis(50)).reason()).isEqualTo(reason);
  }

  @ParameterizedTest(name = "{0} us away: {1} KB")
  @CsvSource({"0, 256", "209, 256", "1000, 1220", "10000, 12207", "14000, 16384", "9999999, 16384"})
  void the_largest_window_for_a_delay(long micros, int kilobytes) {
    assertThat(WindowSizing.largest(micros * 1000) / 1024).isEqualTo(kilobytes);
  }

  @Test
  void nothing_is_due_before_a_whole_window_was_read() {
    WindowSizing sizing = new WindowSizing();
    sizing.arrived(0);
    sizing.read(FIRST - 1);
    assertThat(sizing.isDue(FIRST)).isFalse();
    sizing.read(1);
    assertThat(sizing.isDue(FIRST)).isTrue();
  }

  @Test
  void what_was_decided_is_counted_no_more() {
    WindowSizing sizing = new WindowSizing();
    sizing.arrived(0);
    sizing.arrived(millis(10_000));
    sizing.read(FIRST);
    assertThat(sizing.decide(0, FIRST, 0).reason()).isEqualTo(Reason.SLOW_SENDER);
    assertThat(sizing.isDue(FIRST)).isFalse();
    sizing.arrived(millis(20_000));
    sizing.read(FIRST);
    assertThat(sizing.decide(0, FIRST, 0).reason()).isEqualTo(Reason.WINDOW_LIMITS);
  }

  @Test
  void a_reader_that_catches_up_is_decided_on_then() {
    WindowSizing sizing = new WindowSizing();
    sizing.arrived(0);
    sizing.read(FIRST);
    assertThat(sizing.decide(1, FIRST, 0).reason()).isEqualTo(Reason.READER_BEHIND);
    sizing.read(1);
    assertThat(sizing.isDue(FIRST)).isTrue();
    assertThat(sizing.decide(0, FIRST, 0).reason()).isEqualTo(Reason.WINDOW_LIMITS);
  }

  @Test
  void the_largest_window_stays_whatever_is_read() {
    WindowSizing sizing = new WindowSizing();
    for (int gigabytes = 0; gigabytes < 5; gigabytes++) {
      for (int i = 0; i < 64; i++) {
        sizing.arrived(0);
        sizing.read(WindowSizing.MAX);
      }
      assertThat(sizing.decide(0, WindowSizing.MAX, millis(50)))
          .isEqualTo(new Decision(WindowSizing.MAX, Reason.WINDOW_LIMITS));
    }
  }
}
