package dev.understudy.admin.port;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.fairness.FairQueue;
import java.time.Duration;
import java.util.Comparator;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A bounded number of places (connections or streams), shared fairly among the networks of clients:
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
  private final FairQueue<Place> places;

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
    this.places = new FairQueue<>(max);
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
      var unused = places.remove(network, this);
    }
  }

  /**
   * Takes a place.
   *
   * @throws RuntimeException the one that the constructor got, if there is none
   */
  public Place take(ClientNetwork network) {
    Place place = new Place(network, nanoTime.getAsLong());
    Place loser = enter(place);
    if (loser == place) {
      throw full.get();
    }
    if (loser != null) {
      loser.displaced.tryEmitEmpty();
    }
    return place;
  }

  /** Returns who had the newcomer's place; null if it was free, the newcomer if there is none. */
  private synchronized @Nullable Place enter(Place newcomer) {
    Place loser = places.add(newcomer.network, newcomer);
    Place overdue = loser == newcomer ? overdue(newcomer.since) : null;
    if (overdue == null) {
      return loser;
    }
    overdue.close();
    var unused = places.add(newcomer.network, newcomer);
    return overdue;
  }

  /** The place that has been held longest, if its time is over. */
  private @Nullable Place overdue(long now) {
    return places.values().stream()
        .max(Comparator.comparingLong(place -> now - place.since))
        .filter(place -> now - place.since >= lentNanos)
        .orElse(null);
  }

  public int used() {
    return places.size();
  }

  public int max() {
    return max;
  }
}
