package dev.understudy.admin.port;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of places, shared among clients by their networks:
 *
 * <ul>
 *   <li>While a place is free, anybody gets it: operators behind one address may have all.
 *   <li>Once none is free, a newcomer gets the place of another network's newest client, if that
 *       network has the most and keeps as many as the newcomer's then has.
 *   <li>Otherwise there is none: a client that takes all competes only with its own network.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class FairPlaces {
  private final int max;
  private final Map<ClientNetwork, Deque<Place>> byNetwork = new HashMap<>();
  private int used;

  public FairPlaces(int max) {
    this.max = max;
  }

  /** One client's place, until it is closed. */
  public final class Place implements AutoCloseable {
    private final ClientNetwork network;
    private final Runnable displaced;

    private Place(ClientNetwork network, Runnable displaced) {
      this.network = network;
      this.displaced = displaced;
    }

    /** Gives the place back; without effect if another client has it. */
    @Override
    public void close() {
      remove(this);
    }
  }

  /**
   * Takes a place; null if there is none.
   *
   * @param displaced called if another client gets the place later
   */
  public @Nullable Place take(ClientNetwork network, Runnable displaced) {
    Place place = new Place(network, displaced);
    Place loser = null;
    synchronized (this) {
      if (used >= max) {
        loser = loser(network);
        if (loser == null) {
          return null;
        }
        remove(loser);
      }
      byNetwork.computeIfAbsent(network, first -> new ArrayDeque<>()).addLast(place);
      used++;
    }
    if (loser != null) {
      loser.displaced.run();
    }
    return place;
  }

  /** Whether {@link #take} would find a place now. */
  public synchronized boolean hasRoom(ClientNetwork network) {
    return used < max || loser(network) != null;
  }

  private @Nullable Place loser(ClientNetwork newcomer) {
    Deque<Place> largest =
        byNetwork.values().stream().max(Comparator.comparingInt(Deque::size)).orElse(null);
    Deque<Place> own = byNetwork.get(newcomer);
    int after = own == null ? 1 : own.size() + 1;
    return largest != null && largest.size() > after ? largest.getLast() : null;
  }

  private synchronized void remove(Place place) {
    Deque<Place> places = byNetwork.get(place.network);
    if (places != null && places.remove(place)) {
      used--;
      if (places.isEmpty()) {
        byNetwork.remove(place.network);
      }
    }
  }

  public synchronized int used() {
    return used;
  }

  public int max() {
    return max;
  }
}
