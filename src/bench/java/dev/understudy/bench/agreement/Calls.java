package dev.understudy.bench.agreement;

import java.util.concurrent.atomic.LongAdder;

/** The calls of a group of replicas to its register. */
final class Calls {
  /**
   * So far.
   *
   * @param writes of votes, renewals and records, those that failed included
   * @param conflicts writes of a record that another replica was quicker with
   */
  record Count(long writes, long conflicts) {
    Count minus(Count earlier) {
      return new Count(writes - earlier.writes, conflicts - earlier.conflicts);
    }
  }

  private final LongAdder writes = new LongAdder();
  private final LongAdder conflicts = new LongAdder();

  void wrote() {
    writes.increment();
  }

  void conflicted() {
    conflicts.increment();
  }

  Count count() {
    return new Count(writes.sum(), conflicts.sum());
  }
}
