package dev.understudy.failover;

import static dev.understudy.failover.Cast.BACKUP;
import static dev.understudy.failover.Cast.BACKUP2;
import static dev.understudy.failover.Cast.MASTER;
import static dev.understudy.failover.Cast.MASTER2;
import static dev.understudy.failover.Cast.ZERO;
import static dev.understudy.failover.Cast.pool;
import static dev.understudy.failover.Cast.serving;
import static dev.understudy.failover.Cast.upSince;
import static dev.understudy.failover.Cast.view;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.database.ObservedClaim;
import dev.understudy.failover.Cast.Look;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Rows;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a choice that stays as it is. */
class ChoiceExplainerTest {
  private static final Pool DELAYED = pool(Policy.DELAYED);

  @Test
  void the_due_time_is_that_at_which_the_choice_is_looked_at_again() {
    Map<ServerId, Candidate> view =
        Map.of(BACKUP, upSince(at(0)), MASTER, upSince(at(90)), MASTER2, upSince(at(80)));
    RoleState damped = serving(BACKUP).failedBack(2, at(50));
    for (RoleState roleState : List.of(serving(BACKUP), damped)) {
      Instant again = Failover.choose(DELAYED, view, roleState, at(100)).lookAgain();
      assertThat(ChoiceExplainer.of(DELAYED, view, roleState, at(100)))
          .isInstanceOfSatisfying(
              ChoiceExplanation.FailbackAwaited.class,
              wait -> {
                assertThat(wait.better()).isEqualTo(MASTER2);
                assertThat(wait.due()).isEqualTo(again);
              });
    }
    assertThat(ChoiceExplainer.of(DELAYED, view, damped, at(100)).why())
        .isEqualTo(
            "delayed: the server has to be UP for 30 s; damped: 3rd failback within ten minutes, so"
                + " the server has to be UP for 120 s");
  }

  @Test
  void a_failback_that_waits_for_nothing_is_not_said_to_be_awaited() {
    Map<ServerId, Candidate> view =
        Map.of(BACKUP, upSince(at(0)), MASTER, upSince(at(100).plusNanos(1)));
    assertThat(ChoiceExplainer.of(pool(Policy.IMMEDIATE), view, serving(BACKUP), at(100))).isNull();
    assertThat(ChoiceExplainer.of(DELAYED, view, serving(BACKUP), at(100))).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "SICK, DOWN, ServesDown", "SICK, UNKNOWN, ServesDown", "SICK, UP, ", "DOWN, DOWN, ",
    "SICK_MAINTENANCE, DOWN, ", "UP, DOWN, ", "UP, UP, FailbackAwaited", "UP, OPEN, ",
    "UP, DRAIN, ", "GONE, UP, "
  })
  void the_servings_look_and_the_masters_decide_what_is_said(
      Look backup, Look master, String expected) {
    ChoiceExplanation said =
        ChoiceExplainer.of(DELAYED, view(BACKUP, backup, MASTER, master), serving(BACKUP), ZERO);
    assertThat(said == null ? null : said.getClass().getSimpleName()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"DOWN, DOWN, true", "DOWN, UNKNOWN, false", "MAINTENANCE, DOWN, true"})
  void nobody_is_told_of_when_no_first_probe_is_awaited(Look backup, Look master, boolean told) {
    ChoiceExplanation said =
        ChoiceExplainer.of(DELAYED, view(BACKUP, backup, MASTER, master), RoleState.NONE, ZERO);
    assertThat(said instanceof ChoiceExplanation.Nobody).isEqualTo(told);
  }

  // What is seen of master, which serves unless it is DOWN, backup and backup2: "!" denies the
  // role,
  // "<" is too far behind.
  @Rows(
      """
      a standby that can be promoted needs no word      | UP SICK! DOWN    | -
      one of two that can be will do                    | UP SICK!< SICK!  | -
      a server that is usable will do                   | UP SICK!< UP     | -
      none that can be                                  | UP SICK!< DOWN   | NoSuccessor[backup]
      none of two                                       | UP SICK!< SICK!< | NoSuccessor[backup, backup2]
      who does not respond could not be in any case     | UP DOWN< DOWN    | -
      nobody serves, and one is too far behind          | DOWN SICK!< DOWN | Nobody[backup]
      nobody serves, and none responds                  | DOWN DOWN< DOWN  | Nobody[]
      """)
  void servers_that_are_too_far_behind_are_no_successors(
      String says, String looks, String expected) {
    Map<ServerId, Candidate> view = new LinkedHashMap<>();
    String[] words = looks.split(" ");
    for (int i = 0; i < words.length; i++) {
      Candidate seen = Cast.candidate(Look.valueOf(words[i].replaceAll("[!<]", "")));
      RoleClaim denies =
          new ObservedClaim(ObservedClaim.Origin.FOUND, true, null, null, null, null);
      Candidate claimed = words[i].contains("!") ? seen.with(denies, false) : seen;
      view.put(
          List.of(MASTER, BACKUP, BACKUP2).get(i),
          words[i].endsWith("<") ? claimed.tooFarBehind("17 MB behind server master") : claimed);
    }
    RoleState roleState = looks.startsWith("UP") ? serving(MASTER) : serving(MASTER).next(null);
    ChoiceExplanation said = ChoiceExplainer.of(pool(Policy.MANUAL), view, roleState, ZERO);
    assertThat(
            switch (said) {
              case null -> "-";
              case ChoiceExplanation.NoSuccessor none -> "NoSuccessor" + sorted(none.behind());
              case ChoiceExplanation.Nobody nobody -> "Nobody" + sorted(nobody.behind());
              default -> said.toString();
            })
        .isEqualTo(expected);
    if (expected.contains("backup")) {
      assertThat(said.why()).contains("server backup is 17 MB behind server master");
      assertThat(said.why().contains("--accept-loss")).isEqualTo(looks.startsWith("DOWN"));
      assertThat(said.sameCause(said)).isTrue();
      assertThat(said.primaries()).isNull();
    }
  }

  private static List<String> sorted(Set<ServerId> servers) {
    return servers.stream().map(ServerId::value).sorted().toList();
  }

  @ParameterizedTest
  @CsvSource({"1, 1st", "2, 2nd", "3, 3rd", "4, 4th", "11, 11th", "12, 12th", "21, 21st"})
  void ordinals_are_english(int number, String expected) {
    assertThat(ChoiceExplainer.ordinal(number)).isEqualTo(expected);
  }

  private static Instant at(long seconds) {
    return ZERO.plusSeconds(seconds);
  }
}
