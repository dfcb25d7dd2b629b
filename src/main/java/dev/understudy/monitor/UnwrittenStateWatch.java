package dev.understudy.monitor;

import dev.understudy.agreement.RoleDecisions;
import dev.understudy.event.Alarm;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Emits that what was decided and set is in memory only, once that has lasted for {@link
 * #SLOW_WRITE}, and its end. Used on the monitor's thread, but for {@link #alarms}.
 */
final class UnwrittenStateWatch {
  /** More than a write takes on a slow disk. */
  static final Duration SLOW_WRITE = Duration.ofSeconds(2);

  private final RoleDecisions agreement;
  private final EventLog events;
  private final InstantSource clock;

  /** Since when it has been so; null if it is not. */
  private @Nullable Instant since;

  /** What was emitted; null if nothing was, or its end. */
  private RoleDecisions.@Nullable Unwritten announced;

  private volatile List<Alarm> alarms = List.of();

  UnwrittenStateWatch(RoleDecisions agreement, EventLog events, InstantSource clock) {
    this.agreement = agreement;
    this.events = events;
    this.clock = clock;
  }

  /** The alarm that is on, if one is; from any thread. */
  List<Alarm> alarms() {
    return alarms;
  }

  /** Looks; called on each beat of the {@link PauseDetector}. */
  void look() {
    RoleDecisions.Unwritten now = agreement.unwritten().orElse(null);
    RoleDecisions.Unwritten before = announced;
    if (now == null) {
      since = null;
      if (before != null) {
        announced = null;
        alarms = List.of();
        events.add(ReplicaEvent.StateUnwritten.ends(before.file()));
      }
      return;
    }
    Instant at = clock.instant();
    Instant begun = since == null ? at : since;
    since = begun;
    if (before == null && !at.isBefore(begun.plus(SLOW_WRITE))) {
      announced = now;
      events.add(ReplicaEvent.StateUnwritten.begins(now));
    }
    if (announced != null) {
      alarms = List.of(ReplicaEvent.StateUnwritten.alarm(now, begun));
    }
  }
}
