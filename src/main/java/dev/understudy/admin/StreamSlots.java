package dev.understudy.admin;

import dev.understudy.admin.port.FairPlaces;
import dev.understudy.fairness.ClientNetwork;
import dev.understudy.statistics.LimitUse;
import java.util.function.Supplier;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * The bounded number of open streams of one kind, shared as {@link FairPlaces} describes, and their
 * common end. A stream that makes room for another client's ends orderly.
 */
final class StreamSlots {
  private final FairPlaces places;
  private final String what;
  private final String instead;
  private volatile Sinks.Empty<Void> end = Sinks.empty();
  private volatile boolean stopped;

  /**
   * Creates slots of which none is used.
   *
   * @param max the number of streams
   * @param what the streams, for people, such as {@code event streams}
   * @param instead the path to read if there is no slot
   */
  StreamSlots(int max, String what, String instead) {
    this.what = what;
    this.instead = instead;
    this.places = new FairPlaces(max, this::tooMany);
  }

  /** The number of open streams. */
  int active() {
    return places.used();
  }

  int max() {
    return places.max();
  }

  /** The use of the slots, for {@code GET /api/process}. */
  LimitUse use() {
    return new LimitUse(what, active(), max());
  }

  /**
   * Opens a stream, which has a slot while somebody is subscribed to it. Instead of its first
   * element comes a {@link ProblemDocument}, 503, if there are too many streams, or after {@link
   * #stop}.
   */
  <T> Flux<T> open(ClientNetwork client, Supplier<Flux<T>> stream) {
    return Flux.using(
        () -> take(client),
        slot -> stream.get().takeUntilOther(slot.displaced()).takeUntilOther(end.asMono()),
        FairPlaces.Place::close);
  }

  private FairPlaces.Place take(ClientNetwork client) {
    if (stopped) {
      throw new ProblemDocument(HttpStatus.SERVICE_UNAVAILABLE, "This replica is stopping.");
    }
    return places.take(client);
  }

  /** Allows streams, initially and after {@link #stop}. */
  void start() {
    end = Sinks.empty();
    stopped = false;
  }

  /** Ends all streams and refuses new ones, because a graceful stop would wait for them. */
  void stop() {
    stopped = true;
    end.tryEmitEmpty();
  }

  private ProblemDocument tooMany() {
    return ProblemDocument.unavailable(
        "Too many %s are open. Read %s, or try again later.".formatted(what, instead), 10);
  }
}
