package dev.understudy.agreement.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.testing.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  @Test
  void a_replica_has_released_a_server_if_it_said_so_of_this_switch_or_has_no_such_pool() {
    members.inTouchSince(0);
    members.update(voter("me", true), 0, true);
    members.update(telling("b", new Acknowledgement("7-1f", Release.RELEASED)), 0, true);
    members.update(telling("c", new Acknowledgement("7-1f", Release.FULL)), 0, true);
    members.update(telling("d", new Acknowledgement("6-ab", Release.RELEASED)), 0, true);
    members.update(telling("e", null), 0, true);
    members.update(voter("f", false), 0, true);
    members.update(telling("g", new Acknowledgement("7-1f", Release.RELEASED)), 0, false);
    members.update(telling("h", null), 0, false);

    assertThat(members.releases(Scene.SENSE, "7-1f", 1))
        .isEqualTo(
            Map.of(
                "me", Release.RELEASED,
                "b", Release.RELEASED,
                "c", Release.FULL,
                "d", Release.NONE,
                "e", Release.NONE,
                "f", Release.NONE,
                "g", Release.PROMISED,
                "h", Release.SILENT));
    assertThat(members.releases(Scene.SENSE, "7-1f", LIFE)).containsOnlyKeys("me");
  }

  private static Voter hooked(String replica, @Nullable Boolean hooks) {
    Ballot ballot = new Ballot(7, 0, null, Map.of(), null, hooks);
    return new Voter(replica, "run", "", true, true, Map.of(Scene.SENSE, ballot));
  }

  private static Voter telling(String replica, @Nullable Acknowledgement given) {
    Ballot ballot = new Ballot(7, 0, null, Map.of(), given, null);
    return new Voter(replica, "run", "", true, true, Map.of(Scene.SENSE, ballot));
  }

  private List<String> names(long now) {
    return members.electorate(now).stream().map(Voter::replica).toList();
  }

  private static Voter voting(String replica, long epoch) {
    Ballot ballot = new Ballot(epoch, 3, null, Map.of(), null, null);
    return new Voter(replica, "run", "", true, true, Map.of(Scene.SENSE, ballot));
  }

  private static Voter voter(String replica, boolean synced) {
    return new Voter(replica, "run", "", synced, true, Map.of());
  }
}
