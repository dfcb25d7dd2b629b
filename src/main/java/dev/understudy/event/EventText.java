package dev.understudy.event;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.event.Event.FailbackAwaited;
import dev.understudy.event.Event.HookCalled;
import dev.understudy.event.Event.Kept;
import dev.understudy.event.Event.NoSuccessor;
import dev.understudy.event.Event.NobodyServes;
import dev.understudy.event.Event.Pinned;
import dev.understudy.event.Event.PlannedSwitchChanged;
import dev.understudy.event.Event.ServesDown;
import dev.understudy.event.Event.Switched;
import dev.understudy.event.Event.TwoPrimaries;
import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.text.UtcTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Creates events about roles, each with its sentence for people. */
public final class EventText {
  private EventText() {}

  /**
   * The serving server changed.
   *
   * @param next has a reason
   * @param took time from the first bad observation; null if nothing failed
   * @param agreeing time since this replica saw the need; null if it saw none
   */
  public static Switched switched(
      PoolId pool,
      @Nullable ServerId from,
      AgreedRole next,
      @Nullable Duration took,
      @Nullable Duration agreeing) {
    SwitchReason reason = Objects.requireNonNull(next.reason());
    ServerId to = next.roleState().serving();
    long epoch = next.roleState().epoch();
    ServerId first = next.owed().promote();
    String who = to == null ? "nobody serves" : to.words() + " serves";
    String instead = from == null ? "" : " instead of " + from.words();
    String until = to != null || first == null ? "" : " until " + first.words() + " is promoted";
    String decided = next.decidedBy() == null ? "" : ", decided by " + next.decidedBy();
    String after = took == null ? "" : ", " + readable(took) + " after the first bad sign";
    Operator operator = next.operators().ofSwitch();
    String message =
        "Pool %s: %s%s%s: %s (%s, epoch %d%s%s)%s"
            .formatted(
                pool,
                who,
                instead,
                until,
                reason.words(),
                next.evidence(),
                epoch,
                decided,
                after,
                Operator.by(operator));
    return new Switched(
        pool,
        from,
        to,
        reason,
        epoch,
        next.evidence(),
        next.decidedBy(),
        took,
        agreeing,
        operator,
        message);
  }

  /**
   * A planned switch began its next phase.
   *
   * @param paused for how long this replica held clients; null unless that ends now
   */
  public static PlannedSwitchChanged planned(
      PoolId pool, PlannedSwitch planned, @Nullable Duration paused) {
    String why = planned.why().isEmpty() ? "" : ": " + planned.why();
    String held = paused == null ? "" : ", clients were held for " + readable(paused);
    String driver = planned.driver().isEmpty() ? null : planned.driver();
    String decided = driver == null ? "" : ", decided by " + driver;
    Operator operator = planned.request().by();
    String message =
        "Pool %s: %s from server %s to server %s: %s%s (epoch %d%s%s)%s"
            .formatted(
                pool,
                planned.request().words(),
                planned.from(),
                planned.to(),
                phase(planned),
                why,
                planned.epoch(),
                decided,
                held,
                Operator.by(operator));
    return new PlannedSwitchChanged(
        pool,
        planned.id(),
        planned.from(),
        planned.to(),
        planned.phase(),
        planned.epoch(),
        driver,
        planned.why(),
        paused,
        operator,
        message);
  }

  /** A hook was called. */
  public static HookCalled hookCalled(HookCall call, HookResult result) {
    String came =
        switch (result.outcome()) {
          case DONE -> "done";
          case REFUSED -> "refused";
          case UNCERTAIN, RUNNING -> "failed, it may have had an effect";
        };
    String message =
        "Pool %s: hook %s of server %s: %s (%s, epoch %d, took %s)%s"
            .formatted(
                call.pool().id(),
                call.hook(),
                call.server().id(),
                came,
                result.detail(),
                call.epoch(),
                readable(result.took()),
                Operator.by(call.operator()));
    return new HookCalled(
        call.pool().id(),
        call.hook(),
        call.server().id(),
        call.epoch(),
        result.outcome(),
        result.detail(),
        result.took(),
        call.operator(),
        message);
  }

  private static String phase(PlannedSwitch planned) {
    return switch (planned.phase()) {
      case SCHEDULED -> "scheduled for " + planned.request().at();
      case PAUSING -> "clients are held while requests finish";
      case FENCING -> planned.from().words() + " is being fenced";
      case PROMOTING -> planned.to().words() + " is being promoted";
      case ROLLING_BACK -> planned.from().words() + " is being promoted again";
      case MOVED -> "moved";
      case GIVEN_UP -> "given up, nothing changed";
      case ROLLED_BACK -> "rolled back, " + planned.from().words() + " serves";
      case FAILED -> "failed, so the replicas choose who serves";
    };
  }

  /** The event that announces the beginning of {@code explanation}. */
  public static Event begins(PoolId pool, ChoiceExplanation explanation, Instant now) {
    return switch (explanation) {
      case ChoiceExplanation.FailbackAwaited wait ->
          new FailbackAwaited(
              pool,
              wait.serving(),
              wait.better(),
              wait.due(),
              wait.why(),
              awaited(pool, wait, now));
      case ChoiceExplanation.TwoPrimaries two ->
          new TwoPrimaries(
              pool,
              two.serving(),
              two.claimant(),
              two.since(),
              false,
              "Pool %s: two primaries: %s".formatted(pool, two.why()));
      case ChoiceExplanation.ServesDown down ->
          new ServesDown(
              pool,
              down.serving(),
              down.why(),
              "Pool %s: server %s %s".formatted(pool, down.serving(), down.why()));
      case ChoiceExplanation.NoSuccessor none ->
          new NoSuccessor(
              pool,
              none.serving(),
              false,
              none.why(),
              "Pool %s: if server %s fails now, nobody is promoted without an operator's word: %s"
                  .formatted(pool, none.serving(), none.why()));
      case ChoiceExplanation.Nobody nobody ->
          new NobodyServes(
              pool,
              false,
              nobody.why(),
              "Pool %s: nobody serves, no server is usable: %s".formatted(pool, nobody.why()));
    };
  }

  /**
   * Nobody served a pool that no server has to serve any more.
   *
   * @param removed whether the file has it no more; else it balances now
   */
  public static NobodyServes nobodyHasToServe(PoolId pool, boolean removed) {
    String now = removed ? "it is removed" : "it balances now";
    return new NobodyServes(pool, true, "", "Pool %s: nobody served it; %s".formatted(pool, now));
  }

  /** Another server may be promoted again, or the one that had no successor serves no more. */
  public static NoSuccessor hasSuccessor(PoolId pool, ChoiceExplanation.NoSuccessor ended) {
    return new NoSuccessor(
        pool,
        ended.serving(),
        true,
        "",
        "Pool %s: it is no longer so that nobody could be promoted if server %s failed"
            .formatted(pool, ended.serving()));
  }

  /** The end of two primaries. */
  public static TwoPrimaries onePrimary(PoolId pool, ChoiceExplanation.TwoPrimaries ended) {
    return new TwoPrimaries(
        pool,
        ended.serving(),
        ended.claimant(),
        ended.since(),
        true,
        "Pool %s: server %s and server %s are no longer two primaries"
            .formatted(pool, ended.serving(), ended.claimant()));
  }

  private static String awaited(PoolId pool, ChoiceExplanation.FailbackAwaited wait, Instant now) {
    Instant due = wait.due();
    String when =
        due == null
            ? "no failback yet: " + wait.why()
            : "failback due at %s, in %s (%s)"
                .formatted(UtcTime.clock(due), inSeconds(Duration.between(now, due)), wait.why());
    return "Pool %s: server %s is usable, server %s serves; %s"
        .formatted(pool, wait.better(), wait.serving(), when);
  }

  public static Pinned pinned(PoolId pool, ServerId server, @Nullable Operator operator) {
    return new Pinned(
        pool,
        server,
        operator,
        "Pool %s: an operator pinned server %s: no failback until the pool is set to auto or the server fails%s"
            .formatted(pool, server, Operator.by(operator)));
  }

  /**
   * The pin ended.
   *
   * @param bySwitch whether the pool's epoch changed with it
   */
  public static Pinned unpinned(
      PoolId pool, ServerId server, boolean bySwitch, @Nullable Operator operator) {
    String why = bySwitch ? "it no longer serves" : "an operator set the pool to auto";
    return new Pinned(
        pool,
        null,
        operator,
        "Pool %s: server %s is no longer pinned: %s%s"
            .formatted(pool, server, why, Operator.by(operator)));
  }

  public static Kept kept(PoolId pool, RoleState roleState, ServerId serving, String from) {
    String pinned = roleState.pinned() == null ? "" : ", pinned by an operator";
    String evidence = "kept " + from + pinned;
    String message =
        "Pool %s: server %s serves: kept %s, epoch %d%s"
            .formatted(pool, serving, from, roleState.epoch(), pinned);
    return new Kept(pool, serving, roleState.epoch(), evidence, message);
  }

  /** Rounds up, so that 300 ms does not become 0 s; negative durations give 0 s. */
  public static String inSeconds(Duration duration) {
    return Math.max(0, (duration.toMillis() + 999) / 1000) + " s";
  }

  private static String readable(Duration duration) {
    return duration.toSeconds() < 10 ? duration.toMillis() + " ms" : duration.toSeconds() + " s";
  }
}
