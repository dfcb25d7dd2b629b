package dev.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.testing.LogCapture;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The log of a task that fails again and again. */
@Isolated("reads what is logged")
class RepeatedTaskTest {
  private long now = Long.MAX_VALUE - Duration.ofSeconds(30).toNanos();
  private boolean broken = true;
  private final RepeatedTask task =
      new RepeatedTask(
          () -> {
            if (broken) {
              throw new StackOverflowError("made up");
            }
          },
          () -> now);

  private void run(int seconds) {
    for (int second = 0; second < seconds; second++) {
      task.run();
      now += Duration.ofSeconds(1).toNanos();
    }
  }

  private static List<String> messages(LogCapture log) {
    return log.events().stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void failures_in_a_row_are_one_trace_and_then_a_count_each_minute() {
    try (LogCapture log = LogCapture.of(RepeatedTask.class)) {
      run(150);

      String count =
          "A repeated task of the statistics failed 60 times more in a row:"
              + " java.lang.StackOverflowError: made up";
      assertThat(messages(log))
          .containsExactly("A repeated task of the statistics failed", count, count);
      assertThat(log.events().get(0).getThrowableProxy()).isNotNull();
      assertThat(log.events().get(1).getThrowableProxy()).isNull();
    }
  }

  @Test
  void a_failure_after_successes_has_its_trace_but_not_more_often_than_once_a_minute() {
    try (LogCapture log = LogCapture.of(RepeatedTask.class)) {
      for (int turn = 0; turn < 60; turn++) {
        broken = true;
        run(1);
        broken = false;
        run(1);
      }
      assertThat(messages(log))
          .containsExactly(
              "A repeated task of the statistics failed",
              "A repeated task of the statistics failed");
      assertThat(log.events()).allMatch(event -> event.getThrowableProxy() != null);
    }
  }
}
