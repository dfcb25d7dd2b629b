package dev.understudy.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.understudy.pool.Operator;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of a planned switch.
 *
 * @param active whether it goes on
 * @param epoch the epoch that it begins, if it moves the role
 * @param why the reason for the phase, for people; null if that needs no words
 * @param at the earliest time of the switch; null for at once
 * @param pause the longest time for which clients are held
 * @param failback whether no operator asked for it: a server of better rank returned
 * @param cut whether what still ran at the old server was ended by force
 * @param operator null if not known, as {@code reason}
 * @param decidedBy the replica that wrote the phase; null if there is only one
 * @param phases all phases so far, oldest first
 */
record PlannedSwitchDocument(
    PoolId pool,
    ServerId from,
    ServerId to,
    SwitchPhase phase,
    boolean active,
    long epoch,
    @Nullable String why,
    @Nullable Instant at,
    @JsonProperty("pauseMillis") Duration pause,
    boolean force,
    boolean failback,
    boolean cut,
    @Nullable String operator,
    @Nullable String reason,
    @Nullable String decidedBy,
    List<PlannedSwitch.Stage> phases) {
  static PlannedSwitchDocument of(PoolId pool, PlannedSwitch planned) {
    Operator by = planned.request().by();
    return new PlannedSwitchDocument(
        pool,
        planned.from(),
        planned.to(),
        planned.phase(),
        planned.isActive(),
        planned.epoch(),
        planned.why().isEmpty() ? null : planned.why(),
        planned.request().at(),
        planned.request().pause(),
        planned.request().force(),
        planned.request().failback(),
        planned.cut(),
        by == null ? null : by.name(),
        by == null ? null : by.reason(),
        planned.driver().isEmpty() ? null : planned.driver(),
        planned.stages());
  }
}
