package dev.understudy.agreement;

import dev.understudy.failover.Candidate;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * How replicas agree on each failover pool's serving server.
 *
 * <p>The monitor {@link #report reports} what this replica sees, asks for the {@link #view} of all,
 * makes the choice from it, and, when it is this replica's {@link #turn}, proposes the outcome. No
 * method blocks: all but {@link #contact}, {@link #ready}, {@link #status} and {@link #close} are
 * called on the monitor's thread.
 */
public interface Agreement extends AutoCloseable {
  /** Told, on the monitor's thread, what other replicas brought about. */
  interface Listener {
    /**
     * What {@link #agreed}, {@link #view}, {@link #turn}, {@link #operatorStates}, {@link
     * #isEpochTrusted} or {@link #suspends} say of a pool may be another.
     */
    void changed(PoolId pool);

    /** Another replica finds the serving server bad: to be probed now. */
    void suspected(PoolId pool, ServerId server, String replica);

    /** This replica can't take part, and must stop: for people. */
    void refused(String why);
  }

  /** Begins; called once, before anything else. */
  void start(Loop loop, Listener listener);

  /** Every server of the first configuration has had its first response or time-out. */
  void synced();

  /**
   * What is agreed on: before the first proposal what survived a restart, later what this replica
   * or another one brought about. Empty: nothing yet.
   */
  Optional<Agreed> agreed(PoolId pool);

  /**
   * Whether an application may go by the epoch that is {@link #agreed}, while there is {@link
   * #contact}: no replica shows another one at the same time, and none lower will be shown after a
   * restart.
   */
  boolean isEpochTrusted(PoolId pool);

  /** Whether this replica is in touch; the same object at all times. */
  Contact contact();

  /** Whether nothing may be sent to any server of a failover pool while there is no contact. */
  boolean suspends();

  /** Whether a server that a new file takes away serves on until all have moved from it. */
  boolean keepsServing();

  /**
   * Tells what this replica sees of a pool; to be called on all news, and before {@link #view}.
   *
   * @param file the pool as the file has it
   * @param inForce the same, but with the serving server as it was if {@link #keepsServing}
   * @param own what this replica sees of the servers in force
   */
  void report(Pool file, Pool inForce, Map<ServerId, Candidate> own);

  /**
   * What all replicas see of a pool, which is what the choice is made from.
   *
   * @param own what this replica sees
   */
  Map<ServerId, Candidate> view(Pool pool, Map<ServerId, Candidate> own);

  /**
   * How long after a change is called for this replica proposes it, if it is still called for then;
   * empty: not at all for now, and the listener hears when that has changed.
   */
  Optional<Duration> turn(PoolId pool);

  /**
   * Proposes that {@code next} replaces {@code current}.
   *
   * @return what holds from now on: {@code next}, or what another replica was quicker with. Done at
   *     once where nobody else is to be asked; it is completed on the monitor's thread, and fails
   *     if no agreement could be reached for now
   */
  CompletableFuture<Agreed> propose(PoolId pool, Agreed current, Agreed next);

  /** Whether operators can change anything now; if not, why not, for people. */
  Optional<String> whyNoCommands();

  /** What operators asked of a pool's servers; one that is not there is ready. */
  Map<ServerId, OperatorState> operatorStates(PoolId pool);

  /** An operator asks for this. Completed on the monitor's thread; fails if it can't be kept. */
  CompletableFuture<Void> operatorState(PoolId pool, ServerId server, OperatorState state);

  /**
   * These pools and servers exist now; what operators asked of others is forgotten. What was agreed
   * on for a pool is kept for when it comes back, within bounds: an application that was shown an
   * epoch may refuse a lower one.
   */
  void retain(Map<PoolId, Set<ServerId>> servers);

  /** Whether this replica may take traffic as far as the others are concerned. */
  boolean ready();

  /** How things stand, for people and metrics. */
  AgreementStatus status();

  /** We are stopping: this replica no longer counts, and follows the others until closed. */
  void leave();

  /** Ends it. What is still to be remembered is written first, within a bounded time. */
  @Override
  void close();
}
