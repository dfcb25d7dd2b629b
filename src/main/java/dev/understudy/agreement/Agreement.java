package dev.understudy.agreement;

import dev.understudy.failover.Candidate;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * How replicas agree on each failover pool's serving server.
 *
 * <p>The monitor asks for the {@link #view}, makes the choice from it, and proposes the outcome. No
 * method blocks: all are called on the monitor's thread.
 */
public interface Agreement extends AutoCloseable {
  /**
   * What is agreed on: before the first proposal what survived a restart, later what this replica
   * or another one brought about. Empty: nothing yet.
   */
  Optional<Agreed> agreed(PoolId pool);

  /**
   * Whether an application may go by the epoch that is {@link #agreed}: no replica shows another
   * one at the same time, and none lower will be shown after a restart.
   */
  boolean isEpochTrusted(PoolId pool);

  /**
   * What all replicas see of a pool, which is what the choice is made from.
   *
   * @param own what this replica sees
   */
  Map<ServerId, Candidate> view(PoolId pool, Map<ServerId, Candidate> own);

  /**
   * Proposes that {@code next} replaces {@code current}.
   *
   * @return what holds from now on: {@code next}, or what another replica was quicker with. Done at
   *     once where nobody else is to be asked; it may be completed on any thread, and fails if no
   *     agreement could be reached for now
   */
  CompletableFuture<Agreed> propose(PoolId pool, Agreed current, Agreed next);

  /** What operators asked of a server, as it survived a restart; empty: nothing. */
  Optional<OperatorState> operatorState(PoolId pool, ServerId server);

  /** An operator asked for this; it is remembered. */
  void operatorState(PoolId pool, ServerId server, OperatorState state);

  /**
   * These pools and servers exist now; what operators asked of others is forgotten. What was agreed
   * on for a pool is kept for when it comes back, within bounds: an application that was shown an
   * epoch may refuse a lower one.
   */
  void retain(Map<PoolId, Set<ServerId>> servers);

  /**
   * Calls {@code listener}, on any thread, when another replica changed what a pool's {@link
   * #agreed} or {@link #view} gives, or {@link #isEpochTrusted} says something else.
   *
   * @return ends the subscription when run
   */
  Runnable subscribe(Consumer<PoolId> listener);

  /** Ends it. What is still to be remembered is written first, within a bounded time. */
  @Override
  void close();
}
