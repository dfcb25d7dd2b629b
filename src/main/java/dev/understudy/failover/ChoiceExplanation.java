package dev.understudy.failover;

import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Explanation of a choice that stays although something speaks against it. See {@link
 * ChoiceExplainer}.
 */
public sealed interface ChoiceExplanation {
  /** The cause in a few words, for people. */
  String why();

  /** Whether {@code other} has the same cause, times and evidence aside. */
  default boolean sameCause(@Nullable ChoiceExplanation other) {
    return other != null && getClass() == other.getClass() && cause().equals(other.cause());
  }

  private List<Object> cause() {
    return switch (this) {
      case FailbackAwaited awaited -> List.of(awaited.serving(), awaited.better(), awaited.why());
      case TwoPrimaries two -> List.of(two.serving(), two.claimant(), two.why());
      case ServesDown down -> List.of(down.serving());
      case NoSuccessor none -> List.of(none.serving(), none.behind());
      case Nobody nobody -> List.of(nobody.behind());
    };
  }

  /**
   * A server of better rank is usable, but does not serve yet.
   *
   * @param better that server
   * @param due when that server takes over if nothing else changes, by the clock on the wall; null
   *     if an operator decides
   * @param why the cause that delays the failback
   */
  record FailbackAwaited(ServerId serving, ServerId better, @Nullable Instant due, String why)
      implements ChoiceExplanation {}

  /** The two primaries of this explanation; null if there are none. */
  default @Nullable TwoPrimaries primaries() {
    return switch (this) {
      case TwoPrimaries two -> two;
      case Nobody nobody -> nobody.twoPrimaries();
      case FailbackAwaited none -> null;
      case ServesDown none -> null;
      case NoSuccessor none -> null;
    };
  }

  /**
   * Another server claims to be primary while one serves; its checks prove the role.
   *
   * @param serving the serving server or, while nobody serves, the one that served last
   * @param claimant that server, the most preferred if there are several
   * @param since when its claim began, by the clock on the wall
   * @param stale whether it must not serve by itself even if the serving server fails
   * @param why the claim in one sentence, with all claimants
   */
  record TwoPrimaries(ServerId serving, ServerId claimant, Instant since, boolean stale, String why)
      implements ChoiceExplanation {}

  /** The serving server is DOWN, but responds to probes, and no other server is usable. */
  record ServesDown(ServerId serving, String why) implements ChoiceExplanation {}

  /**
   * The serving server is usable, but if it failed nobody would be promoted without an operator's
   * word: all that could be are too far behind.
   *
   * @param behind those
   * @param why how far, for people
   */
  record NoSuccessor(ServerId serving, Set<ServerId> behind, String why)
      implements ChoiceExplanation {}

  /**
   * No server serves; all first probes have ended, and none is usable.
   *
   * @param behind those that could be promoted, but for what their data lacks
   * @param twoPrimaries a stale claim beside the server that served last; null if there is none
   */
  record Nobody(String why, Set<ServerId> behind, @Nullable TwoPrimaries twoPrimaries)
      implements ChoiceExplanation {}
}
