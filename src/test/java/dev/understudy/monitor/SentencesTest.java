package dev.understudy.monitor;

import static dev.understudy.monitor.TestPools.BACKUP;
import static dev.understudy.monitor.TestPools.MASTER;
import static dev.understudy.monitor.TestPools.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.Reason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SentencesTest {
  private static String failover(Duration took) {
    String evidence = "sen2: 3 bad observations in a row, last: status 503";
    return Sentences.switched(SENSE, MASTER, BACKUP, Reason.HEALTH_CHECK_FAILED, 2, evidence, took)
        .message();
  }

  @Test
  void a_switch_says_who_instead_of_whom_why_and_how_quickly() {
    assertThat(failover(Duration.ofMillis(1_750)))
        .isEqualTo(
            "Pool sense: sen1 serves instead of sen2: HEALTH_CHECK_FAILED (sen2: 3 bad observations"
                + " in a row, last: status 503, epoch 2, 1750 ms after the first bad sign)");
    assertThat(failover(Duration.ofMinutes(5))).endsWith(" 300 s after the first bad sign)");
  }

  @Test
  void a_first_choice_and_nobody_are_said_plainly() {
    assertThat(
            Sentences.switched(
                    SENSE, null, MASTER, Reason.INITIAL, 1, "sen2: first probe was good", null)
                .message())
        .isEqualTo("Pool sense: sen2 serves: INITIAL (sen2: first probe was good, epoch 1)");
    assertThat(Sentences.switched(SENSE, MASTER, null, Reason.NO_SERVER, 3, "x", null).message())
        .isEqualTo("Pool sense: nobody serves instead of sen2: NO_SERVER (x, epoch 3)");
  }
}
