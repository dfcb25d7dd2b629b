package dev.understudy.fuzz;

import java.io.IOException;
import java.util.Collection;

/** What {@code -Dunderstudy.fuzz.*} says of a run of the tests. */
final class FuzzSettings {
  /**
   * The first seed, {@code understudy.fuzz.seed}. Always the same ones by default: a build says
   * something of its change, and {@code src/bench/run fuzz} looks for what nobody has seen.
   */
  private static final long SEED = Long.getLong("understudy.fuzz.seed", 1);

  /** Kinds of failures after which a run ends. */
  private static final int FAILURES = Integer.getInteger("understudy.fuzz.failures", 1);

  private FuzzSettings() {}

  /**
   * What is found until so many scripts are played.
   *
   * @param usual unless {@code understudy.fuzz.cases} says another number
   */
  static Collection<Failure> failures(Fuzz fuzz, int usual) throws IOException {
    long end = SEED + Integer.getInteger("understudy.fuzz.cases", usual);
    Campaign campaign = new Campaign(found -> {});
    campaign.run(fuzz, SEED, seed -> seed < end && campaign.failures().size() < FAILURES);
    return campaign.failures().values();
  }
}
