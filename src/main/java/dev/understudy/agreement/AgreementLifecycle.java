package dev.understudy.agreement;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.util.concurrent.CompletableFuture;

/**
 * The beginning and the end of this replica's part. No method blocks, except {@link #close}, which
 * may wait for a bounded time. {@link #start} and {@link #synced} are called on the monitor's
 * thread.
 */
public interface AgreementLifecycle extends AutoCloseable {
  /** Why a process that {@linkplain #follow follows} decides nothing, for people. */
  String FOLLOWS = "this replica is being upgraded, and its other process decides";

  /** Callbacks on the monitor's thread with news of other replicas. */
  interface Listener {
    /**
     * The results of {@link RoleDecisions#agreed}, {@link RoleDecisions#view}, {@link
     * RoleDecisions#turn}, {@link RoleDecisions#operatorStates}, {@link
     * RoleDecisions#isEpochTrusted} or {@link RoleDecisions#suspends} for a pool may have changed.
     */
    void changed(PoolId pool);

    /** Another replica finds the serving server bad; it is to be probed now. */
    void suspected(PoolId pool, ServerId server, String replica);

    /**
     * This replica cannot take part, and must stop.
     *
     * @param why the reason, for people
     */
    void refused(String why);
  }

  /** Starts the agreement; called once, before anything else. */
  void start(DecisionThread loop, Listener listener);

  /** Every server of the first configuration has had its first response or time-out. */
  void synced();

  /**
   * Follows another process of this replica from now on, which decides and votes in its name; the
   * other replicas notice nothing. Ended by {@link #lead}.
   */
  void follow();

  /** Decides and votes from now on. */
  void lead();

  /**
   * Ends this replica's votes, as it is stopping. It follows the others until closed, and goes on
   * to tell them what it still sends to servers, until {@link #depart}.
   */
  void leave();

  /**
   * Tells the other replicas that this one sends nothing to any server any more, for good.
   *
   * @return completed once it is told or cannot be told, which takes a bounded time
   */
  CompletableFuture<Void> depart();

  /** Ends the agreement. Pending state is written first, within a bounded time. */
  @Override
  void close();
}
