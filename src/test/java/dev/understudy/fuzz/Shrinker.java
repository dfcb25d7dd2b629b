package dev.understudy.fuzz;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Makes a failing script smaller, as long as it fails alike. */
final class Shrinker<S> {
  private static final int MOST_TRIALS = 400;
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final ScriptFuzz<S, ?> fuzz;
  private final Failure first;
  private final long deadline = System.nanoTime() + MOST_NANOS;
  private S smallest;
  private Failure found;
  private int trials;

  Shrinker(ScriptFuzz<S, ?> fuzz, S script, Failure first) {
    this.fuzz = fuzz;
    this.first = first;
    this.smallest = script;
  }

  /** What the smallest that was found comes to. */
  Failure shrink() throws IOException {
    if (!fails(smallest)) {
      return new Failure(first.what() + " (not each time)", first.script(), first.details());
    }
    fuzz.shrink(this);
    return found;
  }

  /** The smallest so far. */
  S smallest() {
    return smallest;
  }

  /** Whether that one fails alike: it is then the smallest. */
  boolean fails(S candidate) throws IOException {
    if (trials++ > MOST_TRIALS || System.nanoTime() - deadline > 0) {
      return false;
    }
    Failure again = fuzz.failure(candidate, TIMEOUT_NANOS);
    boolean alike = again != null && again.kind().equals(first.kind());
    if (alike) {
      smallest = candidate;
      found = again;
    }
    return alike;
  }
}
