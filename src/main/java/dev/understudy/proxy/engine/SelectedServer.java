package dev.understudy.proxy.engine;

import dev.understudy.proxy.session.Stickiness;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.snapshot.SnapshotSource;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The server selected for one attempt of a request or a TCP connection, with one of its {@code
 * max-requests} places taken.
 *
 * @param pool as of the selection
 * @param preferred whether the request's route names the server
 * @param session whether the request or connection belongs to a session of the server, because its
 *     own cookie, or its address, names the server. A client that gets its cookie only now may not
 *     keep it, and would then hold a drained server for good
 * @param version of the snapshot that the selection was made from
 */
public record SelectedServer(
    PoolState pool, ServerState server, boolean preferred, boolean session, long version) {
  /** What keeps the exchange on the server although serving moves. */
  public Stickiness stickiness() {
    return new Stickiness(preferred, session, pool.maintenance());
  }

  /** The pool as it is now, or as it was then if it is gone. */
  PoolState newest(SnapshotSource snapshots) {
    Snapshot now = snapshots.current();
    PoolState newer = now.version() == version ? null : now.pool(pool.pool().id());
    return newer == null ? pool : newer;
  }

  /** Whether a server has no place left. */
  static boolean isFull(ServerState server) {
    OptionalInt max = server.server().settings().maxRequests();
    return max.isPresent() && server.traffic().requests().get() >= max.getAsInt();
  }

  /** Takes a place; returns false if there is none. */
  static boolean takePlace(ServerState server) {
    AtomicInteger requests = server.traffic().requests();
    OptionalInt max = server.server().settings().maxRequests();
    if (max.isEmpty()) {
      requests.incrementAndGet();
      return true;
    }
    int now = requests.get();
    while (now < max.getAsInt()) {
      int witness = requests.compareAndExchange(now, now + 1);
      if (witness == now) {
        return true;
      }
      now = witness;
    }
    return false;
  }
}
