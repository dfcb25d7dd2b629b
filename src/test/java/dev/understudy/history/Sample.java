package dev.understudy.history;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.event.ServerEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Events of tests. */
final class Sample {
  static final PoolId SHOP = new PoolId("shop");
  static final String HISTORY = "1763749200000";
  static final Instant START = Instant.parse("2026-11-21T18:00:00Z");

  private Sample() {}

  static Instant at(long seconds) {
    return START.plusSeconds(seconds);
  }

  static @Nullable ServerId server(@Nullable String name) {
    return name == null ? null : new ServerId(name);
  }

  static StoredEvent event(long id, Event event) {
    return StoredEvent.of(new EventLog.Entry(id, at(id), event));
  }

  /** An event whose document has about 200 characters. */
  static StoredEvent event(long id) {
    return event(id, new Event.Pinned(SHOP, null, null, "event " + id + " " + "x".repeat(80)));
  }

  static List<StoredEvent> events(long first, long last) {
    List<StoredEvent> events = new ArrayList<>();
    for (long id = first; id <= last; id++) {
      events.add(event(id));
    }
    return events;
  }

  static Event flap(PoolId pool) {
    ServerId server = new ServerId("a");
    return new ServerEvent.HealthChanged(
        pool, server, HealthStatus.UP, HealthStatus.DOWN, 1, "refused", "flaps");
  }

  static StoredEvent stopped(long id) {
    return event(id, new ReplicaEvent.Stopped("Understudy stopped"));
  }

  static Event switched(@Nullable String from, @Nullable String to, long epoch) {
    return new Event.Switched(
        SHOP,
        server(from),
        server(to),
        SwitchReason.HEALTH_CHECK_FAILED,
        epoch,
        "status 503",
        null,
        null,
        null,
        null,
        "Pool shop: " + to + " serves");
  }

  static List<JournalLine> lines(Stream<StoredEvent> events) {
    return events.map(event -> new JournalLine(HISTORY, event)).toList();
  }

  static List<Long> ids(List<StoredEvent> events) {
    return events.stream().map(StoredEvent::id).toList();
  }
}
