package dev.understudy.switchover;

import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A switch on purpose, as all replicas know it. {@link SwitchDecision} says how it goes on.
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

  /** Whether it failed, and nobody has served since then. */
  public boolean leftNobody() {
    return phase() == SwitchPhase.FAILED
        && (stages.size() < 2 || stages.get(stages.size() - 2).phase() != SwitchPhase.FAILED);
  }

  /** Whether it is a failback that ended and did not move the role. */
  public boolean isFailedFailback() {
    return request.failback() && phase().isOver() && phase() != SwitchPhase.MOVED;
  }

  /** Whether the call that fences the old server, if there is such a hook, has succeeded. */
  public boolean hasFenced() {
    return stages.stream().anyMatch(stage -> stage.phase() == SwitchPhase.PROMOTING);
  }

  /** Whether it goes on. */
  public boolean isActive() {
    return !phase().isOver();
  }

  /**
   * After FAILED: a server serves again, so that the next failure is none of this switch's. Its
   * last phase stands there twice.
   */
  public PlannedSwitch ended(Instant now, String why) {
    List<Stage> all = new ArrayList<>(stages);
    all.add(new Stage(SwitchPhase.FAILED, now, why));
    return new PlannedSwitch(id, from, request, epoch, driver, replicas, cut, all);
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
    return phase().canBeGivenUp() ? next(SwitchPhase.GIVEN_UP, facts, why) : null;
  }

  /** In its next phase, or its present one with the replica that knows the facts as its driver. */
  PlannedSwitch next(SwitchPhase to, SwitchFacts facts, String why) {
    return next(to, facts, replicas, why);
  }

  /** In its first phase in which clients are held, by all living replicas. */
  PlannedSwitch pausing(SwitchFacts facts) {
    return next(SwitchPhase.PAUSING, facts, facts.replicas().keySet(), "");
  }

  private PlannedSwitch next(SwitchPhase to, SwitchFacts facts, Set<String> living, String why) {
    List<Stage> all = new ArrayList<>(stages);
    if (to != phase()) {
      all.add(new Stage(to, facts.now(), why));
    }
    return new PlannedSwitch(id, from, request, epoch, facts.replica(), living, cut, all);
  }

  /** In the same phase, in which replicas end by force what still runs at the old server. */
  PlannedSwitch cutting(SwitchFacts facts) {
    return new PlannedSwitch(id, from, request, epoch, facts.replica(), replicas, true, stages);
  }
}
