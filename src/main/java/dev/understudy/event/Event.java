package dev.understudy.event;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.LocalFailure;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
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
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * An event that an operator would want to know of, with its reason. A new one is a record here, its
 * kind and level in the tables of this interface, and its sentence in {@link EventText}: log,
 * history, API, stream and console take the rest from it.
 */
public sealed interface Event {
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

  /** What it is about: an operation unless the table says otherwise. */
  default Kind kind() {
    return switch (this) {
      case Switched change when change.operator() == null -> Kind.SWITCH;
      case FailbackAwaited awaited -> Kind.SWITCH;
      case Kept kept -> Kind.SWITCH;
      case TwoPrimaries two -> Kind.SWITCH;
      case ServesDown down -> Kind.SWITCH;
      case NobodyServes nobody -> Kind.SWITCH;
      case HealthChanged change -> Kind.HEALTH;
      case CircuitChanged change -> Kind.HEALTH;
      case AddressChanged change -> Kind.HEALTH;
      default -> Kind.OPERATION;
    };
  }

  /**
   * The level of its line in the log, which the console shows as a colour. ERROR: a pool has no
   * serving server, a file was refused, what was remembered is lost or what is to be remembered
   * cannot be written, this machine fails, or a certificate expires within a day. WARN: a server
   * failed or serves although DOWN, a circuit breaker opened, a replica is out of touch, a
   * certificate expires soon, a file was applied with warnings, or the last run ended without a
   * stop. INFO: all others.
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
      case ResourceExhausted exhausted when !exhausted.over() -> Level.ERROR;
      case StateLost lost -> Level.ERROR;
      case StateUnwritten unwritten when !unwritten.over() -> Level.ERROR;
      case CertificateExpires expires when expires.daysLeft() <= 1 -> Level.ERROR;
      case CertificateExpires expires -> Level.WARN;
      case OutOfTouch lost when !lost.over() -> Level.WARN;
      case FailedTogether failed when !failed.over() -> Level.ERROR;
      case ConfigurationRejected rejected -> Level.ERROR;
      case HookCalled call when call.outcome() != SwitchFacts.Call.DONE -> Level.WARN;
      case ServesDown down -> Level.WARN;
      case HealthChanged change when change.to() == HealthStatus.DOWN -> Level.WARN;
      case CircuitChanged change when change.open() -> Level.WARN;
      case ConfigurationApplied applied when !applied.warnings().isEmpty() -> Level.WARN;
      case Started start when start.lastEnd() == RunEnd.CRASHED -> Level.WARN;
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
   * No server serves and none is usable, without a switch that led there, as after a start; or that
   * is over without a switch, as the file has the pool no more.
   *
   * @param evidence empty if it is over
   */
  record NobodyServes(PoolId pool, boolean over, String evidence, String message)
      implements Event {}

  /**
   * A server's health changed.
   *
   * @param count how many changes it stands for: 1, or more of a server that flaps
   */
  record HealthChanged(
      PoolId pool,
      ServerId server,
      HealthStatus from,
      HealthStatus to,
      int count,
      String evidence,
      String message)
      implements Event {}

  /**
   * A resource of this machine is used up, or is there again. What fails for want of it counts
   * against no server.
   *
   * @param over whether it is there again
   * @param failures the number of failures for want of it, if that is over
   */
  record ResourceExhausted(LocalFailure resource, boolean over, long failures, String message)
      implements Event {}

  /**
   * What was remembered of pools in {@code understudy.state-file} could not be read.
   *
   * @param pools those whose state is lost; empty if it is that of all
   * @param kept the copy of the file as it was; null if there is none
   */
  record StateLost(String file, List<String> pools, @Nullable String kept, String message)
      implements Event {
    public StateLost {
      pools = List.copyOf(pools);
    }
  }

  /**
   * What was decided and set is in memory only, as {@code understudy.state-file} cannot be written;
   * or it is written again.
   *
   * @param over whether it is written again
   */
  record StateUnwritten(String file, boolean over, String message) implements Event {}

  /**
   * Most servers, on most of their hosts, failed within seconds; or most of them are no longer
   * DOWN.
   *
   * @param over whether it is over
   * @param failed the most that were DOWN at a time, whenever they failed
   * @param servers the number of all servers
   * @param causes what they had in common, with the number of servers
   * @param hosts where they are, with the number of servers
   */
  record FailedTogether(
      boolean over,
      int failed,
      int servers,
      List<String> causes,
      List<String> hosts,
      String message)
      implements Event {
    public FailedTogether {
      causes = List.copyOf(causes);
      hosts = List.copyOf(hosts);
    }
  }

  /**
   * A replica lost contact with the others, or has it again. Emitted by itself and by all that miss
   * it.
   *
   * @param over whether it has contact again, or is no longer missed
   * @param why the reason, for people; empty if none is known
   */
  record OutOfTouch(String replica, boolean over, String why, String message) implements Event {}

  /**
   * A certificate that is shown to clients or to servers expires soon, or has expired.
   *
   * @param certificate the file, or the bundle
   * @param daysLeft whole days, rounded up; at most 0 once it has expired
   */
  record CertificateExpires(String certificate, Instant notAfter, long daysLeft, String message)
      implements Event {}

  /**
   * The name of a server has another address. Emitted once a minute at most for each server.
   *
   * @param from the address before the first of the changes
   * @param changes their number; more than 1 if the name has changed again and again
   */
  record AddressChanged(
      PoolId pool, ServerId server, String from, String to, int changes, String message)
      implements Event {}

  /** A server's circuit breaker opened or closed. */
  record CircuitChanged(PoolId pool, ServerId server, boolean open, String message)
      implements Event {}

  /**
   * An operator changed a server's state.
   *
   * @param operator null if not known
   */
  record OperatorStateChanged(
      PoolId pool,
      ServerId server,
      OperatorState from,
      OperatorState to,
      @Nullable Operator operator,
      String message)
      implements Event {}

  /**
   * The maintenance of a whole pool began, is another, or ended.
   *
   * @param until when it ends by itself; null if an operator ends it, or it has ended
   * @param allow the networks of clients that are served nevertheless
   * @param operator null if it ended by itself, or none is known
   */
  record PoolStateChanged(
      PoolId pool,
      OperatorState from,
      OperatorState to,
      @Nullable Instant until,
      List<String> allow,
      @Nullable Operator operator,
      String message)
      implements Event {
    public PoolStateChanged {
      allow = List.copyOf(allow);
    }
  }

  /**
   * An operator changed the level of a logger of this replica, until it ends.
   *
   * @param from the level set before; null if it was inherited
   * @param to the level from now on; null if it is inherited
   */
  record LogLevelChanged(
      String logger,
      @Nullable String from,
      @Nullable String to,
      @Nullable Operator operator,
      String message)
      implements Event {}

  /**
   * A new file was applied.
   *
   * @param warnings settings that are valid but probably not meant, each with its line
   * @param changes what the file changed, one sentence each; empty for the first file of a run
   * @param removedPools pools that the file no longer has
   */
  record ConfigurationApplied(
      String file,
      List<String> warnings,
      List<String> changes,
      List<PoolId> removedPools,
      String message)
      implements Event {
    public ConfigurationApplied {
      warnings = List.copyOf(warnings);
      changes = List.copyOf(changes);
      removedPools = List.copyOf(removedPools);
    }
  }

  /** A new file was refused; the running configuration is untouched. */
  record ConfigurationRejected(String file, List<String> problems, String message)
      implements Event {
    public ConfigurationRejected {
      problems = List.copyOf(problems);
    }
  }

  /** How a run of this process ended. */
  enum RunEnd {
    /** The run ended by an orderly stop. */
    STOPPED,
    /** Without an orderly stop: the process was killed or crashed, or the machine failed. */
    CRASHED
  }

  /**
   * This process started; the first event of a run.
   *
   * @param version null if it was not built by Maven
   * @param file the dynamic file
   * @param lastEnd how the last recorded run ended; null if there is none
   * @param lastAlive when the last recorded run was alive for the last time; null if there is none
   */
  record Started(
      @Nullable String version,
      String file,
      @Nullable RunEnd lastEnd,
      @Nullable Instant lastAlive,
      String message)
      implements Event {}

  /** This process stops in order; the last event of a run. */
  record Stopped(String message) implements Event {}
}
