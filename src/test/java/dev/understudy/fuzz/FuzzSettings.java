package dev.understudy.fuzz;

import java.util.function.LongPredicate;

/** What {@code -Dunderstudy.fuzz.*} says of a run of the tests. */
final class FuzzSettings {
  /**
   * The first seed, {@code understudy.fuzz.seed}. Always the same ones by default: a build says
   * something of its change, and {@code src/bench/run fuzz} looks for what nobody has seen.
   */
  static final long SEED = Long.getLong("understudy.fuzz.seed", 1);

  /** Kinds of failures after which a run ends. */
  private static final int FAILURES = Integer.getInteger("understudy.fuzz.failures", 1);

  private FuzzSettings() {}

  /**
   * Until so many are played, or something is found.
   *
   * @param usual unless {@code understudy.fuzz.cases} says another number
   */
  static LongPredicate until(int usual, Campaign campaign) {
    long end = SEED + Integer.getInteger("understudy.fuzz.cases", usual);
    return seed -> seed < end && campaign.failures().size() < FAILURES;
  }
}
