package dev.understudy.agreement.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.SwitchFacts.Release;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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

  @Test
  void one_that_was_found_but_not_heard_of_while_in_touch_counts_and_abstains() {
    members.update(voting("other", 7), 0, false);
    members.inTouchSince(0);
    assertThat(members.electorate(1)).containsExactly(voting("other", 7).abstaining());
    assertThat(members.isVoting("other", 1)).isFalse();
    assertThat(members.newestEpoch(Scene.SENSE, 1)).as("an epoch is true for ever").isEqualTo(7);
    members.update(voting("other", 7), 2, true);
    assertThat(members.electorate(2)).containsExactly(voting("other", 7));
    assertThat(members.isVoting("other", 2)).isTrue();
  }

  @Test
  void after_a_gap_one_that_was_not_heard_of_for_long_counts_and_abstains() {
    members.inTouchSince(0);
    members.update(voting("other", 7), 0, true);
    members.inTouchSince(2 * LIFE);
    assertThat(members.electorate(2 * LIFE)).containsExactly(voting("other", 7).abstaining());
    assertThat(members.newestEpoch(Scene.SENSE, 2 * LIFE)).isEqualTo(7);
    assertThat(members.newestEpoch(Scene.SENSE, 3 * LIFE)).as("dropped").isZero();
  }

  @Test
  void one_that_took_part_and_is_not_heard_of_is_lost_until_it_is_or_has_left() {
    members.inTouchSince(0);
    members.update(voter("me", true), 0, true);
    members.update(voter("other", true), 0, true);
    members.update(voter("starting", false), 0, true);
    members.update(voter("found", true), 0, false);
    assertThat(members.lost(LIFE - 1)).isEmpty();
    assertThat(members.lost(LIFE)).containsExactly("other");
    members.update(voter("other", true), 2 * LIFE, true);
    assertThat(members.lost(2 * LIFE)).isEmpty();
    assertThat(members.lost(3 * LIFE)).containsExactly("other");
    members.left("other");
    assertThat(members.lost(3 * LIFE)).isEmpty();
  }

  @Test
  void this_replica_never_abstains() {
    members.update(voting("me", 7), 0, false);
    assertThat(members.electorate(100 * LIFE)).containsExactly(voting("me", 7));
  }

  @Test
  void this_replica_lives_always() {
    members.inTouchSince(0);
    members.update(voter("me", true), 0, true);
    assertThat(names(100 * LIFE)).containsExactly("me");
  }

  @Test
  void one_that_is_not_synced_does_not_count() {
    members.inTouchSince(0);
    members.update(voter("other", false), 0, true);
    members.update(voter("me", false), 0, true);
    assertThat(names(0)).isEmpty();
    assertThat(members.all()).hasSize(2);
    members.update(voter("other", true), 0, true);
    assertThat(names(0)).containsExactly("other");
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

  @Test
  void the_own_entry_counts_once_it_came_back() {
    assertThat(members.self()).isNull();
    members.update(voter("other", true), 0, true);
    assertThat(members.self()).isNull();
    members.update(voter("me", true), 0, true);
    assertThat(members.self()).isEqualTo(voter("me", true));
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
  void the_next_change_by_time_is_the_first_that_expires_or_the_calm() {
    members.inTouchSince(0);
    assertThat(members.nextExpiry(0)).as("the calm").isEqualTo(LIFE);
    members.update(voter("me", true), 0, true);
    assertThat(members.nextExpiry(0)).as("this replica does not expire").isEqualTo(LIFE);
    assertThat(members.nextExpiry(LIFE)).isNull();
    members.update(voter("b", true), 5 * SECOND, true);
    members.update(voter("c", true), 3 * SECOND, true);
    assertThat(members.nextExpiry(5 * SECOND)).as("the calm").isEqualTo(SECOND);
    assertThat(members.nextExpiry(6 * SECOND)).as("c").isEqualTo(3 * SECOND);
    assertThat(members.nextExpiry(9 * SECOND)).as("c has, b is next").isEqualTo(2 * SECOND);
    assertThat(members.nextExpiry(11 * SECOND)).isNull();
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

    assertThat(members.releases(Scene.SENSE, "7-1f", 1))
        .isEqualTo(
            Map.of(
                "me", Release.RELEASED,
                "b", Release.RELEASED,
                "c", Release.FULL,
                "d", Release.NONE,
                "e", Release.NONE,
                "f", Release.NONE,
                "g", Release.NONE));
    assertThat(members.releases(Scene.SENSE, "7-1f", LIFE)).containsOnlyKeys("me");
  }

  @Test
  void those_whose_files_lack_the_hooks_of_a_pool_do_not_act_on_it_if_another_has_some() {
    members.inTouchSince(0);
    members.update(hooked("me", false), 0, true);
    members.update(hooked("b", null), 0, true);
    members.update(voter("without-the-pool", true), 0, true);
    assertThat(members.actors(Scene.SENSE, 1)).containsExactly("b", "me");
    members.update(hooked("c", true), 0, true);
    assertThat(members.actors(Scene.SENSE, 1)).containsExactly("b", "c");
    assertThat(members.actors(Scene.SENSE, LIFE)).as("the others are dead").containsExactly("me");
  }

  private static Voter hooked(String replica, @Nullable Boolean hooks) {
    Ballot ballot = new Ballot(7, null, Map.of(), null, hooks);
    return new Voter(replica, "run", "", true, true, Map.of(Scene.SENSE, ballot));
  }

  @Test
  void a_living_replica_that_missed_a_renewal_is_silent() {
    members.inTouchSince(0);
    members.update(voter("me", true), 0, true);
    members.update(voter("b", true), 0, true);
    assertThat(members.silent(LIFE * 2 / 3 - 1)).isEmpty();
    assertThat(members.silent(LIFE * 2 / 3)).contains("b");
    assertThat(members.silent(LIFE)).as("it is not counted any more").isEmpty();
  }

  private static Voter telling(String replica, @Nullable Acknowledgement given) {
    Ballot ballot = new Ballot(7, null, Map.of(), given, null);
    return new Voter(replica, "run", "", true, true, Map.of(Scene.SENSE, ballot));
  }

  private List<String> names(long now) {
    return members.electorate(now).stream().map(Voter::replica).toList();
  }

  private static Voter voting(String replica, long epoch) {
    Ballot ballot = new Ballot(epoch, null, Map.of());
    return new Voter(replica, "run", "", true, true, Map.of(Scene.SENSE, ballot));
  }

  private static Voter voter(String replica, boolean synced) {
    return new Voter(replica, "run", "", synced, true, Map.of());
  }
}
