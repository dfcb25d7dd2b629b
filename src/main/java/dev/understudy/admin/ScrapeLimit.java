package dev.understudy.admin;

import dev.understudy.admin.port.ClientNetwork;
import dev.understudy.admin.port.FairPlaces;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Limits the responses with all metrics, which may be megabytes each, to {@value #MOST} at once.
 * Beyond, the response is 503, and networks share the places as {@link FairPlaces} describes.
 */
final class ScrapeLimit implements WebFilter {
  static final int MOST = 4;

  private final FairPlaces places = new FairPlaces(MOST);
  private final @Nullable PathPattern metrics;

  /**
   * @param path the path of the metrics; null if there is none
   */
  ScrapeLimit(@Nullable String path) {
    metrics = path == null ? null : PathPatternParser.defaultInstance.parse(path);
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return metrics != null
            && metrics.matches(exchange.getRequest().getPath().pathWithinApplication())
        ? limited(exchange, chain)
        : chain.filter(exchange);
  }

  private Mono<Void> limited(ServerWebExchange exchange, WebFilterChain chain) {
    ClientNetwork client = ClientNetwork.of(exchange.getRequest().getRemoteAddress());
    Sinks.Empty<Void> displaced = Sinks.empty();
    return Mono.using(
            () -> take(client, displaced),
            place -> Mono.firstWithSignal(chain.filter(exchange), displaced.asMono()),
            FairPlaces.Place::close)
        .onErrorResume(
            ProblemDocument.class,
            problem ->
                exchange.getResponse().isCommitted()
                    ? Mono.error(problem)
                    : ReadGuard.refuse(exchange, problem));
  }

  private FairPlaces.Place take(ClientNetwork client, Sinks.Empty<Void> displaced) {
    FairPlaces.Place place = places.take(client, () -> displaced.tryEmitError(busy()));
    if (place == null) {
      throw busy();
    }
    return place;
  }

  private static ProblemDocument busy() {
    return new ProblemDocument(
            HttpStatus.SERVICE_UNAVAILABLE, "Too many clients read the metrics; try again.")
        .with(HttpHeaders.RETRY_AFTER, "1");
  }
}
