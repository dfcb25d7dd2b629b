package dev.understudy.agreement.quorum;

import dev.understudy.agreement.Agreed;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.failover.Reason;
import dev.understudy.failover.Tenure;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is agreed on about one pool.
 *
 * @param holder the serving server; null: nobody
 * @param epoch counts the changes of the holder; 0: there was none yet
 * @param reason of the last change; null before the first
 * @param since when the last change was, by the clock of the replica that decided
 * @param evidence what the reason rests on, for people
 * @param decidedBy the replica that wrote the last change
 * @param pinned whether an operator switched to the holder
 * @param failbacks in succession
 * @param failbackEpoch the epoch that the last failback began; 0: there was none
 * @param states of the servers that are not ready
 */
record PoolRecord(
    @Nullable ServerIdentity holder,
    long epoch,
    @Nullable Reason reason,
    Instant since,
    String evidence,
    String decidedBy,
    boolean pinned,
    int failbacks,
    long failbackEpoch,
    Map<ServerId, OperatorState> states) {
  /** There is no record. */
  static final PoolRecord NONE =
      new PoolRecord(null, 0, null, Instant.EPOCH, "", "", false, 0, 0, Map.of());

  PoolRecord {
    since = since.truncatedTo(ChronoUnit.MICROS); // As registers keep it: it must come back equal.
    states = Map.copyOf(states);
  }

  /** Whether it says anything. */
  boolean isEmpty() {
    return epoch == 0 && states.isEmpty();
  }

  /**
   * As the choice knows it.
   *
   * @param lastFailback when this replica saw the last failback, by its own clock
   */
  Tenure tenure(@Nullable Instant lastFailback) {
    ServerId serving = holder == null || epoch == 0 ? null : holder.id();
    return new Tenure(
        serving, epoch, pinned ? serving : null, failbacks, failbacks == 0 ? null : lastFailback);
  }

  Agreed agreed(@Nullable Instant lastFailback) {
    return new Agreed(tenure(lastFailback), reason, since, evidence, decidedBy, holder);
  }

  /** What follows when that is agreed on in place of it; operators' states stay. */
  PoolRecord next(Agreed next, @Nullable ServerIdentity holder, String replica) {
    boolean failback = next.reason() == Reason.FAILBACK && next.tenure().epoch() != epoch;
    return new PoolRecord(
        holder,
        next.tenure().epoch(),
        next.reason(),
        next.since(),
        next.evidence(),
        next.tenure().epoch() == epoch ? decidedBy : replica,
        next.tenure().pinned() != null,
        next.tenure().failbacks(),
        failback ? next.tenure().epoch() : failbackEpoch,
        states);
  }

  /** With that server in that state. */
  PoolRecord with(ServerId server, OperatorState state) {
    Map<ServerId, OperatorState> next = new HashMap<>(states);
    if (state == OperatorState.READY) {
      next.remove(server);
    } else {
      next.put(server, state);
    }
    return new PoolRecord(
        holder, epoch, reason, since, evidence, decidedBy, pinned, failbacks, failbackEpoch, next);
  }

  /** The same, written anew in a higher epoch because the store had lost it. */
  PoolRecord repaired(long next, String replica, String why) {
    return new PoolRecord(
        holder, next, reason, since, why, replica, pinned, failbacks, failbackEpoch, states);
  }
}
