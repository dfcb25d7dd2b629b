package dev.understudy.notification;

import dev.understudy.event.Event;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.event.ServerEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.text.Words;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** What a notification is about, in kebab case the words of {@code events}. */
public enum Topic {
  SWITCHED,
  NOBODY_SERVES(Level.ERROR),
  SERVES_DOWN,
  NO_SUCCESSOR(Level.WARN),
  TWO_PRIMARIES(Level.ERROR),
  FAILBACK_AWAITED,
  /** Moved, given up, rolled back, failed. */
  PLANNED_SWITCH,
  HOOK_FAILED,
  MASS_FAILURE(Level.ERROR),
  RESOURCE_EXHAUSTED(Level.ERROR),
  CHECKS_LATE(Level.WARN),
  STATE_LOST,
  STATE_UNWRITTEN(Level.ERROR),
  OUT_OF_TOUCH(Level.WARN),
  CERTIFICATE_EXPIRES,
  FILE_APPLIED,
  FILE_REFUSED(Level.ERROR),
  /** Operators' acts but switches. */
  OPERATOR,
  CRASHED,
  /** Health of servers and circuit breakers. */
  HEALTH,
  /**
   * What is expected: starts, stops, phases of a planned switch, hooks that succeed, other
   * addresses of names.
   */
  ROUTINE;

  /** Those that are sent unless others are chosen. */
  static final Set<Topic> USUAL = EnumSet.complementOf(EnumSet.of(HEALTH, ROUTINE));

  private final @Nullable Level lasting;

  Topic() {
    this(null);
  }

  Topic(@Nullable Level lasting) {
    this.lasting = lasting;
  }

  /**
   * The level of a state that lasts until another event ends it, the same at its begin and end;
   * null for what just happens.
   */
  @Nullable Level lasting() {
    return lasting;
  }

  /** The name in settings and notifications. */
  public String word() {
    return Words.kebab(name());
  }

  /** All names, for people. */
  public static String words() {
    return Arrays.stream(values()).map(Topic::word).collect(Collectors.joining(", "));
  }

  /** What an event is about. */
  static Topic of(Event event) {
    return switch (event) {
      case Event.Switched change when change.to() == null -> NOBODY_SERVES;
      case Event.Switched change -> change.reason() == SwitchReason.INITIAL ? ROUTINE : SWITCHED;
      case Event.NobodyServes nobody -> nobody.over() ? ROUTINE : NOBODY_SERVES;
      case Event.ServesDown down -> SERVES_DOWN;
      case Event.NoSuccessor none -> NO_SUCCESSOR;
      case Event.TwoPrimaries two -> TWO_PRIMARIES;
      case Event.FailbackAwaited awaited -> FAILBACK_AWAITED;
      case Event.PlannedSwitchChanged change -> change.phase().isOver() ? PLANNED_SWITCH : ROUTINE;
      case Event.HookCalled call -> call.outcome() == SwitchFacts.Call.DONE ? ROUTINE : HOOK_FAILED;
      case ReplicaEvent.FailedTogether failed -> MASS_FAILURE;
      case ReplicaEvent.ResourceExhausted exhausted -> RESOURCE_EXHAUSTED;
      case ReplicaEvent.ChecksLate late -> CHECKS_LATE;
      case ReplicaEvent.StateLost lost -> STATE_LOST;
      case ReplicaEvent.StateUnwritten unwritten -> STATE_UNWRITTEN;
      case ReplicaEvent.OutOfTouch lost -> OUT_OF_TOUCH;
      case ReplicaEvent.CertificateExpires expires -> CERTIFICATE_EXPIRES;
      case ReplicaEvent.ConfigurationApplied applied ->
          !applied.isOfFile() || (applied.changes().isEmpty() && applied.warnings().isEmpty())
              ? ROUTINE
              : FILE_APPLIED;
      case ReplicaEvent.ConfigurationRejected rejected ->
          rejected.isOfFile() ? FILE_REFUSED : ROUTINE;
      case ServerEvent.OperatorStateChanged change -> OPERATOR;
      case ServerEvent.PoolStateChanged change -> OPERATOR;
      case Event.Pinned pinned -> OPERATOR;
      case ReplicaEvent.LogLevelChanged change -> OPERATOR;
      case ServerEvent.HealthChanged change -> HEALTH;
      case ServerEvent.CircuitChanged change -> HEALTH;
      case ReplicaEvent.Started start ->
          start.lastEnd() == ReplicaEvent.RunEnd.CRASHED ? CRASHED : ROUTINE;
      case ServerEvent.AddressChanged change -> ROUTINE;
      case Event.Kept kept -> ROUTINE;
      case ReplicaEvent.Stopped stopped -> ROUTINE;
    };
  }

  /** The lasting state that an event ends; null if it ends none. */
  static @Nullable Topic endedBy(Event event) {
    return switch (event) {
      case Event.Switched change when change.from() == null && change.to() != null -> NOBODY_SERVES;
      case Event.NobodyServes nobody when nobody.over() -> NOBODY_SERVES;
      case ReplicaEvent.ConfigurationApplied applied when applied.isOfFile() -> FILE_REFUSED;
      case Event.TwoPrimaries two when two.over() -> TWO_PRIMARIES;
      case Event.NoSuccessor none when none.over() -> NO_SUCCESSOR;
      case ReplicaEvent.FailedTogether failed when failed.over() -> MASS_FAILURE;
      case ReplicaEvent.ResourceExhausted exhausted when exhausted.over() -> RESOURCE_EXHAUSTED;
      case ReplicaEvent.ChecksLate late when late.over() -> CHECKS_LATE;
      case ReplicaEvent.StateUnwritten unwritten when unwritten.over() -> STATE_UNWRITTEN;
      case ReplicaEvent.OutOfTouch lost when lost.over() -> OUT_OF_TOUCH;
      default -> null;
    };
  }
}
