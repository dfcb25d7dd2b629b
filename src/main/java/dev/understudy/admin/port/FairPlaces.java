package dev.understudy.admin.port;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A bounded number of places, shared among clients by their networks:
 *
 * <ul>
 *   <li>While a place is free, anybody gets it: operators behind one address may have all.
 *   <li>Once none is free, a newcomer gets the place of another network's newest client, if that
 *       network has the most and keeps as many as the newcomer's then has.
 *   <li>Otherwise, if places are lent for a time, a newcomer gets the one held longest, once that
 *       time is over: however many networks a slow client has, it keeps nobody out.
 *   <li>Otherwise there is none: a client that takes all competes only with its own network.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class FairPlaces {
  /** Longer than any place is held. */
  private static final Duration FOR_EVER = Duration.ofDays(365);

  private final int max;
  private final long lentNanos;
  private final LongSupplier nanoTime;
  private final Supplier<? extends RuntimeException> full;
  private final Map<ClientNetwork, Deque<Place>> byNetwork = new HashMap<>();
  private int used;

  /**
   * Creates places that clients may hold as long as they want, unless another network has a right
   * to one.
   *
   * @param full the exception if there is no place
   */
  public FairPlaces(int max, Supplier<? extends RuntimeException> full) {
    this(max, FOR_EVER, System::nanoTime, full);
  }

  /**
   * Creates places that are lent for a time.
   *
   * @param lent how long a place is its client's in any case
   * @param nanoTime as {@link System#nanoTime}
   * @param full the exception if there is no place
   */
  public FairPlaces(
      int max, Duration lent, LongSupplier nanoTime, Supplier<? extends RuntimeException> full) {
    this.max = max;
    this.lentNanos = lent.toNanos();
    this.nanoTime = nanoTime;
    this.full = full;
  }

  /** One client's place, until it is closed. */
  public final class Place implements AutoCloseable {
    private final ClientNetwork network;
    private final long since;
    private final Sinks.Empty<Void> displaced = Sinks.empty();

    private Place(ClientNetwork network, long since) {
      this.network = network;
      this.since = since;
    }

    /** Completes when another client gets the place, if ever. */
    public Mono<Void> displaced() {
      return displaced.asMono();
    }

    /** Gives the place back; without effect if another client has it. */
    @Override
    public void close() {
      remove(this);
    }
  }

  /**
   * Takes a place.
   *
   * @throws RuntimeException the one that the constructor got, if there is none
   */
  public Place take(ClientNetwork network) {
    Place place = new Place(network, nanoTime.getAsLong());
    Place loser = null;
    synchronized (this) {
      if (used >= max) {
        loser = loser(place);
        if (loser == null) {
          throw full.get();
        }
        remove(loser);
      }
      byNetwork.computeIfAbsent(network, first -> new ArrayDeque<>()).addLast(place);
      used++;
    }
    if (loser != null) {
      loser.displaced.tryEmitEmpty();
    }
    return place;
  }

  private @Nullable Place loser(Place newcomer) {
    Deque<Place> largest =
        byNetwork.values().stream().max(Comparator.comparingInt(Deque::size)).orElse(null);
    Deque<Place> own = byNetwork.get(newcomer.network);
    int after = own == null ? 1 : own.size() + 1;
    return largest != null && largest.size() > after ? largest.getLast() : overdue(newcomer.since);
  }

  /** The place that has been held longest, if its time is over. */
  private @Nullable Place overdue(long now) {
    return byNetwork.values().stream()
        .flatMap(Collection::stream)
        .max(Comparator.comparingLong(place -> now - place.since))
        .filter(place -> now - place.since >= lentNanos)
        .orElse(null);
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
