package dev.understudy.notification;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.event.ServerEvent;
import dev.understudy.text.Words;
import java.time.Instant;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Identifies an event that all replicas emit because of the same decision, so that only one of them
 * sends it.
 *
 * @param decidedBy the replica that decided; null if none did, or it is not known
 * @param id the same at every replica
 * @param repeats whether several events of one moment, such as two drains, may have the id
 */
record AgreedEvent(@Nullable String decidedBy, String id, boolean repeats) {
  /** Replicas emit what they agree on within a few seconds. */
  private static final long WINDOW_SECONDS = 10;

  /** The agreed part of an event; null if the event is of this replica alone. */
  static @Nullable AgreedEvent of(EventLog.Entry entry, NotificationSource origin) {
    return origin.replicated() ? of(entry.event(), entry.at(), origin.replica()) : null;
  }

  /**
   * The agreed part of an event where replicas agree; null if the event is of this replica alone.
   *
   * @param self this replica's name
   */
  static @Nullable AgreedEvent of(Event event, Instant at, String self) {
    return switch (event) {
      case Event.Switched change ->
          new AgreedEvent(change.decidedBy(), id(event, change.epoch() + "-" + change.to()), false);
      case Event.PlannedSwitchChanged change ->
          new AgreedEvent(
              change.driver(),
              id(event, change.planned() + "-" + Words.kebab("" + change.phase())),
              false);
      case Event.Pinned pinned -> around(event, at, "" + pinned.server());
      case ServerEvent.OperatorStateChanged change ->
          around(event, at, change.server() + "-" + Words.lower(change.to()));
      case ServerEvent.PoolStateChanged change -> around(event, at, Words.lower(change.to()));
      case Event.TwoPrimaries two -> around(event, at, two.server() + "-" + two.over());
      case Event.FailbackAwaited awaited -> around(event, at, awaited.better().value());
      case Event.ServesDown down -> around(event, at, down.server().value());
      case Event.NoSuccessor none -> around(event, at, none.server() + "-" + none.over());
      case Event.NobodyServes nobody -> around(event, at, nobody.over() ? "over" : "");
      case ReplicaEvent.OutOfTouch lost when !lost.replica().equals(self) ->
          around(event, at, lost.replica() + "-" + lost.over());
      default -> null;
    };
  }

  private static AgreedEvent around(Event event, Instant at, String what) {
    return new AgreedEvent(
        null, id(event, what + "-" + at.getEpochSecond() / WINDOW_SECONDS * WINDOW_SECONDS), true);
  }

  /**
   * The event's number among those of the same moment.
   *
   * @param number 1 for the first; all replicas emit the events of one pool in the same order
   */
  AgreedEvent numbered(int number) {
    return number == 1 ? this : new AgreedEvent(decidedBy, id + "-" + number, repeats);
  }

  private static String id(Event event, String what) {
    String pool = event.pool() == null ? "" : event.pool() + "-";
    return pool + Words.kebab(event.getClass().getSimpleName()) + "-" + what;
  }

  /**
   * Whether this replica has to send it: it decided, or the one that did counts no longer and this
   * is the first by name of those that count. A replica out of touch sends all of its own.
   */
  boolean isTurnOf(AgreementStatus now) {
    TreeSet<String> counted = new TreeSet<>();
    now.voters().stream()
        .filter(AgreementStatus.Voter::counted)
        .forEach(voter -> counted.add(voter.replica()));
    if (now.replica() == null || !now.inTouch() || counted.isEmpty()) {
      return true;
    }
    boolean known = decidedBy != null && counted.contains(decidedBy);
    return now.replica().equals(known ? decidedBy : counted.first());
  }
}
