package dev.understudy.agreement.quorum;

import dev.understudy.agreement.Loop;
import dev.understudy.agreement.register.Register;
import dev.understudy.pool.PoolId;
import java.util.List;

/** What the cases of pools share. All on the loop. */
interface Council {
  Loop loop();

  Register register();

  Feed feed();

  String replica();

  /** Whether this replica takes part now. */
  boolean isInTouch();

  /** Whether it decides by what it sees itself, being out of touch. */
  boolean isAlone();

  /** Whether what this replica says now is what the others have been told. */
  boolean isHeard();

  /** Whether all who do not live have been dropped. */
  boolean isCalm();

  /** Whose votes count. */
  List<Voter> electorate();

  /** The highest epoch of a pool that any living replica knows. */
  long newestEpoch(PoolId pool);

  /** What this replica says of a pool is another. */
  void ballotChanged(PoolId pool);

  /** What holds for a pool is another. */
  void changed(PoolId pool);

  /** Another replica was quicker. */
  void conflicted();
}
