package dev.understudy.agreement.quorum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.understudy.testing.Rows;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One row of a ballot, as it is written. */
class VoteTest {
  @Rows(
      """
      UP      | UP                        | 0  | ``
      UP      | UP:17                     | 17 | ``
      SILENT  | SILENT 3 bad observations | 0  | 3 bad observations
      REFUSED | REFUSED 10.0.0.1:80: off  | 0  | 10.0.0.1:80: off
      OPEN    | OPEN 5 of 10 failed       | 0  | 5 of 10 failed
      LATE    | LATE                      | 0  | ``
      LATE_DOWN | LATE_DOWN off           | 0  | off
      """)
  void written(Finding finding, String text, long fitIn, String evidence) {
    Vote vote = new Vote(finding, fitIn, evidence);
    assertThat(vote).hasToString(text);
    assertThat(Vote.parse(text)).isEqualTo(vote);
  }

  @ParameterizedTest
  @EnumSource(Finding.class)
  void every_verdict_comes_back(Finding finding) {
    for (String evidence : new String[] {"", "a", " a", "a ", "a:b c", ":", "é\n\u0000\"\\"}) {
      Vote vote = new Vote(finding, finding == Finding.UP ? Long.MAX_VALUE : 0, evidence);
      assertThat(Vote.parse(vote.toString())).isEqualTo(vote);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {158, 159, 160, 161, 162, 1000})
  void long_evidence_is_cut_and_comes_back(int length) {
    Vote vote = new Vote(Finding.SILENT, 0, "x".repeat(length));
    assertThat(vote.evidence()).hasSizeLessThanOrEqualTo(161);
    assertThat(Vote.parse(vote.toString())).isEqualTo(vote);
  }

  @Test
  void evidence_is_not_cut_within_a_character() {
    Vote vote = new Vote(Finding.SILENT, 0, "x".repeat(159) + "\uD83D\uDE00 and more");
    byte[] bytes = vote.toString().getBytes(StandardCharsets.UTF_8);
    assertThat(Vote.parse(new String(bytes, StandardCharsets.UTF_8))).isEqualTo(vote);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "up", "UP:", "UP:x", "UP:99999999999999999999", "LATER", ":3"})
  void a_malformed_vote_is_refused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Vote.parse(text));
  }
}
