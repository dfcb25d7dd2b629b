package dev.understudy.event;

import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchPhase;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * An event that an operator would want to know of, with its reason. Those about roles are here,
 * with their sentences in {@link EventText}; {@link ServerEvent} and {@link ReplicaEvent} have the
 * others. A new one is a record, its kind and level in the tables of its interface, and its
 * sentence: log, history, API, stream and console take the rest from it.
 */
public sealed interface Event
    permits Event.Switched,
        Event.FailbackAwaited,
        Event.Pinned,
        Event.PlannedSwitchChanged,
        Event.HookCalled,
        Event.Kept,
        Event.TwoPrimaries,
        Event.ServesDown,
        Event.NoSuccessor,
        Event.NobodyServes,
        ServerEvent,
        ReplicaEvent {
  /** The pool concerned; null for the whole replica. */
  default @Nullable PoolId pool() {
    return null;
  }

  /** One sentence for people. */
  String message();

  /** What an event is about. */
  enum Kind {
    /** Acts of operators, the dynamic file, start and stop, and this replica's own state. */
    OPERATION,
    /** Who serves a pool, and why. */
    SWITCH,
    /** The health of a server. */
    HEALTH
  }

  /** What it is about: who serves, unless the table says otherwise. */
  default Kind kind() {
    return switch (this) {
      case Switched change when change.operator() != null -> Kind.OPERATION;
      case Pinned pinned -> Kind.OPERATION;
      case PlannedSwitchChanged change -> Kind.OPERATION;
      case HookCalled call -> Kind.OPERATION;
      default -> Kind.SWITCH;
    };
  }

  /**
   * The level of its line in the log, which the console shows as a colour. ERROR: a pool has no
   * serving server, or two primaries. WARN: a server failed or serves although DOWN, nobody would
   * be promoted if it failed, or a hook was not done. INFO: all others.
   */
  default Level level() {
    return switch (this) {
      case Switched change -> change.to() == null ? Level.ERROR : levelOf(change.reason());
      case TwoPrimaries two when !two.over() -> Level.ERROR;
      case NobodyServes nobody when !nobody.over() -> Level.ERROR;
      case PlannedSwitchChanged change when change.phase() == SwitchPhase.FAILED -> Level.ERROR;
      case PlannedSwitchChanged change
          when change.phase() == SwitchPhase.GIVEN_UP
              || change.phase() == SwitchPhase.ROLLED_BACK ->
          Level.WARN;
      case HookCalled call when call.outcome() != SwitchFacts.Call.DONE -> Level.WARN;
      case ServesDown down -> Level.WARN;
      case NoSuccessor none when !none.over() -> Level.WARN;
      default -> Level.INFO;
    };
  }

  private static Level levelOf(SwitchReason reason) {
    return switch (reason) {
      case HEALTH_CHECK_FAILED, CONNECTION_FAILED, CIRCUIT_OPEN, NO_SERVER -> Level.WARN;
      case INITIAL, RECOVERED, OPERATOR, FAILBACK, CONFIGURATION -> Level.INFO;
    };
  }

  /** Marks a component that is no part of the event in the API and in logs. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  @interface Internal {}

  /**
   * The serving server changed.
   *
   * @param from null if no server was serving
   * @param to null if no server is serving
   * @param evidence the observations behind the reason, for people
   * @param decidedBy the replica that decided; null if this one decides alone
   * @param took time from the first bad observation to this change; null if nothing failed
   * @param agreeing time from this replica's first need of the change to the change; null if it saw
   *     no need
   * @param operator who caused the change; null if no operator did, or none is known
   */
  record Switched(
      PoolId pool,
      @Nullable ServerId from,
      @Nullable ServerId to,
      SwitchReason reason,
      long epoch,
      String evidence,
      @Nullable String decidedBy,
      @Nullable Duration took,
      @Internal @Nullable Duration agreeing,
      @Nullable Operator operator,
      String message)
      implements Event {}

  /**
   * A server of better rank is usable, but does not serve yet. Emitted once for each wait, and
   * again when the cause of the wait changes.
   *
   * @param due when that server takes over if nothing else changes; null if an operator decides
   * @param heldBy the cause that delays the failback, for people
   */
  record FailbackAwaited(
      PoolId pool,
      ServerId serving,
      ServerId better,
      @Nullable Instant due,
      String heldBy,
      String message)
      implements Event {}

  /**
   * An operator pinned a server, or the pin ended.
   *
   * @param server null if no server is pinned any more
   * @param operator null if no operator caused the change, or none is known
   */
  record Pinned(PoolId pool, @Nullable ServerId server, @Nullable Operator operator, String message)
      implements Event {}

  /**
   * A planned switch began its next phase.
   *
   * @param planned the switch's id
   * @param epoch the epoch that it begins, if it moves the role
   * @param driver the replica that decided; null if this one decides alone
   * @param why the reason for the phase, for people; empty if that needs no words
   * @param paused for how long this replica held clients; null unless that ends now
   * @param operator null if not known
   */
  record PlannedSwitchChanged(
      PoolId pool,
      String planned,
      ServerId from,
      ServerId to,
      SwitchPhase phase,
      long epoch,
      @Nullable String driver,
      String why,
      @Nullable Duration paused,
      @Nullable Operator operator,
      String message)
      implements Event {}

  /**
   * A hook was called.
   *
   * @param hook {@code demote} or {@code promote}
   * @param outcome DONE; REFUSED: it had no effect; UNCERTAIN: it may have had one
   * @param detail the status and the beginning of the response, or of the output
   * @param operator null if no operator is behind it, or none is known
   */
  record HookCalled(
      PoolId pool,
      String hook,
      ServerId server,
      long epoch,
      SwitchFacts.Call outcome,
      String detail,
      Duration took,
      @Nullable Operator operator,
      String message)
      implements Event {}

  /** A server serves without a switch here: after a start, a pool's return, an agreement. */
  record Kept(PoolId pool, ServerId serving, long epoch, String evidence, String message)
      implements Event {}

  /**
   * Another server claims to be primary while one serves, or does so no longer.
   *
   * @param server the claimant, the most preferred if there are several
   * @param since when its claim began
   * @param over whether this is the end: a claim ended, or the serving server is another
   */
  record TwoPrimaries(
      PoolId pool, ServerId serving, ServerId server, Instant since, boolean over, String message)
      implements Event {}

  /** The serving server is DOWN and goes on serving: it responds, and no other is usable. */
  record ServesDown(PoolId pool, ServerId server, String evidence, String message)
      implements Event {}

  /**
   * All servers that could be promoted if the serving one failed are too far behind to be, or that
   * has ended.
   *
   * @param server the serving server
   * @param evidence how far; empty if it is over
   */
  record NoSuccessor(PoolId pool, ServerId server, boolean over, String evidence, String message)
      implements Event {}

  /**
   * No server serves and none is usable, without a switch that led there, as after a start; or such
   * a state ended without a switch, as the file no longer has the pool, or it balances now.
   *
   * @param evidence empty if it is over
   */
  record NobodyServes(PoolId pool, boolean over, String evidence, String message)
      implements Event {}
}
