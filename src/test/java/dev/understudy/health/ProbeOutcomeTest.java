package dev.understudy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Outcomes of probes in words for people. */
class ProbeOutcomeTest {
  @Rows(
      """
      OK             | status 200             | good: status 200
      BAD_STATUS     | status 503             | not well: status 503
      CONNECT_FAILED | connection refused     | no connection: connection refused
      TIMED_OUT      | no response in time    | no response in time
      TIMED_OUT      | ``                     | no response in time
      """)
  void an_outcome_is_said_with_what_the_probe_saw(
      ProbeOutcome outcome, String detail, String words) {
    assertThat(outcome.words(detail)).isEqualTo(words);
  }

  @Test
  void no_words_are_a_code() {
    assertThat(Arrays.stream(ProbeOutcome.values()).map(ProbeOutcome::words))
        .noneMatch(words -> words.contains("_") || words.equals(words.toUpperCase(Locale.ROOT)));
  }
}
