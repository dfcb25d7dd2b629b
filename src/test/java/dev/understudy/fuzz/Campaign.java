package dev.understudy.fuzz;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/** Script after script, until there are enough, or enough failures. */
public final class Campaign {
  private final Consumer<Failure> told;
  private final Map<String, Failure> failures = new TreeMap<>();
  private long played;

  /**
   * One.
   *
   * @param told the first failure of each kind
   */
  public Campaign(Consumer<Failure> told) {
    this.told = told;
  }

  /**
   * Plays.
   *
   * @param first the first seed; the others follow
   * @param more asked before each seed
   */
  public void run(Fuzz fuzz, long first, LongPredicate more) throws IOException {
    for (long seed = first; more.test(seed); seed++) {
      Failure found = fuzz.failure(seed);
      played++;
      if (found != null && failures.putIfAbsent(found.kind(), found) == null) {
        told.accept(found);
      }
    }
  }

  /** How many scripts. */
  public long played() {
    return played;
  }

  /** The first of each kind. */
  public Map<String, Failure> failures() {
    return failures;
  }
}
