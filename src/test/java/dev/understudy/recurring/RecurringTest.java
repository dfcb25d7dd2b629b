package dev.understudy.recurring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.FakeLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of states, with an interval of 100 ms and a longest time of 500 ms. */
class RecurringTest {
  private final FakeLoop loop = new FakeLoop();
  private final List<String> log = new ArrayList<>();
  private final List<Recurring.Piece> pieces = new ArrayList<>();
  private final Recurring recurring =
      new Recurring(
          loop,
          Duration.ofMillis(100),
          Duration.ofMillis(500),
          new Recurring.Work() {
            @Override
            public Runnable begin(Recurring.Piece piece) {
              pieces.add(piece);
              int number = pieces.size();
              log.add("begins " + number);
              return () -> log.add("cancelled " + number);
            }

            @Override
            public void tookTooLong() {
              log.add("too long");
            }
          });

  private void advance(long millis) {
    loop.advance(Duration.ofMillis(millis));
  }

  @Test
  void a_piece_that_does_not_end_lets_no_other_begin() {
    recurring.start();
    advance(499);
    assertThat(log).containsExactly("begins 1");
  }

  @Test
  void the_next_piece_is_due_an_interval_after_the_end_of_the_last() {
    recurring.start();
    advance(300);
    pieces.getFirst().ended();
    advance(99);
    assertThat(log).containsExactly("begins 1");
    advance(1);
    assertThat(log).containsExactly("begins 1", "begins 2");
  }

  @Test
  void a_piece_may_say_when_the_next_is_due() {
    recurring.start();
    pieces.getFirst().ended(Duration.ofMillis(10));
    advance(10);
    assertThat(log).containsExactly("begins 1", "begins 2");
  }

  @Test
  void a_piece_that_takes_too_long_is_cancelled_before_the_next_one_is_due() {
    recurring.start();
    advance(500);
    assertThat(log).containsExactly("begins 1", "cancelled 1", "too long");
    pieces.getFirst().ended();
    advance(100);
    assertThat(log).containsExactly("begins 1", "cancelled 1", "too long", "begins 2");
    advance(100);
    assertThat(log).as("its own end came too late to mean anything").hasSize(4);
  }

  @Test
  void a_stop_cancels_what_runs_and_its_end_means_nothing() {
    recurring.start();
    recurring.stop();
    recurring.stop();
    pieces.getFirst().ended();
    advance(10_000);
    assertThat(log).containsExactly("begins 1", "cancelled 1");
    assertThat(loop.pendingTimers()).isZero();
  }

  @Test
  void a_stop_while_it_waits_begins_nothing() {
    recurring.startAfter(Duration.ofMillis(100));
    advance(50);
    recurring.stop();
    advance(10_000);
    assertThat(log).isEmpty();
  }

  @Test
  void a_start_while_a_piece_runs_cancels_it() {
    recurring.start();
    recurring.start();
    assertThat(log).containsExactly("begins 1", "cancelled 1", "begins 2");
    pieces.getFirst().ended();
    assertThat(pieces.get(1).isInFlight()).isTrue();
    advance(400);
    assertThat(log).hasSize(3);
  }

  @Test
  void the_end_of_a_piece_counts_once() {
    recurring.start();
    pieces.getFirst().ended();
    pieces.getFirst().ended();
    advance(100);
    pieces.getFirst().ended();
    advance(400);
    assertThat(log).containsExactly("begins 1", "begins 2");
  }

  @Test
  void a_task_is_repeated_although_it_fails() {
    List<String> ran = new ArrayList<>();
    Recurring failing =
        Recurring.of(
            loop,
            Duration.ofMillis(100),
            () -> {
              ran.add("once");
              if (ran.size() == 1) {
                throw new IllegalStateException("as the test wants");
              }
            });
    assertThatThrownBy(failing::start).hasMessage("as the test wants");
    advance(250);
    assertThat(ran).hasSize(3);
  }
}
