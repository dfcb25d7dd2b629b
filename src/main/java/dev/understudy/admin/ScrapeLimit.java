package dev.understudy.admin;

import dev.understudy.admin.port.FairPlaces;
import dev.understudy.admin.port.PortConnections;
import dev.understudy.fairness.ClientNetwork;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/**
 * Limits the responses with all metrics, which may be megabytes each, to {@value #MOST} at once.
 * Networks share the places as {@link FairPlaces} describes; each is lent for 10 s, Prometheus's
 * default {@code scrape_timeout}. Beyond, and for who loses its place, the filter ends with a
 * {@link ProblemDocument}, 503, that {@link ManagementAccessFilter} responds with.
 *
 * <p>A response in one buffer, as Spring Boot writes it, gives its place back once it is written:
 * what its client has not taken counts for {@link PortConnections} alone.
 */
final class ScrapeLimit implements WebFilter {
  static final int MOST = 4;
  private static final Duration LENT = Duration.ofSeconds(10);

  private final FairPlaces places;
  private final @Nullable PathPattern metrics;

  /**
   * @param path the path of the metrics; null if there is none
   */
  ScrapeLimit(@Nullable String path) {
    this(path, System::nanoTime);
  }

  ScrapeLimit(@Nullable String path, LongSupplier nanoTime) {
    places = new FairPlaces(MOST, LENT, nanoTime, ScrapeLimit::busy);
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
    return Mono.using(
        () -> places.take(client),
        place ->
            Mono.firstWithSignal(
                chain.filter(exchange), place.displaced().then(Mono.error(ScrapeLimit::busy))),
        FairPlaces.Place::close);
  }

  private static ProblemDocument busy() {
    return ProblemDocument.unavailable("Too many clients read the metrics; try again.", 1);
  }
}
