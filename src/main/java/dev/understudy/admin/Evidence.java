package dev.understudy.admin;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ServerEvent;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The evidence of the last switch of each pool and of the last change of each server's health, as
 * far as the event history reaches back.
 */
final class Evidence {
  private record Key(PoolId pool, ServerId server) {}

  private record Serving(long epoch, String evidence) {}

  private final Map<PoolId, Serving> servings = new HashMap<>();
  private final Map<Key, ServerEvent.HealthChanged> changes = new HashMap<>();

  private Evidence(List<EventLog.Entry> oldestFirst) {
    for (EventLog.Entry entry : oldestFirst) {
      if (entry.event() instanceof Event.Switched switched) {
        servings.put(switched.pool(), new Serving(switched.epoch(), switched.evidence()));
      } else if (entry.event() instanceof Event.Kept kept) {
        servings.putIfAbsent(kept.pool(), new Serving(kept.epoch(), kept.evidence()));
      } else if (entry.event() instanceof ServerEvent.HealthChanged changed) {
        changes.put(new Key(changed.pool(), changed.server()), changed);
      }
    }
  }

  /** Collects the evidence of one pool; of all pools if null. */
  static Evidence from(EventLog events, @Nullable PoolId pool) {
    return new Evidence(events.newest(pool, EventLog.CAPACITY));
  }

  /** The evidence for the serving server; null if the history has no event of the present epoch. */
  @Nullable String of(PoolState state) {
    Serving last = servings.get(state.pool().id());
    return last != null && last.epoch() == state.epoch() ? last.evidence() : null;
  }

  /** The evidence for a server's status; null if the history has none. */
  @Nullable String of(ServerState state) {
    ServerEvent.HealthChanged changed = changes.get(new Key(state.pool(), state.server().id()));
    return changed != null && changed.to() == state.status() ? changed.evidence() : null;
  }
}
