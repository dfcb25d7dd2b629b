package dev.understudy.proxy.engine;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.snapshot.ServerTraffic;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one request or TCP connection has in the hold of its pool: a place, a ticket, the queue that
 * it is counted in, and the time of all its holds. It keeps place and ticket between two holds.
 */
// Queues and places are compared by identity.
@SuppressWarnings("ReferenceEquality")
final class HoldStay {
  private final EngineLoop engineLoop;
  private final PoolId pool;
  private final ServerAcquisition held;
  private final ClientNetwork network;

  /** The place among those that the pool may hold; null if it has none. */
  private @Nullable Place place;

  /** The place in the order of release, from the first hold on; null before. */
  private HoldQueue.@Nullable Ticket ticket;

  /** The server whose queue this is in during a hold; null for the pool's own queue. */
  private @Nullable ServerTraffic queue;

  private long sinceClock;
  private long heldClock;
  private long sinceNanos;
  private long heldNanos;

  HoldStay(EngineLoop engineLoop, PoolId pool, ServerAcquisition held, ClientNetwork network) {
    this.engineLoop = engineLoop;
    this.pool = pool;
    this.held = held;
    this.network = network;
  }

  private HoldCounters counters() {
    return engineLoop.engine().holdCounters;
  }

  /** The time of all holds that have ended, by {@link System#nanoTime}. */
  long heldNanos() {
    return heldNanos;
  }

  /** The same by the tick clock, in nanoseconds. */
  long heldClock() {
    return heldClock;
  }

  /** The time of all holds until now, by the tick clock; during a hold. */
  long heldUntilNow() {
    return heldClock + engineLoop.clock() - sinceClock;
  }

  /**
   * Takes a place, unless it has one.
   *
   * @param limit the places of the pool
   * @return whether it has one now
   */
  boolean takePlace(int limit) {
    if (place == null) {
      Place wanted = new Place();
      place = counters().enter(pool, network, wanted, limit) ? wanted : null;
    }
    return place != null;
  }

  /**
   * Begins a hold.
   *
   * @param server whose queue it is in; null for the pool's own queue
   */
  void begin(@Nullable ServerTraffic server) {
    queue = server;
    counters().join(pool, server);
    sinceClock = engineLoop.clock();
    sinceNanos = System.nanoTime();
    if (ticket == null) {
      ticket = engineLoop.holds().ticket(pool, network);
    }
    engineLoop.holds().add(held, pool, ticket);
    engineLoop.engine().listener().held(pool, 1);
  }

  /** Moves to another queue, during a hold. */
  void move(@Nullable ServerTraffic next) {
    if (next != queue) {
      counters().join(pool, next);
      counters().quit(pool, queue);
      queue = next;
    }
  }

  /** Ends a hold; the place is kept. */
  void end() {
    engineLoop.holds().remove(pool, Objects.requireNonNull(ticket));
    counters().quit(pool, queue);
    heldClock = heldUntilNow();
    heldNanos += System.nanoTime() - sinceNanos;
    engineLoop.engine().listener().held(pool, -1);
  }

  /** Releases the place, if it has one. */
  void releasePlace() {
    if (place != null) {
      counters().leave(pool, network, place);
      place = null;
    }
  }

  /** A place in the pool's hold. */
  private final class Place implements HoldCounters.Place {
    @Override
    public void displaced() {
      var unused = PerEventLoop.run(engineLoop.loop(), this::lost);
    }

    private void lost() {
      if (place == this) {
        held.placeLost();
      }
    }
  }
}
