package dev.understudy.role;

import dev.understudy.pool.ServerId;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Hooks;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchPhase;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * This replica's part in the agreed {@link PlannedSwitch}.
 *
 * @param fencedUntil until when the old server may have been fenced
 * @param due the next state that it has to write in its turn; null if none is due
 */
record SwitchProgress(Phase phase, Pause pause, Instant fencedUntil, @Nullable Due due) {
  static final SwitchProgress NONE =
      new SwitchProgress(
          new Phase(Instant.EPOCH, null, false),
          new Pause(Instant.EPOCH, Hold.NO, Release.NONE),
          Instant.MIN,
          null);

  /**
   * How long a replica that is out of touch holds its clients beyond the pause: whoever may move
   * the role was in touch within this time, and began to count no later.
   */
  private static final Duration GRACE = Duration.ofSeconds(4);

  /**
   * The present phase.
   *
   * @param since when this replica saw it begin, or saw another replica take the rollback over
   * @param call what came of the call that this replica made in it; null if it made none
   * @param repeated whether another replica, or an earlier process, may have made that call already
   */
  record Phase(Instant since, @Nullable HookResult call, boolean repeated) {}

  /** Whether this replica holds the pool's clients. */
  enum Hold {
    NO,
    /** It does, but an event loop may not know yet. */
    BEGUN,
    /** It does, at every event loop. */
    EVERYWHERE
  }

  /**
   * The pause at this replica.
   *
   * <table>
   * <caption>Transitions</caption>
   * <tr><th>hold<th>told<th>what happens<th>hold<th>told
   * <tr><td>NO<td>NONE<td>the switch begins to hold clients<td>BEGUN<td>NONE
   * <tr><td>BEGUN<td>any<td>every event loop has seen it<td>EVERYWHERE<td>as before
   * <tr><td>BEGUN, EVERYWHERE<td>any<td>a client is refused, in PAUSING<td>as before<td>FULL
   * <tr><td>EVERYWHERE<td>NONE<td>nothing but a hook runs at the old server<td>as before<td>CALLING
   * <tr><td>EVERYWHERE<td>NONE, CALLING; FULL after PAUSING<td>nothing runs at the old server, in
   *     this process and the one before<td>as before<td>RELEASED
   * <tr><td>BEGUN, EVERYWHERE<td>any<td>another switch takes its place, and holds<td>BEGUN<td>NONE
   * <tr><td>BEGUN, EVERYWHERE<td>any<td>the switch holds no more; or this replica is out of touch,
   *     the promise to hold is over, and the old server is not known to be fenced<td>NO<td>NONE
   * </table>
   *
   * @param since when it saw the first phase begin in which clients are held
   * @param told what it told the other replicas
   */
  record Pause(Instant since, Hold hold, Release told) {
    /** Whether clients are held here. */
    boolean holds() {
      return hold != Hold.NO;
    }

    /** Whether this replica has still to tell that it has left the old server. */
    boolean isToBeTold() {
      return hold == Hold.EVERYWHERE && told != Release.RELEASED;
    }

    /**
     * What is to be told now: that a bound of the hold is reached, which must reach the others
     * before anything else does; or, once nothing runs at the old server any more, whether a call
     * of a hook does at either.
     *
     * @param calling whether this replica's does
     * @return null if there is no news
     */
    @Nullable Release toTell(SwitchPhase phase, RoleView.Traffic traffic, boolean calling) {
      boolean full =
          phase == SwitchPhase.PAUSING
              && (told == Release.FULL || traffic.before() == Release.FULL);
      if (!isToBeTold() || (!full && !traffic.idle())) {
        return null;
      }
      if (full) {
        return told == Release.FULL ? null : Release.FULL;
      }
      if (calling) {
        return told == Release.NONE ? Release.CALLING : null;
      }
      return traffic.before() == Release.RELEASED ? Release.RELEASED : null;
    }
  }

  /** A state that is to be written, and since when. */
  record Due(PlannedSwitch next, Instant since) {}

  SwitchProgress with(Phase next) {
    return new SwitchProgress(next, pause, fencedUntil, due);
  }

  private SwitchProgress with(Pause next) {
    return new SwitchProgress(phase, next, fencedUntil, due);
  }

  /** Clients are held from now on, or no more; nothing is told of that yet. */
  SwitchProgress holding(boolean holds) {
    return with(new Pause(pause.since(), holds ? Hold.BEGUN : Hold.NO, Release.NONE));
  }

  /** The first phase in which clients are held has begun. */
  SwitchProgress pausedSince(Instant now) {
    return with(new Pause(now, pause.hold(), pause.told()));
  }

  /** Every event loop has seen that clients are held. */
  SwitchProgress seenEverywhere() {
    return with(new Pause(pause.since(), Hold.EVERYWHERE, pause.told()));
  }

  SwitchProgress told(Release release) {
    return with(new Pause(pause.since(), pause.hold(), release));
  }

  SwitchProgress with(@Nullable Due next) {
    return new SwitchProgress(phase, pause, fencedUntil, next);
  }

  SwitchProgress fencedUntil(Instant until) {
    return new SwitchProgress(phase, pause, until, due);
  }

  SwitchProgress called(HookResult result) {
    return with(new Phase(phase.since(), result, phase.repeated()));
  }

  /** When a replica that is out of touch lets its clients go. */
  Instant endOfPromise(PlannedSwitch planned) {
    return pause.since().plus(planned.request().pause()).plus(GRACE);
  }

  /**
   * Whether a hook may be fencing the old server. From what this replica told the others on, the
   * call may begin at any time; they may not have told it yet.
   */
  boolean mayBeFencing(@Nullable PlannedSwitch planned, Hooks hooks) {
    return planned != null
        && pause.holds()
        && (pause.told() == Release.RELEASED || planned.phase().isFenced())
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
