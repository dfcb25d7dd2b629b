package dev.understudy.statistics;

import dev.understudy.event.Event;
import dev.understudy.event.ServerEvent;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The histories of all servers, from samples of the snapshot, events and failed probes. An outage
 * shorter than the time between two samples shows through its event. Thread-safe.
 */
final class Histories {
  private final Map<CountKey, ServerHistory> servers = new ConcurrentHashMap<>();

  /** Samples all servers, and drops those that are no longer configured. */
  void sample(Snapshot snapshot, Instant now) {
    Set<CountKey> configured = new HashSet<>();
    for (PoolState pool : snapshot.pools()) {
      List<ServerState> receiving = pool.receiving();
      for (ServerState server : pool.servers()) {
        CountKey key = new CountKey(server.pool(), server.server().id());
        configured.add(key);
        ServerHistory history = servers.computeIfAbsent(key, fresh -> new ServerHistory());
        history.health(server.status(), server.statusSince());
        history.mark(state(server, receiving.contains(server)), now);
      }
    }
    servers.keySet().retainAll(configured);
  }

  private static char state(ServerState server, boolean serving) {
    if (server.operatorState() == OperatorState.MAINTENANCE) {
      return 'm';
    }
    return switch (server.status()) {
      case DOWN -> 'd';
      case UNKNOWN -> '?';
      case UP -> server.operatorState() == OperatorState.DRAIN ? 'x' : serving ? 'S' : 'u';
    };
  }

  /** Takes note of a changed health at once. */
  void happened(Event event, Instant now) {
    if (event instanceof ServerEvent.HealthChanged changed) {
      ServerHistory history = servers.get(new CountKey(changed.pool(), changed.server()));
      if (history != null) {
        history.health(changed.to(), now);
        if (changed.to() == HealthStatus.DOWN) {
          history.mark('d', now);
        }
      }
    }
  }

  /** Counts a probe that failed. */
  void probed(PoolId pool, ServerId server, ProbeOutcome outcome) {
    if (!outcome.good() && outcome.isObservation()) {
      // The first probe may end before the first sample.
      servers
          .computeIfAbsent(new CountKey(pool, server), fresh -> new ServerHistory())
          .checkFailed();
    }
  }

  ServerHistory.Summary summary(PoolId pool, ServerId server, Instant now) {
    return servers
        .computeIfAbsent(new CountKey(pool, server), fresh -> new ServerHistory())
        .summary(now);
  }
}
