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
import org.jspecify.annotations.Nullable;

/**
 * A switch on purpose, as all replicas know it. The first row that fits holds.
 *
 * <table>
 * <caption>Steps</caption>
 * <tr><th>phase<th>seen<th>step
 * <tr><td>SCHEDULED<td>the old server serves no more<td>GIVEN_UP
 * <tr><td><td>{@code at} is not reached, by the clock of the replica that was asked or, if that
 *     lives no more, of any<td>wait
 * <tr><td><td>the new server is not usable (with a promote hook: does not respond)<td>GIVEN_UP
 * <tr><td><td>else<td>PAUSING, with all living replicas
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
 * <tr><td><td>demote may have had an effect, or the pause is over<td>ROLLING_BACK
 * <tr><td><td>a living replica sends to the old server again, as it was out of touch for longer
 *     than the pause, or has begun since and told nothing yet<td>wait, and make no call
 * <tr><td><td>demote is done<td>PROMOTING, or MOVED, as above
 * <tr><td>PROMOTING<td>promote failed, or the pause is over: replicas that are out of touch send to
 *     the old server again<td>ROLLING_BACK
 * <tr><td><td>a living replica sends to the old server again, as above<td>wait, and make no call
 * <tr><td><td>promote is done, or there is none, and the new server is usable<td>MOVED
 * <tr><td>ROLLING_BACK<td>promote of the old server is done, or there is no such hook<td>ROLLED_BACK
 * <tr><td><td>promote of the old server failed<td>FAILED
 * <tr><td>FAILED, not of a failback<td>promote of the old server, which is owed from then on, is
 *     done<td>ROLLED_BACK
 * <tr><td>FENCING, PROMOTING, ROLLING_BACK<td>the replica that makes the calls lives no more, or
 *     did not write in time<td>another takes the phase over, and makes the call again
 * </table>
 *
 * <p>Its epoch follows the one in which it was asked for. A switch that is rolled back uses up that
 * epoch and takes the next one: the server that was promoted in vain may have heard of the first.
 *
 * @param id identifies it among all of its pool
 * @param from the old server, which served when the switch was asked for
 * @param epoch the epoch that begins with MOVED
 * @param driver the replica that wrote the present phase, and makes its calls
 * @param replicas those that lived when PAUSING began; empty before
 * @param cut whether replicas end by force what still runs at the old server
 * @param stages its phases so far, the present one last
 */
public record PlannedSwitch(
    String id,
    ServerId from,
    SwitchRequest request,
    long epoch,
    String driver,
    Set<String> replicas,
    boolean cut,
    List<Stage> stages) {
  /** How long a replica that makes calls may be late before another takes over. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  /**
   * A phase that began.
   *
   * @param since when, by the clock of the replica that wrote it
   * @param why the reason, for people; empty if that needs no words
   */
  public record Stage(SwitchPhase phase, Instant since, String why) {}

  public PlannedSwitch {
    replicas = Set.copyOf(replicas);
    stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("stages: expected at least one");
    }
  }

  /**
   * A switch that was asked for just now: SCHEDULED, or PAUSING.
   *
   * @param facts those of the replica that was asked
   * @param epoch the epoch in which {@code from} serves
   */
  public static PlannedSwitch begin(
      String id, ServerId from, SwitchRequest request, long epoch, SwitchFacts facts) {
    boolean later = request.at() != null && request.at().isAfter(facts.now());
    return new PlannedSwitch(
        id,
        from,
        request,
        epoch + 1,
        facts.replica(),
        later ? Set.of() : facts.replicas().keySet(),
        false,
        List.of(new Stage(later ? SwitchPhase.SCHEDULED : SwitchPhase.PAUSING, facts.now(), "")));
  }

  /** The present phase. */
  public SwitchPhase phase() {
    return stages.getLast().phase();
  }

  /** Why the present phase began, for people; empty if that needs no words. */
  public String why() {
    return stages.getLast().why();
  }

  public ServerId to() {
    return request.to();
  }

  /**
   * Whether it failed and, since then, nobody serves: the old server is to serve again, unless an
   * operator decides. After a failback that failed, the policy decides, as it began it.
   *
   * @param present the pool's epoch
   */
  public boolean leftNobody(long present) {
    return phase() == SwitchPhase.FAILED && !request.failback() && present == epoch + 1;
  }

  /** Whether it is a failback that ended and did not move the role. */
  public boolean isFailedFailback() {
    return request.failback() && phase().isOver() && phase() != SwitchPhase.MOVED;
  }

  /** Whether it goes on. */
  public boolean isActive() {
    return !phase().isOver();
  }

  /** The time that running requests have at the old server. */
  public Duration letsFinish(Duration holdTime) {
    Duration half = request.pause().dividedBy(2);
    Duration bound = holdTime.multipliedBy(9).dividedBy(10);
    return half.compareTo(bound) < 0 ? half : bound;
  }

  /** Whether it may begin: empty, or why not, for people. */
  public static String whyNot(ServerId to, SwitchFacts facts) {
    boolean promotes = facts.hooks().promote();
    return switch (facts.target()) {
      case USABLE, UNKNOWN -> "";
      case RESPONDS -> promotes ? "" : to.words() + " is not usable";
      case UNUSABLE -> promotes ? to.words() + " does not respond" : to.words() + " is not usable";
    };
  }

  /** Decides what this replica does now, by the table. */
  public SwitchStep step(SwitchFacts facts) {
    return switch (phase()) {
      case SCHEDULED -> scheduled(facts);
      case PAUSING -> pausing(facts);
      case FENCING, PROMOTING, ROLLING_BACK -> calling(facts);
      case MOVED, GIVEN_UP, ROLLED_BACK, FAILED -> new SwitchStep.Wait(null);
    };
  }

  private SwitchStep scheduled(SwitchFacts facts) {
    Instant at = request.at();
    if (!facts.serves()) {
      return giveUp(facts, from.words() + " no longer serves");
    }
    if (!driver.equals(facts.replica()) && facts.replicas().containsKey(driver)) {
      return new SwitchStep.Wait(null); // The clock of the replica that was asked counts.
    }
    if (at != null && at.isAfter(facts.now())) {
      return new SwitchStep.Wait(Duration.between(facts.now(), at));
    }
    String whyNot = whyNot(to(), facts);
    return whyNot.isEmpty()
        ? new SwitchStep.Write(
            next(SwitchPhase.PAUSING, facts, facts.replicas().keySet(), false, ""), true)
        : giveUp(facts, whyNot);
  }

  private SwitchStep pausing(SwitchFacts facts) {
    if (!facts.serves()) {
      return giveUp(facts, from.words() + " no longer serves");
    }
    String whyNot = whyNot(to(), facts);
    if (!whyNot.isEmpty()) {
      return giveUp(facts, whyNot);
    }
    for (Map.Entry<String, Release> each : facts.replicas().entrySet()) {
      if (each.getValue() == Release.FULL) {
        return giveUp(facts, "a limit of the pool's hold is reached" + at(each.getKey()));
      }
    }
    Set<String> awaited = awaited(facts);
    if (awaited.isEmpty()) {
      String released = "nothing is sent to " + from.words() + " any more";
      return facts.hooks().demote()
          ? write(SwitchPhase.FENCING, facts, released, true)
          : promote(facts, released, true);
    }
    Duration left = letsFinish(facts.holdTime()).minus(facts.inPhase());
    if (left.isPositive()) {
      return new SwitchStep.Wait(left);
    }
    boolean cuts = request.force() || facts.cutsAtEnd();
    if (cuts && !cut) {
      return new SwitchStep.Write(cutting(facts), true);
    }
    Duration leftToCut = left.plus(request.pause().dividedBy(4));
    if (cuts && leftToCut.isPositive()) {
      return new SwitchStep.Wait(leftToCut);
    }
    boolean calling = awaited.stream().allMatch(each -> told(each, facts) == Release.CALLING);
    String what = calling ? "a hook is still running at one of its servers" : stillRunning();
    return giveUp(facts, what + at(String.join(", ", awaited)));
  }

  private static String at(String replica) {
    return replica.isEmpty() ? "" : " at " + replica;
  }

  /** The replicas that may still send something to the old server. */
  private Set<String> awaited(SwitchFacts facts) {
    Set<String> awaited = new TreeSet<>(replicas);
    awaited.addAll(facts.replicas().keySet());
    awaited.removeIf(each -> told(each, facts) == Release.RELEASED);
    return awaited;
  }

  private static Release told(String replica, SwitchFacts facts) {
    return facts.replicas().getOrDefault(replica, Release.NONE);
  }

  /** Goes on once the old server is fenced, or need not be. */
  private SwitchStep promote(SwitchFacts facts, String why, boolean inTurn) {
    return facts.hooks().promote() || facts.target() != Target.USABLE
        ? write(SwitchPhase.PROMOTING, facts, why, inTurn)
        : write(SwitchPhase.MOVED, facts, why, inTurn);
  }

  private SwitchStep calling(SwitchFacts facts) {
    boolean back = phase() == SwitchPhase.ROLLING_BACK;
    Duration left = request.pause().minus(back ? facts.inPhase() : facts.paused());
    if (!driver.equals(facts.replica())) {
      Duration patience = left.plus(PATIENCE);
      if (facts.replicas().containsKey(driver) && patience.isPositive()) {
        return new SwitchStep.Wait(patience);
      }
      return new SwitchStep.Write(
          next(phase(), facts, replicas, cut, driver + " does not continue"), true);
    }
    if (!facts.serves() && !back) {
      return write(SwitchPhase.ROLLING_BACK, facts, from.words() + " no longer serves", false);
    }
    return switch (phase()) {
      case FENCING -> fencing(facts, left);
      case PROMOTING -> promoting(facts, left);
      default -> rollingBack(facts, left);
    };
  }

  /** Waits while a living replica sends to the old server again; null if none does. */
  private @Nullable SwitchStep awaitRelease(SwitchFacts facts, Duration left) {
    Set<String> sending = sending(facts);
    if (sending.isEmpty()) {
      return null;
    }
    return left.isPositive()
        ? new SwitchStep.Wait(left)
        : write(
            SwitchPhase.ROLLING_BACK,
            facts,
            stillRunning() + at(String.join(", ", sending)),
            false);
  }

  /** The living replicas that may send something to the old server although it is being fenced. */
  private static Set<String> sending(SwitchFacts facts) {
    Set<String> sending = new TreeSet<>(facts.replicas().keySet());
    sending.removeIf(each -> told(each, facts).isKept());
    return sending;
  }

  private String stillRunning() {
    return "requests are still running on " + from.words();
  }

  private SwitchStep fencing(SwitchFacts facts, Duration left) {
    Call call = facts.call();
    if (call == Call.REFUSED) {
      return write(
          SwitchPhase.GIVEN_UP,
          facts,
          from.words() + " refused to be fenced" + detail(facts),
          false);
    }
    SwitchStep awaits = call == Call.UNCERTAIN ? null : awaitRelease(facts, left);
    if (awaits != null) {
      return awaits;
    }
    if (call == Call.UNCERTAIN || !left.isPositive()) {
      return write(
          SwitchPhase.ROLLING_BACK,
          facts,
          "it is not known whether " + from.words() + " is fenced" + detail(facts),
          false);
    }
    if (call == Call.DONE || !facts.hooks().demote()) {
      return promote(facts, from.words() + " is fenced", false);
    }
    return call == null ? new SwitchStep.Call(false, from, epoch, left) : new SwitchStep.Wait(left);
  }

  private static String detail(SwitchFacts facts) {
    return facts.callDetail().isEmpty() ? "" : ": " + facts.callDetail();
  }

  private SwitchStep promoting(SwitchFacts facts, Duration left) {
    Call call = facts.call();
    if (call == Call.REFUSED || call == Call.UNCERTAIN) {
      return write(
          SwitchPhase.ROLLING_BACK,
          facts,
          to().words() + " could not be promoted" + detail(facts),
          false);
    }
    SwitchStep awaits = awaitRelease(facts, left);
    if (awaits != null) {
      return awaits;
    }
    if (!left.isPositive()) {
      return write(
          SwitchPhase.ROLLING_BACK,
          facts,
          to().words() + " was not usable by the end of the pause",
          false);
    }
    boolean promoted = call == Call.DONE || !facts.hooks().promote();
    if (promoted && facts.target() == Target.USABLE) {
      return write(SwitchPhase.MOVED, facts, to().words() + " is promoted", false);
    }
    return promoted || call == Call.RUNNING
        ? new SwitchStep.Wait(left)
        : new SwitchStep.Call(true, to(), epoch, left);
  }

  private SwitchStep rollingBack(SwitchFacts facts, Duration left) {
    Call call = facts.call();
    if (call == Call.DONE || !facts.hooks().promote()) {
      return write(SwitchPhase.ROLLED_BACK, facts, why(), false);
    }
    if (call == Call.REFUSED || call == Call.UNCERTAIN || !left.isPositive()) {
      String neither = why() + "; " + from.words() + " could not be promoted again" + detail(facts);
      return write(SwitchPhase.FAILED, facts, neither, false);
    }
    return call == null
        ? new SwitchStep.Call(true, from, epoch + 1, left)
        : new SwitchStep.Wait(left);
  }

  /** After FAILED: the old server serves again. */
  public PlannedSwitch recovered(SwitchFacts facts, String why) {
    return next(SwitchPhase.ROLLED_BACK, facts, replicas, cut, why);
  }

  /**
   * The server that it has fenced and that serves no more; null if there is none.
   *
   * @param present the pool's epoch
   */
  public @Nullable ServerId fenced(long present) {
    return phase() == SwitchPhase.MOVED && present == epoch ? from : null;
  }

  /** The switch given up, or null if it cannot be any more. */
  public @Nullable PlannedSwitch givenUp(SwitchFacts facts, String why) {
    return phase().canBeGivenUp() ? next(SwitchPhase.GIVEN_UP, facts, replicas, cut, why) : null;
  }

  private SwitchStep giveUp(SwitchFacts facts, String why) {
    return write(SwitchPhase.GIVEN_UP, facts, why, true);
  }

  private SwitchStep write(SwitchPhase to, SwitchFacts facts, String why, boolean inTurn) {
    return new SwitchStep.Write(next(to, facts, replicas, cut, why), inTurn);
  }

  private PlannedSwitch cutting(SwitchFacts facts) {
    return new PlannedSwitch(id, from, request, epoch, facts.replica(), replicas, true, stages);
  }

  private PlannedSwitch next(
      SwitchPhase to, SwitchFacts facts, Set<String> living, boolean cuts, String why) {
    List<Stage> all = new ArrayList<>(stages);
    if (to != phase()) {
      all.add(new Stage(to, facts.now(), why));
    }
    return new PlannedSwitch(id, from, request, epoch, facts.replica(), living, cuts, all);
  }
}
