package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.proxy.ForwardingPolicy.Why;
import dev.understudy.proxy.session.Stickiness;
import dev.understudy.proxy.upstream.ConnectionPool;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The server selected for one attempt, with one of its {@code max-requests} places taken.
 *
 * @param pool as of the selection
 * @param version of the snapshot that the selection was made from
 * @param session whether the exchange belongs to a session of the server: its request's cookie
 *     names the server
 */
record SelectedServer(
    PoolState pool,
    ServerState server,
    Why why,
    ConnectionPool connections,
    long version,
    boolean session) {
  /** What keeps the exchange on the server although serving moves. */
  Stickiness stickiness() {
    return new Stickiness(why == Why.PREFERRED, session);
  }

  /** Whether a server has no place left. */
  static boolean isFull(ServerState server) {
    OptionalInt max = server.server().maxRequests();
    return max.isPresent() && server.traffic().requests().get() >= max.getAsInt();
  }

  /** Takes a place; returns false if there is none. */
  static boolean takePlace(ServerState server) {
    AtomicInteger requests = server.traffic().requests();
    OptionalInt max = server.server().maxRequests();
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

  /** Gives the place back; returns whether a request may be waiting for it. */
  boolean givePlaceBack() {
    server.traffic().requests().decrementAndGet();
    return server.server().maxRequests().isPresent();
  }
}
