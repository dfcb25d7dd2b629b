package dev.understudy.agreement;

import dev.understudy.pool.PoolId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Release;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * This replica's place among the others. No method blocks. All but {@link #contact}, {@link
 * #ready}, {@link #status} and {@link #isFirst} are called on the monitor's thread.
 */
public interface ReplicaMembership {
  /** The name of this replica; empty if it decides alone. */
  String replica();

  /** This replica's contact with the others: another object after each loss. */
  ReplicaContact contact();

  /**
   * The living replicas, this one and those that are stopping included, and those of the planned
   * switch that have stopped, with what each told of that switch. One counts as long as it may send
   * something to the pool's servers, whether it decides or not.
   *
   * @param planned null if there is none
   */
  Map<String, Release> releases(PoolId pool, @Nullable PlannedSwitch planned);

  /** The living replicas that decide, by name: not one that is starting or stopping. */
  Set<String> deciding();

  /** A living replica that has not been heard of for a while; empty if there is none. */
  Optional<String> silentReplica();

  /**
   * Replicas that took part and have not been heard of for so long that their votes no longer
   * count, although they have not left.
   */
  Set<String> lostReplicas();

  /** Tells the other replicas of a planned switch; null if there is nothing to tell any more. */
  void acknowledge(PoolId pool, @Nullable Acknowledgement given);

  /**
   * Tells the other replicas at which addresses requests of this one still run, although its file
   * has no server there any more.
   *
   * @param addresses as {@link ServerIdentity#address}
   */
  void running(Set<String> addresses);

  /** Whether this replica may take traffic as far as the other replicas are concerned. */
  boolean ready();

  /**
   * Whether this replica is the first, by name, of the living ones, and so does what one of them is
   * to do for all. Two may take themselves for the first for as long as it takes to notice that one
   * is silent. A replica out of touch is not; one that decides alone always is.
   */
  default boolean isFirst() {
    return !follows();
  }

  /** The state of the agreement, for people and metrics. */
  AgreementStatus status();

  /**
   * Whether this process decides nothing, as it {@linkplain AgreementLifecycle#follow follows} or
   * has left.
   */
  boolean follows();
}
