package dev.understudy.agreement;

import dev.understudy.failover.Candidate;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What replicas agree on about pools' roles, and operators' states. The monitor {@link #report
 * reports} this replica's view, asks for the {@link #view} of all, makes the choice from it, and,
 * when it is this replica's {@link #turn}, proposes the outcome. No method blocks. All are called
 * on the monitor's thread.
 */
public interface RoleDecisions {
  /**
   * The agreement on a pool: before the first proposal what survived a restart, later the result of
   * this replica's or another's proposals. Empty if there is none yet.
   */
  Optional<AgreedRole> agreed(PoolId pool);

  /**
   * Whether an application may rely on the epoch of {@link #agreed}, as it is at this moment, while
   * there is {@link ReplicaMembership#contact}: no replica shows another one at the same time, and
   * no lower one will be shown after a restart.
   */
  boolean isEpochTrusted(PoolId pool);

  /** Whether no server of a failover pool may be sent anything while there is no contact. */
  boolean suspends();

  /** Whether a serving server that a new file removes serves on until all replicas have left it. */
  boolean keepsServing();

  /**
   * Reports this replica's view of a pool; to be called on all news, and before {@link #view}.
   *
   * @param file the pool as the file has it
   * @param inForce the same, but with the serving server as it was if {@link #keepsServing}
   * @param own this replica's view of the servers in force
   */
  void report(Pool file, Pool inForce, Map<ServerId, Candidate> own);

  /**
   * The view of all replicas on a pool, from which the choice is made.
   *
   * @param own this replica's view
   */
  Map<ServerId, Candidate> view(Pool pool, Map<ServerId, Candidate> own);

  /**
   * Time for which this replica waits before it proposes a change that stays called for; empty if
   * it may not propose for now; the listener is called when that changes.
   *
   * @param passed how many replicas, from the first in the order in which they write, come last
   */
  Optional<Duration> turn(PoolId pool, int passed);

  /**
   * Proposes to replace {@code current} by {@code next}.
   *
   * @return the agreement from now on: {@code next}, or another replica's that came first.
   *     Completed at once if no other replica is asked, else on the monitor's thread; fails if no
   *     agreement could be reached for now
   */
  CompletableFuture<AgreedRole> propose(PoolId pool, AgreedRole current, AgreedRole next);

  /** Operator states of a pool and its servers, and who set them as far as that is known. */
  OperatorStates operatorStates(PoolId pool);

  /**
   * Sets an operator state. Completed on the monitor's thread; fails if it cannot be kept.
   *
   * @param over what it overrides of the server's agent; null if nothing
   * @param by null if not known
   */
  CompletableFuture<Void> operatorState(
      PoolId pool,
      ServerId server,
      OperatorState state,
      @Nullable AgentOverride over,
      @Nullable Operator by);

  /** Forgets an override, as the agent has said another state; completed as the above. */
  CompletableFuture<Void> endOverride(PoolId pool, ServerId server, AgentOverride ended);

  /** Begins or ends the maintenance of a whole pool; completed as {@link #operatorState}. */
  CompletableFuture<Void> maintenance(PoolId pool, PoolMaintenance next);

  /** The reason why operators' commands are impossible now, for people; empty if possible. */
  Optional<String> whyNoCommands();

  /**
   * Tells which pools exist from now on; those that do not are no longer voted on. A pool that was
   * not there before, and has the servers of one that goes, by URL, takes along what is agreed on
   * that: role, epoch and operators' states.
   *
   * @param pools as the file has them, also those of a configuration that may still be refused
   * @param going those of them that go with that configuration
   */
  void exist(Collection<Pool> pools, Set<PoolId> going);

  /**
   * Drops the operator states of all other pools and servers, once a configuration is accepted for
   * good. The agreement on a removed pool is kept for its return, within bounds: an application
   * that was shown an epoch may refuse a lower one.
   *
   * @param servers the pools and servers that exist now
   */
  void retain(Map<PoolId, Set<ServerId>> servers);

  /** Whether what is agreed on is kept beyond a restart, as long as nothing fails. */
  default boolean keeps() {
    return true;
  }

  /**
   * Has what is proposed or set in {@code act}, on the monitor's thread and before it returns,
   * refused with a {@link NotKeptException} unless it is kept beyond a restart: then it takes
   * effect, and the future is completed, once that is so. A store of replicas always keeps it.
   */
  default <T> T durably(Supplier<T> act) {
    return act.get();
  }

  /**
   * Whether a proposal waits, as it is made {@linkplain #durably durably}. Others may be made
   * meanwhile and come first: a failover does not wait for a disk.
   */
  default boolean isDelayed() {
    return false;
  }

  /**
   * Waits for a bounded time until all that was set is kept as it should be.
   *
   * @return completed on the monitor's thread, at once if there is nothing to wait for: why it is
   *     in memory only, for people; empty if it is not, or only as there is no file for it
   */
  default CompletableFuture<Optional<String>> kept() {
    return CompletableFuture.completedFuture(Optional.empty());
  }

  /** Why what was set is in memory only at this moment; empty as for {@link #kept}. */
  default Optional<Unwritten> unwritten() {
    return Optional.empty();
  }

  /**
   * A file that cannot be written, or has not been written yet.
   *
   * @param why for people
   */
  record Unwritten(Path file, String why) {
    /** The reason as a clause. */
    public String words() {
      return "%s cannot be written: %s".formatted(file, why);
    }
  }
}
