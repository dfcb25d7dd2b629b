package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.SENSE;

import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.switchover.PlannedSwitch;
import org.jspecify.annotations.Nullable;

/**
 * The data plane of a simulated replica: a request always runs at the server that serves, ends at
 * once when that is judged to have failed, and after a while when a planned switch pauses the pool.
 */
final class SimTraffic {
  private final SimWorld world;
  private final SimReplica replica;
  private @Nullable ServerState at;
  private @Nullable String pausedFor;
  private boolean cut;
  private boolean drained;
  private long pausedSince = -1;

  SimTraffic(SimWorld world, SimReplica replica) {
    this.world = world;
    this.replica = replica;
  }

  /** The host at which a request runs; null if none does. */
  @Nullable String at() {
    return at == null ? null : at.server().address().host();
  }

  /** For how long clients have been held for a planned switch, ns. */
  long paused() {
    return pausedSince < 0 ? 0 : world.now() - pausedSince;
  }

  /** No client is left, and none comes. */
  void drained() {
    drained = true;
    end();
  }

  void published(Snapshot snapshot) {
    if (drained) {
      return;
    }
    PoolState pool = snapshot.pool(SENSE);
    PlannedSwitch planned = pool == null || !pool.paused() ? null : pool.planned();
    if (planned != null) {
      pause(planned);
      return;
    }
    pausedFor = null;
    cut = false;
    pausedSince = -1;
    ServerState serving = pool == null || pool.holdsAll() ? null : pool.serving();
    if (at == null || serving == null || !at.isSameMachine(serving)) {
      end();
      if (serving != null) {
        serving.traffic().requests().incrementAndGet();
        at = serving;
      }
    }
  }

  private void pause(PlannedSwitch planned) {
    if (!planned.id().equals(pausedFor)) {
      pausedFor = planned.id();
      pausedSince = world.now();
      soon(world.millis(0, 20), () -> replica.monitor.paused(SENSE, planned.id()));
      ServerState running = at;
      long lasts = world.chance(80) ? world.millis(0, 2_000) : world.millis(2_000, 20_000);
      soon(lasts, () -> endIf(running));
      if (world.chance(5)) {
        soon(world.millis(0, 4_000), () -> replica.monitor.holdFull(SENSE));
      }
    }
    if (planned.cut() && !cut) {
      cut = true;
      ServerState running = at;
      soon(world.millis(0, 20), () -> endIf(running));
    }
  }

  private void soon(long after, Runnable task) {
    world.in(after, () -> replica.deliver(task));
  }

  // A request is its server's state when it began.
  @SuppressWarnings("ReferenceEquality")
  private void endIf(@Nullable ServerState running) {
    if (pausedFor != null && running == at) {
      end();
    }
  }

  private void end() {
    if (at != null) {
      at.traffic().requests().decrementAndGet();
      at = null;
    }
  }
}
