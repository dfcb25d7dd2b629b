package dev.understudy.agreement.quorum;

import dev.understudy.agreement.Loop;
import dev.understudy.agreement.register.Register;
import dev.understudy.pool.PoolId;
import java.util.List;

/**
 * State and services that the agreements on all pools share. All methods are called on the loop.
 */
interface QuorumContext {
  Loop loop();

  Register register();

  Feed feed();

  String replica();

  /** Whether this replica takes part now. */
  boolean isInTouch();

  /** Whether this replica decides by its own view, being out of touch. */
  boolean isAlone();

  /** Whether the other replicas have been told this replica's present votes. */
  boolean isHeard();

  /** Whether every replica that is no longer heard of has stopped counting. */
  boolean isCalm();

  /** The replicas whose votes count. */
  List<Voter> electorate();

  /** The highest epoch of a pool that any living replica knows. */
  long newestEpoch(PoolId pool);

  /** This replica's votes on a pool changed. */
  void ballotChanged(PoolId pool);

  /** The agreement on a pool, or this replica's turn, may have changed. */
  void changed(PoolId pool);

  /** Another replica's write came first. */
  void conflicted();
}
