package dev.understudy.switchover;

import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchFacts.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a replica does for a {@link PlannedSwitch} now, by what it knows. Pure. The first row that
 * fits holds.
 *
 * <table>
 * <caption>Steps</caption>
 * <tr><th>phase<th>seen<th>step
 * <tr><td>SCHEDULED<td>the old server serves no more<td>GIVEN_UP
 * <tr><td><td>{@code at} is not reached, by the clock of the replica that was asked or, if that
 *     lives no more, of any<td>wait
 * <tr><td><td>{@code at} was missed by more than a minute, by the same clock<td>GIVEN_UP
 * <tr><td><td>the new server is not usable (with a promote hook: does not respond)<td>GIVEN_UP
 * <tr><td><td>its data is too far behind, and no loss was accepted<td>GIVEN_UP
 * <tr><td><td>else<td>PAUSING, with all living replicas. Nothing is written from then on, so that the
 *     new server catches up
 * <tr><td>PAUSING<td>the old server serves no more<td>GIVEN_UP
 * <tr><td><td>the new server is not usable (with a promote hook: does not respond)<td>GIVEN_UP
 * <tr><td><td>a bound of a replica's hold is reached<td>GIVEN_UP
 * <tr><td><td>all replicas, those of the beginning and those that joined, have released the old
 *     server, and none of their hooks runs at it or at the new one<td>FENCING, if there is a demote hook; PROMOTING, if there is a promote hook or the
 *     target is not usable; else MOVED
 * <tr><td><td>its time is over; with force, or for TCP<td>cut the rest, and wait a quarter of the
 *     pause
 * <tr><td><td>its time is over<td>GIVEN_UP
 * <tr><td>FENCING, PROMOTING<td>the record was written by hand<td>ROLLING_BACK
 * <tr><td>FENCING<td>demote was refused<td>GIVEN_UP: nothing was lost
 * <tr><td><td>demote may have had an effect, or the pause is over; nothing is heard of the old
 *     server's machine<td>FAILED: its role is not given back to a host that is gone
 * <tr><td><td>demote may have had an effect, or the pause is over<td>ROLLING_BACK
 * <tr><td><td>the new server is drained, in maintenance or not in the pool; no call runs
 *     <td>ROLLING_BACK
 * <tr><td><td>a living replica sends to the old server again, as it was out of touch for longer
 *     than the pause, or has begun since and told nothing yet<td>wait, and make no call
 * <tr><td><td>demote is done<td>PROMOTING, or MOVED, as above
 * <tr><td>PROMOTING<td>promote failed, or the pause is over: replicas that are out of touch send to
 *     the old server again<td>ROLLING_BACK
 * <tr><td><td>the new server is drained, in maintenance or not in the pool; no call runs
 *     <td>ROLLING_BACK
 * <tr><td><td>a living replica sends to the old server again, as above<td>wait, and make no call
 * <tr><td><td>promote is done, or there is none, and the new server is usable<td>MOVED
 * <tr><td>ROLLING_BACK<td>promote of the old server is done, or there is no such hook<td>ROLLED_BACK
 * <tr><td><td>promote of the old server failed<td>FAILED
 * <tr><td>FENCING, PROMOTING, ROLLING_BACK<td>the replica that makes the calls lives no more, or
 *     did not write in time<td>another takes the phase over, and makes the call again
 * </table>
 */
public final class SwitchDecision {
  /** How late a replica that makes calls may be before another one takes over. */
  private static final Duration LATE = Duration.ofSeconds(2);

  /** How late a scheduled switch may begin: who asked for a time is not there at another one. */
  private static final Duration LATEST_BEGIN = Duration.ofMinutes(1);

  private final PlannedSwitch planned;
  private final SwitchFacts facts;
  private final ServerId from;
  private final ServerId to;

  private SwitchDecision(PlannedSwitch planned, SwitchFacts facts) {
    this.planned = planned;
    this.facts = facts;
    this.from = planned.from();
    this.to = planned.to();
  }

  /** The step by the table. */
  public static SwitchStep step(PlannedSwitch planned, SwitchFacts facts) {
    return new SwitchDecision(planned, facts).step();
  }

  /** Whether that switch may begin: empty, or why not, for people. */
  public static String whyNot(SwitchRequest request, SwitchFacts facts) {
    return facts.target() == Target.TOO_FAR_BEHIND && !request.acceptLoss()
        ? request.to().words() + " is too far behind"
        : whyNot(request.to(), facts);
  }

  private static String whyNot(ServerId to, SwitchFacts facts) {
    boolean promotes = facts.hooks().promote();
    return switch (facts.target()) {
      case USABLE, UNKNOWN -> "";
      case RESPONDS, TOO_FAR_BEHIND -> promotes ? "" : to.words() + " is not usable";
      case WITHDRAWN -> to.words() + " is drained, in maintenance, or not in the pool";
      case UNUSABLE -> promotes ? to.words() + " does not respond" : to.words() + " is not usable";
    };
  }

  private SwitchStep step() {
    return switch (planned.phase()) {
      case SCHEDULED -> scheduled();
      case PAUSING -> pausing();
      case FENCING, PROMOTING, ROLLING_BACK -> calling();
      case MOVED, GIVEN_UP, ROLLED_BACK, FAILED -> new SwitchStep.Wait(null);
    };
  }

  private SwitchStep scheduled() {
    Instant at = planned.request().at();
    if (!facts.serves()) {
      return giveUp(noLongerServes());
    }
    if (!isDriver() && isDriverLiving()) {
      return new SwitchStep.Wait(null); // The clock of the replica that was asked counts.
    }
    if (at != null && at.isAfter(facts.now())) {
      return new SwitchStep.Wait(Duration.between(facts.now(), at));
    }
    if (at != null && at.plus(LATEST_BEGIN).isBefore(facts.now())) {
      return giveUp("its time, " + at + ", was missed by more than a minute");
    }
    String whyNot = whyNot(planned.request(), facts);
    return whyNot.isEmpty() ? new SwitchStep.Write(planned.pausing(facts), true) : giveUp(whyNot);
  }

  private SwitchStep pausing() {
    if (!facts.serves()) {
      return giveUp(noLongerServes());
    }
    String whyNot = whyNot(to, facts);
    if (!whyNot.isEmpty()) {
      return giveUp(whyNot);
    }
    for (Map.Entry<String, Release> each : facts.replicas().entrySet()) {
      if (each.getValue() == Release.FULL) {
        return giveUp("a limit of the pool's hold is reached" + at(Set.of(each.getKey())));
      }
    }
    Set<String> all = new TreeSet<>(planned.replicas());
    all.addAll(facts.replicas().keySet());
    Set<String> awaited = sending(all, told -> told == Release.RELEASED);
    if (awaited.isEmpty()) {
      return writeInTurn(
          facts.hooks().demote() ? SwitchPhase.FENCING : afterFencing(),
          "nothing is sent to " + from.words() + " any more");
    }
    Duration pause = planned.request().pause();
    Duration left = letsFinish(pause, facts.holdTime()).minus(facts.inPhase());
    if (left.isPositive()) {
      return new SwitchStep.Wait(left);
    }
    boolean cuts = planned.request().force() || facts.cutsAtEnd();
    if (cuts && !planned.cut()) {
      return new SwitchStep.Write(planned.cutting(facts), true);
    }
    Duration leftToCut = left.plus(pause.dividedBy(4));
    if (cuts && leftToCut.isPositive()) {
      return new SwitchStep.Wait(leftToCut);
    }
    return giveUp(whyAwaited(awaited));
  }

  /** The time that running requests have at the old server. */
  private static Duration letsFinish(Duration pause, Duration holdTime) {
    Duration half = pause.dividedBy(2);
    Duration bound = holdTime.multipliedBy(9).dividedBy(10);
    return half.compareTo(bound) < 0 ? half : bound;
  }

  private SwitchStep calling() {
    boolean back = planned.phase() == SwitchPhase.ROLLING_BACK;
    Duration left = planned.request().pause().minus(back ? facts.inPhase() : facts.paused());
    if (!isDriver()) {
      Duration patience = left.plus(LATE);
      return isDriverLiving() && patience.isPositive()
          ? new SwitchStep.Wait(patience)
          : writeInTurn(planned.phase(), planned.driver() + " does not continue");
    }
    if (!facts.serves() && !back) {
      return write(SwitchPhase.ROLLING_BACK, noLongerServes());
    }
    return switch (planned.phase()) {
      case FENCING -> fencing(left);
      case PROMOTING -> promoting(left);
      default -> rollingBack(left);
    };
  }

  private SwitchStep fencing(Duration left) {
    Call call = facts.call();
    if (call == Call.REFUSED) {
      return write(SwitchPhase.GIVEN_UP, from.words() + " refused to be fenced" + detail());
    }
    if (call != Call.UNCERTAIN && call != Call.RUNNING && isWithdrawn()) {
      return write(SwitchPhase.ROLLING_BACK, whyNot(to, facts));
    }
    SwitchStep awaits = call == Call.UNCERTAIN ? null : awaitRelease(left);
    if (awaits != null) {
      return awaits;
    }
    if (call == Call.UNCERTAIN || !left.isPositive()) {
      String why = "it is not known whether " + from.words() + " is fenced" + detail();
      return facts.silent()
          ? write(SwitchPhase.FAILED, why + "; nothing is heard of its machine")
          : write(SwitchPhase.ROLLING_BACK, why);
    }
    if (call == Call.DONE || !facts.hooks().demote()) {
      return write(afterFencing(), from.words() + " is fenced");
    }
    return call == null
        ? new SwitchStep.Call(false, from, planned.epoch(), left)
        : new SwitchStep.Wait(left);
  }

  /** The phase once the old server is fenced, or need not be. */
  private SwitchPhase afterFencing() {
    return facts.hooks().promote() || facts.target() != Target.USABLE
        ? SwitchPhase.PROMOTING
        : SwitchPhase.MOVED;
  }

  private SwitchStep promoting(Duration left) {
    Call call = facts.call();
    if (call == Call.REFUSED || call == Call.UNCERTAIN) {
      return write(SwitchPhase.ROLLING_BACK, to.words() + " could not be promoted" + detail());
    }
    if (call != Call.RUNNING && isWithdrawn()) {
      return write(SwitchPhase.ROLLING_BACK, whyNot(to, facts));
    }
    SwitchStep awaits = awaitRelease(left);
    if (awaits != null) {
      return awaits;
    }
    if (!left.isPositive()) {
      return write(
          SwitchPhase.ROLLING_BACK, to.words() + " was not usable by the end of the pause");
    }
    boolean promoted = call == Call.DONE || !facts.hooks().promote();
    if (promoted && facts.target() == Target.USABLE) {
      return write(SwitchPhase.MOVED, to.words() + " is promoted");
    }
    return promoted || call == Call.RUNNING
        ? new SwitchStep.Wait(left)
        : new SwitchStep.Call(true, to, planned.epoch(), left);
  }

  private SwitchStep rollingBack(Duration left) {
    Call call = facts.call();
    String why = planned.why();
    if (call == Call.DONE || !facts.hooks().promote()) {
      return write(SwitchPhase.ROLLED_BACK, why);
    }
    if (call == Call.REFUSED || call == Call.UNCERTAIN || !left.isPositive()) {
      return write(
          SwitchPhase.FAILED,
          why + "; " + from.words() + " could not be promoted again" + detail());
    }
    return call == null
        ? new SwitchStep.Call(true, from, planned.epoch() + 1, left)
        : new SwitchStep.Wait(left);
  }

  /** Waits while a living replica sends to the old server again; null if none does. */
  private @Nullable SwitchStep awaitRelease(Duration left) {
    Set<String> sending = sending(facts.replicas().keySet(), Release::isKept);
    if (sending.isEmpty()) {
      return null;
    }
    return left.isPositive()
        ? new SwitchStep.Wait(left)
        : write(SwitchPhase.ROLLING_BACK, whyAwaited(sending));
  }

  /** Whether the new server must not serve any more: nothing that it does changes that. */
  private boolean isWithdrawn() {
    return facts.target() == Target.WITHDRAWN;
  }

  /**
   * Those replicas that may still send something to the old server.
   *
   * @param not whether what a replica told means that it sends nothing
   */
  private Set<String> sending(Set<String> replicas, Predicate<Release> not) {
    Set<String> sending = new TreeSet<>(replicas);
    sending.removeIf(each -> not.test(told(each)));
    return sending;
  }

  private Release told(String replica) {
    return facts.replicas().getOrDefault(replica, Release.NONE);
  }

  private boolean isDriver() {
    return planned.driver().equals(facts.replica());
  }

  private boolean isDriverLiving() {
    return facts.deciding().contains(planned.driver());
  }

  private SwitchStep giveUp(String why) {
    return writeInTurn(SwitchPhase.GIVEN_UP, why);
  }

  private SwitchStep write(SwitchPhase next, String why) {
    return new SwitchStep.Write(planned.next(next, facts, why), false);
  }

  private SwitchStep writeInTurn(SwitchPhase next, String why) {
    return new SwitchStep.Write(planned.next(next, facts, why), true);
  }

  private String noLongerServes() {
    return from.words() + " no longer serves";
  }

  /** Why those replicas are awaited: of one that is silent nobody knows what it does. */
  private String whyAwaited(Set<String> awaited) {
    Set<String> silent = new TreeSet<>(awaited);
    silent.removeIf(each -> !isSilent(each));
    Set<String> calling = new TreeSet<>(awaited);
    calling.removeIf(each -> told(each) != Release.CALLING);
    Set<String> running = new TreeSet<>(awaited);
    running.removeAll(silent);
    running.removeAll(calling);
    List<String> reasons = new ArrayList<>();
    if (!running.isEmpty()) {
      reasons.add("requests are still running on " + from.words() + at(running));
    }
    if (!calling.isEmpty()) {
      reasons.add("a hook is still running at one of its servers" + at(calling));
    }
    if (!silent.isEmpty()) {
      reasons.add(
          "it is not known what still runs on "
              + from.words()
              + at(silent)
              + ", of which nothing is heard");
    }
    return String.join("; ", reasons);
  }

  private boolean isSilent(String replica) {
    Release told = facts.replicas().get(replica);
    return told == null || told == Release.SILENT || told == Release.PROMISED;
  }

  private String detail() {
    return facts.callDetail().isEmpty() ? "" : ": " + facts.callDetail();
  }

  /** Where something is; a process that decides alone has no name. */
  private static String at(Set<String> replicas) {
    String names = String.join(", ", replicas);
    return names.isEmpty() ? "" : " at " + names;
  }
}
