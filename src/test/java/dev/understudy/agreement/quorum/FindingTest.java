package dev.understudy.agreement.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.Candidate;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.StateOrigin;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a replica finds of a server, from what it sees of it. */
class FindingTest {
  @Rows(
      """
      // row                                       | status  | answered | refused | open  | finding  | down  | bad
      its first probe has not ended               | UNKNOWN | false    | false   | false | UNKNOWN  | false | false
      its first probe has not ended, breaker open | UNKNOWN | false    | false   | true  | UNKNOWN  | false | false
      well                                        | UP      | true     | false   | false | UP       | false | false
      well, but its last probe was not answered   | UP      | false    | false   | false | UP       | false | false
      well, but its breaker is open               | UP      | true     | false   | true  | OPEN     | false | true
      answers badly                               | DOWN    | true     | false   | false | RESPONDING | true  | true
      answers again after a refused connection    | DOWN    | true     | true    | false | RESPONDING | true  | true
      refuses connections                         | DOWN    | false    | true    | false | REFUSED  | true  | true
      silent                                      | DOWN    | false    | false   | false | SILENT   | true  | true
      silent, breaker open                        | DOWN    | false    | false   | true  | SILENT   | true  | true
      """)
  void of(
      String row,
      HealthStatus status,
      boolean answered,
      boolean refused,
      boolean open,
      Finding expected,
      boolean down,
      boolean bad) {
    Candidate candidate = Scene.candidate(status, Scene.NOW, answered, refused, open, "");
    assertThat(Finding.of(candidate)).isEqualTo(expected);
    assertThat(expected.isDown()).isEqualTo(down);
    assertThat(expected.isBad()).isEqualTo(bad);
  }

  @ParameterizedTest
  @CsvSource({
    "DRAIN, AGENT, AGENT_DRAIN, set to drain (agent)",
    "MAINTENANCE, AGENT, AGENT_MAINTENANCE, set to maintenance (agent)",
    "DRAIN, CLUSTER, CLUSTER_DRAIN, set to drain (cluster)"
  })
  void one_that_its_agent_or_cluster_takes_out_of_use_is_voted_down(
      OperatorState state, StateOrigin setter, Finding expected, String evidence) {
    Candidate up = Scene.candidate('U', Scene.NOW);
    assertThat(Vote.on(up.with(state, setter), true, 7)).isEqualTo(new Vote(expected, 0, evidence));
    assertThat(expected.isDown()).isTrue();
  }

  @Rows(
      """
      // row                                          | of | vote
      well when it was last checked                  | U  | LATE
      its breaker open: these may be own time-outs   | O  | LATE
      in doubt                                       | K  | LATE
      silent when it was last checked                | S  | LATE_DOWN evidence S
      responding badly then                          | A  | LATE_DOWN evidence A
      nothing is known of it yet                     | ?  | UNKNOWN
      """)
  void one_whose_checks_are_late_is_no_news(String row, char of, String expected) {
    Vote vote = Vote.on(Scene.candidate(of, Scene.NOW).withLateChecks(true), true, 7);
    assertThat(vote).hasToString(expected);
    assertThat(vote.finding()).returns(false, Finding::isBad).returns(false, Finding::isDown);
  }

  @Test
  void late_checks_lift_neither_a_stale_claim_nor_a_drain() {
    Candidate late = Scene.candidate('U', Scene.NOW).withLateChecks(true);
    assertThat(Finding.of(late.with(late.claim(), true))).isEqualTo(Finding.STALE);
    assertThat(Finding.of(late.with(OperatorState.DRAIN, StateOrigin.AGENT)))
        .isEqualTo(Finding.AGENT_DRAIN);
  }

  @Rows(
      """
      // row                                       | of | late  | finding
      responds                                    | A  | false | TOO_FAR_BEHIND
      does not respond: nobody would promote it   | S  | false | SILENT
      UP: promoted already                        | U  | false | UP
      responded when it was last checked          | A  | true  | LATE_DOWN
      """)
  void one_that_is_too_far_behind_is_voted_so_while_it_could_be_promoted(
      String row, char of, boolean late, Finding expected) {
    Candidate behind = Scene.candidate(of, Scene.NOW).tooFarBehind("17 MB behind server master");
    assertThat(Finding.of(behind.withLateChecks(late))).isEqualTo(expected);
    assertThat(Finding.TOO_FAR_BEHIND).returns(true, Finding::isDown).returns(true, Finding::isBad);
  }

  @Test
  void one_that_is_kept_in_doubt_is_not_voted_up() {
    Candidate kept = Scene.candidate('S', Scene.NOW).kept();
    assertThat(Vote.on(kept, true, 7))
        .isEqualTo(new Vote(Finding.DOUBTED, 0, "in doubt (evidence S)"));
    assertThat(Finding.DOUBTED).returns(false, Finding::isBad);
  }
}
