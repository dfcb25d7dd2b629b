package dev.understudy.monitor;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.event.EventText;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of one server's changes of health. If a server flaps, the first {@value #MOST}
 * changes within a minute are an event each; from then on there is one event for all changes of a
 * minute, until one passes without any.
 */
final class HealthEvents {
  static final int MOST = 10;
  static final Duration MINUTE = Duration.ofMinutes(1);

  /** Changes that wait for the end of their minute; the status before the first of them. */
  private record Repeats(HealthStatus from, HealthStatus to, String evidence, int changes) {
    Repeats and(HealthStatus next, String newest) {
      return new Repeats(from, next, newest, changes + 1);
    }
  }

  private final MonitorContext context;
  private final PoolId pool;
  private final ServerId server;
  private Instant begin = Instant.MIN;
  private int made;
  private @Nullable Repeats repeats;
  private DecisionThread.Timer timer = () -> {};

  HealthEvents(MonitorContext context, PoolId pool, ServerId server) {
    this.context = context;
    this.pool = pool;
    this.server = server;
  }

  void changed(HealthStatus from, HealthStatus to, String evidence) {
    Instant now = context.now();
    if (repeats != null) {
      repeats = repeats.and(to, evidence);
      return;
    }
    if (!now.isBefore(begin.plus(MINUTE))) {
      begin = now;
      made = 0;
    }
    Repeats change = new Repeats(from, to, evidence, 1);
    if (made < MOST) {
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
    Repeats due = repeats;
    repeats = null;
    begin = context.now();
    if (due != null) {
      make(due);
    }
  }

  private void make(Repeats change) {
    context
        .events()
        .add(
            EventText.healthChanged(
                pool, server, change.from, change.to, change.changes, change.evidence));
  }

  void stop() {
    timer.cancel();
  }
}
