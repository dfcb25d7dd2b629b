package dev.understudy.monitor;

import dev.understudy.event.Event;
import dev.understudy.recurring.Timers;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of the changes of one value of a server. If it flaps, the first changes within a
 * minute are an event each; from then on there is one event for all changes of a minute, until one
 * passes without any.
 *
 * @param <V> the value
 * @param <W> why it changed
 */
final class JoinedChanges<V, W> {
  static final Duration MINUTE = Duration.ofMinutes(1);

  /** Makes an event. */
  interface Maker<V, W> {
    /**
     * The event of one change, or of several within a minute.
     *
     * @param from the value before the first of them
     * @param why of the last of them
     */
    Event event(V from, V to, int changes, W why);
  }

  /** Changes that wait for the end of their minute; the value before the first of them. */
  private record Repeats<V, W>(V from, V to, W why, int changes) {
    Repeats<V, W> and(V next, W newest) {
      return new Repeats<>(from, next, newest, changes + 1);
    }
  }

  private final MonitorContext context;
  private final int most;
  private final Maker<V, W> maker;
  private Instant begin = Instant.MIN;
  private int made;
  private @Nullable Repeats<V, W> repeats;
  private Timers.Timer timer = () -> {};

  /**
   * Creates the events of one value.
   *
   * @param most changes within a minute that are an event each
   */
  JoinedChanges(MonitorContext context, int most, Maker<V, W> maker) {
    this.context = context;
    this.most = most;
    this.maker = maker;
  }

  void changed(V from, V to, W why) {
    Instant now = context.now();
    if (repeats != null) {
      repeats = repeats.and(to, why);
      return;
    }
    if (!now.isBefore(begin.plus(MINUTE))) {
      begin = now;
      made = 0;
    }
    Repeats<V, W> change = new Repeats<>(from, to, why, 1);
    if (made < most) {
      made++;
      make(change);
    } else {
      repeats = change;
      timer =
          context
              .scheduler()
              .schedule(Duration.between(now, begin.plus(MINUTE)), this::endOfMinute);
    }
  }

  private void endOfMinute() {
    Repeats<V, W> due = repeats;
    repeats = null;
    begin = context.now();
    if (due != null) {
      make(due);
    }
  }

  private void make(Repeats<V, W> change) {
    context.events().add(maker.event(change.from, change.to, change.changes, change.why));
  }

  void stop() {
    timer.cancel();
  }
}
