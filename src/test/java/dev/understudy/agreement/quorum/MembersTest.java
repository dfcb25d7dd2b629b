package dev.understudy.agreement.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.quorum.Voter.Stage;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.Rows;
import dev.understudy.testing.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who lives: heard of in the last 6 s, if this replica was in touch for all that time. */
class MembersTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long LIFE = 6 * SECOND;

  private final Members members =
      new Members(new QuorumSettings("me", "run", "", Duration.ofSeconds(2), OnLoss.LOCAL));

  @ParameterizedTest
  @ValueSource(longs = {0, -3 * SECOND, -LIFE, Long.MIN_VALUE, Long.MAX_VALUE - SECOND})
  void one_that_is_not_heard_of_for_three_renewals_does_not_live(long start) {
    members.inTouchSince(start);
    members.update(voter("other", true), start + SECOND, true);
    assertThat(names(start + SECOND)).containsExactly("other");
    assertThat(names(start + SECOND + LIFE - 1)).containsExactly("other");
    assertThat(names(start + SECOND + LIFE)).isEmpty();
    members.update(voter("other", true), start + 2 * LIFE, true);
    assertThat(names(start + 2 * LIFE)).containsExactly("other");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -3 * SECOND, Long.MAX_VALUE - SECOND})
  void a_gap_in_touch_gives_all_their_time_anew(long start) {
    members.inTouchSince(start);
    members.update(voter("other", true), start, true);
    assertThat(names(start + LIFE)).isEmpty();
    members.inTouchSince(start + 2 * LIFE);
    assertThat(names(start + 2 * LIFE)).containsExactly("other");
    assertThat(names(start + 3 * LIFE - 1)).containsExactly("other");
    assertThat(names(start + 3 * LIFE)).isEmpty();
  }

  /**
   * Times are seconds, those with "-" a nanosecond before. Heard of is a replica with its words,
   * such as {@code b unsynced}; {@code found} is one that was only listed.
   */
  @Scenario.Each(
      """
      one that was found but not heard of while in touch counts and abstains, and its epoch is true for ever
        found 0 other epoch; touch 0; votes 1 other abstaining; older 1 7 2; newest 1 7 3
        heard 2 other epoch
        votes 2 other epoch
      after a gap one that was not heard of for long counts and abstains, until it is dropped
        touch 0; heard 0 other epoch; touch 12; votes 12 other abstaining; older 12 7 2; older 12 6 9; newest 12 7 3
        newest 12 8 1; older 12 7 2 4; newest 12 7 2 3; newest 18 0 0
      one that took part and is not heard of is lost until it is, or has left
        touch 0; heard 0 me; heard 0 other; heard 0 starting unsynced; found 0 found
        lost 6-; lost 6 other; heard 12 other; lost 12; lost 18 other; left other; lost 18
      this replica never abstains
        found 0 me epoch; votes 600 me epoch
      this replica lives always
        touch 0; heard 0 me; live 600 me
      one that is not synced does not count
        touch 0; heard 0 other unsynced; heard 0 me unsynced; live 0; all 2; heard 0 other; live 0 other
      the own entry counts once it came back
        self none; heard 0 other; self none; heard 0 me; self me
      the next change by time is the first that expires, or the calm; this replica does not expire
        touch 0; next 0 6; heard 0 me; next 0 6; next 6 none; heard 5 b; heard 3 c; next 5 1
        next 6 3; next 9 2; next 11 none
      those whose files lack the hooks of a pool do not act on it if another living one has some
        touch 0; heard 0 me unhooked; heard 0 b early; heard 0 without-the-pool; act 0 b me
        heard 0 c hooked; act 0 b c; act 6 me
      a living replica that missed a renewal is silent until it is not counted any more
        touch 0; heard 0 me; heard 0 b; silent 4-; silent 4 b; silent 6
      """)
  void who_lives(Scenario scenario) {
    scenario.play(this::play);
  }

  private void play(Scenario.Words words) {
    String others = words.all().length < 3 ? "" : words.from(2);
    switch (words.at(0)) {
      case "touch" -> members.inTouchSince(at(words.at(1)));
      case "heard", "found" ->
          members.update(voter(others), at(words.at(1)), words.at(0).equals("heard"));
      case "left" -> assertThat(members.left(words.at(1))).isNotNull();
      case "live" -> assertThat(String.join(" ", names(at(words.at(1))))).isEqualTo(others);
      case "lost" -> assertThat(String.join(" ", members.lost(at(words.at(1))))).isEqualTo(others);
      case "silent" ->
          assertThat(members.silent(at(words.at(1))))
              .isEqualTo(Optional.ofNullable(others.isEmpty() ? null : others));
      case "act" ->
          assertThat(String.join(" ", members.actors(Scene.SENSE, at(words.at(1)))))
              .isEqualTo(others);
      case "all" -> assertThat(members.all()).hasSize(words.number(1));
      case "newest", "older" ->
          assertThat(
                  members.isNewest(
                      Scene.SENSE,
                      words.number(2),
                      words.number(3),
                      words.all().length < 5 ? Long.MAX_VALUE : words.number(4),
                      at(words.at(1))))
              .isEqualTo(words.at(0).equals("newest"));
      case "votes" -> {
        assertThat(members.electorate(at(words.at(1)))).containsExactly(voter(others));
        assertThat(members.isVoting(words.at(2), at(words.at(1))))
            .isEqualTo(!others.endsWith("abstaining"));
      }
      case "self" ->
          assertThat(members.self())
              .isEqualTo(words.at(1).equals("none") ? null : voter(words.at(1)));
      case "next" ->
          assertThat(members.nextExpiry(at(words.at(1))))
              .isEqualTo(others.equals("none") ? null : (Long) (words.number(2) * SECOND));
      default -> throw new IllegalArgumentException(words.at(0));
    }
  }

  private static long at(String seconds) {
    long before = seconds.endsWith("-") ? 1 : 0;
    return Long.parseLong(seconds.replace("-", "")) * SECOND - before;
  }

  /** From a name and what it says. */
  private static Voter voter(String text) {
    String[] words = text.split(" ", -1);
    return switch (words.length == 1 ? "" : words[1]) {
      case "epoch" -> voting(words[0], 7);
      case "abstaining" -> voting(words[0], 7).abstaining();
      case "hooked", "unhooked" -> hooked(words[0], words[1].equals("hooked"));
      case "early" -> hooked(words[0], null);
      case "unsynced" -> voter(words[0], false);
      default -> voter(words[0], true);
    };
  }

  @Test
  void one_that_left_does_not_count() {
    members.inTouchSince(0);
    Voter voter = voter("other", true);
    assertThat(members.update(voter, 0, true)).isNull();
    assertThat(members.update(voter("other", false), 1, true)).isEqualTo(voter);
    assertThat(members.left("other")).isEqualTo(voter("other", false));
    assertThat(members.left("other")).isNull();
    assertThat(names(0)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -3 * SECOND, Long.MAX_VALUE - SECOND})
  void it_is_calm_when_all_who_could_be_silent_were_dropped(long start) {
    members.inTouchSince(start);
    assertThat(members.isSettled(start)).isFalse();
    assertThat(members.isSettled(start + LIFE - 1)).isFalse();
    assertThat(members.isSettled(start + LIFE)).isTrue();
  }

  /** Replicas as who_lives has them, what each told, and what that comes to at 1 s. */
  @Rows(
      """
      it said so of this switch                                     | 7-1f RELEASED                | RELEASED
      a bound of its hold is reached                                | 7-1f FULL                    | FULL
      it said so of another switch                                  | 6-ab RELEASED                | NONE
      it told nothing                                               | nothing                      | NONE
      its file lacks the pool                                       | lacks                        | RELEASED
      its file lacks the pool, but its requests run at the server   | lacks running here           | NONE
      its file lacks the pool, and its requests run elsewhere       | lacks running elsewhere      | RELEASED
      it is starting                                                | lacks starting               | NONE
      it is stopping, and told nothing                              | nothing leaving              | NONE
      it is stopping, and said so of this switch                    | 7-1f RELEASED leaving        | RELEASED
      it is stopping, its file lacks the pool, its requests run     | lacks leaving running here   | NONE
      it said so, and missed a renewal before this one was in touch | 7-1f RELEASED unheard        | PROMISED
      it told nothing, and missed a renewal                         | nothing unheard              | SILENT
      it was stopping, and has departed                             | nothing leaving departed     | RELEASED
      it was not stopping, and its entry is gone                    | 7-1f RELEASED departed       | -
      it was stopping, and is silent for three renewals             | 7-1f RELEASED leaving dead   | -
      it has departed, and another process of its name is starting  | nothing leaving departed back | NONE
      """)
  void what_a_replica_told_of_a_planned_switch(String row, String told, String expected) {
    members.inTouchSince(0);
    boolean unheard = told.contains("unheard");
    members.update(telling("b", told), 0, !unheard);
    if (told.contains("departed")) {
      members.left("b");
    }
    if (told.contains("back")) {
      members.update(voter("b", false), 0, true);
    }
    long now = told.contains("dead") ? LIFE : 1;
    PlannedSwitch planned = planned("b");

    assertThat(
            String.valueOf(
                members
                    .releases(Scene.SENSE, Set.of("here"), planned, now)
                    .getOrDefault("b", null)))
        .isEqualTo(expected.equals("-") ? "null" : expected);
    assertThat(members.deciding(now))
        .isEqualTo(told.matches(".*(starting|leaving|departed|dead).*") ? Set.of() : Set.of("b"));
  }

  @Test
  void one_that_has_departed_is_not_asked_of_a_switch_that_it_was_no_part_of() {
    members.inTouchSince(0);
    members.update(telling("b", "nothing leaving"), 0, true);
    members.left("b");

    assertThat(members.releases(Scene.SENSE, Set.of(), planned("c"), 1)).isEmpty();
    assertThat(members.releases(Scene.SENSE, Set.of(), null, 1)).isEmpty();
  }

  private static PlannedSwitch planned(String replica) {
    return new PlannedSwitch(
        "7-1f",
        new ServerId("sen1"),
        new SwitchRequest(new ServerId("sen2"), Duration.ofSeconds(10), false, null, null),
        8,
        replica,
        Set.of(replica),
        false,
        List.of(new PlannedSwitch.Stage(SwitchPhase.PAUSING, Instant.EPOCH, "")));
  }

  private static Voter telling(String replica, String told) {
    String[] words = told.split(" ", -1);
    Acknowledgement given =
        words.length < 2 || !words[0].contains("-")
            ? null
            : new Acknowledgement(words[0], Release.valueOf(words[1]));
    Ballot ballot = new Ballot(7, 0, null, Map.of(), given, null);
    Stage stage =
        told.contains("leaving")
            ? Stage.LEAVING
            : told.contains("starting") ? Stage.STARTING : Stage.DECIDING;
    return new Voter(
        replica,
        "run",
        "",
        stage,
        true,
        words[0].equals("lacks") ? Map.of() : Map.of(Scene.SENSE, ballot),
        told.contains("running")
            ? Set.of(told.contains("elsewhere") ? "elsewhere" : "here")
            : Set.of());
  }

  private static Voter hooked(String replica, @Nullable Boolean hooks) {
    Ballot ballot = new Ballot(7, 0, null, Map.of(), null, hooks);
    return new Voter(
        replica, "run", "", Stage.DECIDING, true, Map.of(Scene.SENSE, ballot), Set.of());
  }

  private List<String> names(long now) {
    return members.electorate(now).stream().map(Voter::replica).toList();
  }

  private static Voter voting(String replica, long epoch) {
    Ballot ballot = new Ballot(epoch, 3, null, Map.of(), null, null);
    return new Voter(
        replica, "run", "", Stage.DECIDING, true, Map.of(Scene.SENSE, ballot), Set.of());
  }

  private static Voter voter(String replica, boolean synced) {
    return new Voter(
        replica, "run", "", synced ? Stage.DECIDING : Stage.STARTING, true, Map.of(), Set.of());
  }
}
