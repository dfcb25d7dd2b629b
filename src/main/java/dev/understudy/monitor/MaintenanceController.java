package dev.understudy.monitor;

import dev.understudy.event.ServerEvent;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.recurring.Timers;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One pool's maintenance: follows what the replicas agreed on, and ends it at its time by this
 * replica's clock on the wall, even if that clock is set meanwhile. The agreement is not changed by
 * that, so no replica has to write.
 */
final class MaintenanceController {
  private final MonitorContext context;
  private final PoolId id;
  private final Runnable changed;
  private @Nullable PoolMaintenance inForce;
  private Timers.Timer end = () -> {};

  /**
   * Takes up what is agreed on already; {@link #follow} is to be called once the pool starts.
   *
   * @param changed called after each change
   */
  MaintenanceController(MonitorContext context, PoolId id, Runnable changed) {
    this.context = context;
    this.id = id;
    this.changed = changed;
    this.inForce = agreed();
  }

  /** The maintenance that is on; null if there is none. */
  @Nullable PoolMaintenance inForce() {
    return inForce;
  }

  /** Whether setting the pool so would change nothing. */
  boolean isSo(PoolMaintenance next) {
    PoolMaintenance now = inForce;
    return now == null ? !next.on() : next.isLike(now);
  }

  /** Follows the agreement and the clock. */
  void follow() {
    PoolMaintenance before = inForce;
    PoolMaintenance next = agreed();
    if (!Objects.equals(before, next)) {
      inForce = next;
      PoolMaintenance set = context.agreement().operatorStates(id).maintenance();
      context.events().add(ServerEvent.PoolStateChanged.of(id, before, next, set, context.wall()));
      changed.run();
    }
    awaitEnd();
  }

  private @Nullable PoolMaintenance agreed() {
    PoolMaintenance set = context.agreement().operatorStates(id).maintenance();
    return set != null && set.isOn(context.wall()) ? set : null;
  }

  private void awaitEnd() {
    end.cancel();
    Instant until = inForce == null ? null : inForce.until();
    if (until != null) {
      Duration left = Duration.between(context.wall(), until);
      end = context.scheduler().schedule(left, this::follow);
    }
  }

  void stop() {
    end.cancel();
  }
}
