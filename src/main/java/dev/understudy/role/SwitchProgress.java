package dev.understudy.role;

import dev.understudy.pool.ServerId;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Hooks;
import dev.understudy.switchover.SwitchFacts.Release;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * This replica's part in the agreed {@link PlannedSwitch}.
 *
 * @param phaseSince when it saw the present phase begin, or the present replica take it over
 * @param pausedSince when it saw the first phase begin in which clients are held
 * @param pausing whether clients are held here
 * @param seenByAll whether every event loop has seen the pause
 * @param told what it told the other replicas
 * @param fencedUntil until when the old server may have been fenced
 * @param call what came of the call that it made in the present phase; null if it made none
 * @param repeated whether another replica, or an earlier process, may have made that call already
 * @param due the next state that it has to write in its turn; null if none is due
 * @param dueSince since when that is due
 */
record SwitchProgress(
    Instant phaseSince,
    Instant pausedSince,
    boolean pausing,
    boolean seenByAll,
    Release told,
    Instant fencedUntil,
    @Nullable HookResult call,
    boolean repeated,
    @Nullable PlannedSwitch due,
    Instant dueSince) {
  static final SwitchProgress NONE =
      new SwitchProgress(
          Instant.EPOCH,
          Instant.EPOCH,
          false,
          false,
          Release.NONE,
          Instant.MIN,
          null,
          false,
          null,
          Instant.EPOCH);

  /**
   * How long a replica that is out of touch holds its clients beyond the pause: whoever may move
   * the role was in touch within this time, and began to count no later.
   */
  private static final Duration GRACE = Duration.ofSeconds(4);

  SwitchProgress inPhase(Instant since, boolean again) {
    return new SwitchProgress(
        since, pausedSince, pausing, seenByAll, told, fencedUntil, null, again, due, dueSince);
  }

  SwitchProgress pausedSince(Instant since) {
    return new SwitchProgress(
        phaseSince, since, pausing, seenByAll, told, fencedUntil, call, repeated, due, dueSince);
  }

  /** Nothing is told, and no event loop is known to have seen the pause. */
  SwitchProgress withdrawn(boolean pauses) {
    return new SwitchProgress(
        phaseSince,
        pausedSince,
        pauses,
        false,
        Release.NONE,
        fencedUntil,
        call,
        repeated,
        due,
        dueSince);
  }

  SwitchProgress seen() {
    return new SwitchProgress(
        phaseSince, pausedSince, pausing, true, told, fencedUntil, call, repeated, due, dueSince);
  }

  SwitchProgress told(Release release) {
    return new SwitchProgress(
        phaseSince,
        pausedSince,
        pausing,
        seenByAll,
        release,
        fencedUntil,
        call,
        repeated,
        due,
        dueSince);
  }

  SwitchProgress fencedUntil(Instant until) {
    return new SwitchProgress(
        phaseSince, pausedSince, pausing, seenByAll, told, until, call, repeated, due, dueSince);
  }

  SwitchProgress called(HookResult result) {
    return new SwitchProgress(
        phaseSince,
        pausedSince,
        pausing,
        seenByAll,
        told,
        fencedUntil,
        result,
        repeated,
        due,
        dueSince);
  }

  SwitchProgress due(@Nullable PlannedSwitch next, Instant now) {
    boolean same = due != null && next != null && due.phase() == next.phase();
    return new SwitchProgress(
        phaseSince,
        pausedSince,
        pausing,
        seenByAll,
        told,
        fencedUntil,
        call,
        repeated,
        next,
        same ? dueSince : now);
  }

  /** When a replica that is out of touch lets its clients go. */
  Instant endOfPromise(PlannedSwitch planned) {
    return pausedSince.plus(planned.request().pause()).plus(GRACE);
  }

  /**
   * Whether a hook may be fencing the old server. From what this replica told the others on, the
   * call may begin at any time; they may not have told it yet.
   */
  boolean mayBeFencing(@Nullable PlannedSwitch planned, Hooks hooks) {
    return planned != null
        && pausing
        && (told == Release.RELEASED || planned.phase().isFenced())
        && !hooks.equals(Hooks.NONE);
  }

  /**
   * Whether that server may have been fenced since then. Then what is bad there says nothing about
   * who shall serve if the switch does not succeed.
   */
  boolean isFencedSince(
      @Nullable PlannedSwitch planned, Hooks hooks, ServerId server, Instant since) {
    return planned != null
        && server.equals(planned.from())
        && (since.isBefore(fencedUntil) || mayBeFencing(planned, hooks));
  }
}
