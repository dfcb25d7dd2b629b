package dev.understudy.monitor;

import dev.understudy.agreement.ReplicaMembership;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Emits that a replica is out of touch, and that it no longer is: this one once it has been so for
 * {@link #SILENCE}, another once its votes no longer count.
 */
final class ContactWatch {
  /** More than a pause of this process, and than the way of a first renewal. */
  static final Duration SILENCE = Duration.ofSeconds(10);

  private final ReplicaMembership agreement;
  private final EventLog events;
  private final InstantSource clock;

  /** Since when this replica has been out of touch; null if it is in touch. */
  private @Nullable Instant since;

  private final Set<String> announced = new TreeSet<>();

  ContactWatch(ReplicaMembership agreement, EventLog events, InstantSource clock) {
    this.agreement = agreement;
    this.events = events;
    this.clock = clock;
  }

  /** Looks at all replicas; called on each beat of the {@link PauseDetector}. */
  void look() {
    boolean inTouch = agreement.contact().holds();
    Set<String> lost = inTouch ? new TreeSet<>(agreement.lostReplicas()) : new TreeSet<>(announced);
    String self = agreement.replica();
    if (inTouch) {
      since = null;
    } else {
      Instant now = clock.instant();
      since = since == null ? now : since;
      if (!now.isBefore(since.plus(SILENCE))) {
        lost.add(self);
      }
    }
    for (String each : lost) {
      if (announced.add(each)) {
        String why = each.equals(self) ? agreement.status().why() : null;
        events.add(ReplicaEvent.OutOfTouch.begins(each, why == null ? "" : why));
      }
    }
    for (String each : Set.copyOf(announced)) {
      if (!lost.contains(each)) {
        announced.remove(each);
        events.add(ReplicaEvent.OutOfTouch.ends(each));
      }
    }
  }
}
