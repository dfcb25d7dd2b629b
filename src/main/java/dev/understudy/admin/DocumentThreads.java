package dev.understudy.admin;

import dev.understudy.admin.port.FairPlaces;
import dev.understudy.fairness.ClientNetwork;
import java.util.concurrent.Callable;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Makes documents that may be large, away from the port's event loops, which respond to the
 * platform's probes too: {@value #THREADS} at once, of the {@value #MOST} requests that may wait
 * for one. Beyond, the response is 503, and networks share the places as {@link FairPlaces}
 * describes.
 */
final class DocumentThreads implements AutoCloseable {
  static final int THREADS = 2;
  static final int MOST = 64;
  private static final int IDLE_SECONDS = 60;

  private final Scheduler scheduler;
  private final FairPlaces places;

  /** Creates threads that start with their first document, and end after a minute without one. */
  DocumentThreads() {
    this(THREADS, MOST);
  }

  DocumentThreads(int threads, int most) {
    scheduler =
        Schedulers.newBoundedElastic(threads, most, "understudy-documents", IDLE_SECONDS, true);
    places = new FairPlaces(most, DocumentThreads::busy);
  }

  /**
   * Makes a response.
   *
   * @param response makes the whole document, at once; may throw a {@link ProblemDocument}
   */
  Mono<ServerResponse> make(ServerRequest request, Callable<Mono<ServerResponse>> response) {
    return make(ClientNetwork.of(request.exchange().getRequest().getRemoteAddress()), response);
  }

  <T> Mono<T> make(ClientNetwork client, Callable<Mono<T>> work) {
    return Mono.using(
        () -> places.take(client),
        place ->
            Mono.fromCallable(ErrorsAsExceptions.of(work))
                .subscribeOn(scheduler)
                .takeUntilOther(place.displaced())
                .switchIfEmpty(Mono.error(DocumentThreads::busy))
                .flatMap(made -> made),
        FairPlaces.Place::close);
  }

  private static ProblemDocument busy() {
    return ProblemDocument.unavailable(
        "Too many documents are being made for clients of this port; try again.", 1);
  }

  @Override
  public void close() {
    scheduler.dispose();
  }
}
