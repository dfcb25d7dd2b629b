package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Outcomes;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.MatchedRoute;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RouteStatistics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where requests are counted, of routes that keep what was found for them. */
class RequestTelemetryTest {
  /** As the express lane's. */
  private static final class Keeping implements MatchedRoute {
    private @Nullable RouteStatistics kept;

    @Override
    public String id() {
      return "r";
    }

    @Override
    public @Nullable RouteStatistics statistics() {
      return kept;
    }

    @Override
    public void keep(RouteStatistics what) {
      kept = what;
    }
  }

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Metrics metrics =
      new Metrics(
          registry,
          registry.getPrometheusRegistry(),
          Map.of(),
          TestPools.pool().master("one", 1).start(),
          () -> 0);
  private final RequestTelemetry telemetry =
      new RequestTelemetry(
          metrics,
          new AccessLog(
              AccessLog.Format.OFF,
              LogFields.NONE,
              OutputStream.nullOutputStream(),
              InstantSource.system(),
              registry));
  private final Keeping route = new Keeping();

  private void ended(@Nullable MatchedRoute of) {
    telemetry.endedLocally(
        Outcomes.local(of, "GET", "/", 200, RequestEnd.LOCAL), EmptyHttpHeaders.INSTANCE);
  }

  /** The routes of all series with the number of their requests. */
  private List<String> counts() {
    return registry
        .scrape()
        .lines()
        .filter(line -> line.startsWith("understudy_requests_seconds_count{outcome=\"LOCAL\""))
        .map(line -> line.replaceFirst(".*,route=\"(.)\".*} (.*)", "$1 $2"))
        .toList();
  }

  @Test
  void one_route_is_counted_together_whatever_object_stands_for_it() {
    ended(route);
    ended(route);
    ended(() -> "r");
    ended(new Keeping());
    assertThat(counts()).containsExactly("r 4");
  }

  @Test
  void what_another_listener_kept_is_replaced() {
    route.keep(new RouteStatistics() {});
    ended(route);
    ended(route);
    assertThat(counts()).containsExactly("r 2");
    assertThat(route.kept).isInstanceOf(RouteMeters.class);
  }

  @Test
  void a_route_that_was_removed_is_a_dash_as_none_and_once_it_is_back_itself_again() {
    ended(route);
    metrics.routes(Set.of("other"));
    ended(route);
    ended(null);
    assertThat(counts()).containsExactly("- 2");
    metrics.routes(Set.of("other", "r"));
    ended(route);
    ended(route);
    assertThat(counts()).containsExactlyInAnyOrder("r 2", "- 2");
  }
}
