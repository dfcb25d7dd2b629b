package dev.understudy.proxy.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamInflowTest {
  private static final int FIRST = WindowSizing.FIRST;

  /** A stream of which 60,000 bytes came, 20,000 of them are unread, and the window is FIRST. */
  @ParameterizedTest(name = "length {0}, complete: {1}; {2} wanted: {3} more")
  @CsvSource({
    // Whatever is wanted, while no length is known.
    "     , false, 100000, 34465",
    "     , false,  65535,     0",
    // At most what is unread and what is missing.
    "90000, false, 100000,     0",
    "200000, false, 100000, 34465",
    "110000, false, 100000,  4465",
    // Nothing is missing of a complete stream.
    "     , true,  100000,     0",
  })
  void how_far_its_window_may_grow(Integer length, boolean complete, int wanted, int more) {
    StreamInflow inflow = new StreamInflow(StreamInflow.UNKNOWN);
    inflow.arrived(60_000, 0);
    if (length != null) {
      inflow.announced(length);
    }
    if (complete) {
      inflow.completed();
    }
    assertThat(inflow.growth(wanted, FIRST, 20_000)).isEqualTo(more);
  }

  @ParameterizedTest(name = "window {0}, share {1}, for {2}: {3} less")
  @CsvSource({
    " 65535,     0,  1000,      0",
    "100000, 34465, 100000,     0",
    "100000, 34465,  90000, 10000",
    // Never below the first window, nor by more than it adds to the connection's.
    "100000, 34465,   1000, 34465",
    "100000, 10000,   1000, 10000",
  })
  void when_its_window_is_too_large(int window, int share, long most, int less) {
    StreamInflow inflow = new StreamInflow(StreamInflow.UNKNOWN);
    inflow.shared(share);
    assertThat(inflow.excess(window, most)).isEqualTo(less);
  }

  @Test
  void it_is_over_once_it_is_complete_and_read() {
    StreamInflow inflow = new StreamInflow(100);
    inflow.arrived(100, 0);
    assertThat(inflow.read(60, 40)).isFalse();
    assertThat(inflow.read(40, 0)).as("more may come").isFalse();
    inflow.completed();
    assertThat(inflow.read(0, 10)).isFalse();
    assertThat(inflow.read(10, 0)).isTrue();
  }

  @Test
  void the_next_stream_begins_with_its_window_if_more_came_than_a_first_one_holds() {
    StreamInflow inflow = new StreamInflow(StreamInflow.UNKNOWN);
    inflow.grown(200_000);
    inflow.arrived(FIRST, 0);
    assertThat(inflow.learned()).isEqualTo(FIRST);
    inflow.arrived(1, 0);
    assertThat(inflow.learned()).isEqualTo(200_000);
  }

  @Test
  void what_is_unread_occupies_its_share_at_most() {
    StreamInflow inflow = new StreamInflow(StreamInflow.UNKNOWN);
    inflow.shared(50);
    var unused = inflow.read(0, 100);
    assertThat(inflow.occupiedShare()).isEqualTo(50);
    unused = inflow.read(80, 20);
    assertThat(inflow.occupiedShare()).isEqualTo(20);
  }
}
