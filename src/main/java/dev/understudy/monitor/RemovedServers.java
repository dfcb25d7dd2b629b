package dev.understudy.monitor;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.recurring.Timers;
import dev.understudy.snapshot.ServerTraffic;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Servers that this process's file has no more, as long as requests of it run at them: a planned
 * switch of a pool that has such a server by another name, here or at another replica, awaits their
 * end. A server is its address here. Used on the monitor's thread.
 */
final class RemovedServers {
  private static final Duration LOOK = Duration.ofMillis(50);

  private final Timers timers;
  private final Agreement agreement;

  /** The hash of the address of each at which something runs. */
  private final Map<ServerTraffic, String> running = new HashMap<>();

  private Set<String> told = Set.of();
  private boolean looking;

  RemovedServers(Timers timers, Agreement agreement) {
    this.timers = timers;
    this.agreement = agreement;
  }

  /** The file has a server no more; event loops that do not know it may still send to it. */
  void removed(Server server, ServerTraffic traffic) {
    running.put(traffic, ServerIdentity.of(server).address());
    tell();
    lookSoon();
  }

  /** Whether nothing runs at what were servers, at the addresses of the pool's but one. */
  boolean isIdle(Pool pool, ServerId except) {
    if (running.isEmpty()) {
      return true;
    }
    Server target = pool.server(except);
    String other = target == null ? "" : ServerIdentity.of(target).address();
    return pool.servers().stream()
        .map(server -> ServerIdentity.of(server).address())
        .noneMatch(address -> !address.equals(other) && running.containsValue(address));
  }

  private void lookSoon() {
    if (!looking && !running.isEmpty()) {
      looking = true;
      timers.schedule(LOOK, this::look);
    }
  }

  private void look() {
    looking = false;
    running.keySet().removeIf(ServerTraffic::isIdle);
    tell();
    lookSoon();
  }

  private void tell() {
    Set<String> now = new HashSet<>(running.values());
    if (!now.equals(told)) {
      told = now;
      agreement.running(now);
    }
  }
}
