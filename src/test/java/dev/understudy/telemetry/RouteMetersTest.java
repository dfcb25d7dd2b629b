package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Outcomes;
import dev.understudy.traffic.RequestEnd;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which time series a route has. */
class RouteMetersTest {
  private static final PoolId POOL = new PoolId("p");

  private final Set<String> servers = new HashSet<>(List.of("a", "b", "c"));
  private final RouteMeters meters =
      new RouteMeters(
          "r",
          (pool, server) ->
              pool.equals(POOL) && (server == null || servers.contains(server.value())));

  private void ended(String server) {
    ended(POOL, server, 200, RequestEnd.COMPLETED);
  }

  private void ended(@Nullable PoolId pool, @Nullable String server, int status, RequestEnd end) {
    ServerId id = server == null ? null : new ServerId(server);
    meters.ended(Outcomes.of(pool, id, status, end, 1, 0, 0));
  }

  private List<String> series() {
    List<String> all = new ArrayList<>();
    for (RequestSeries each : meters.series()) {
      String pool = each.pool == null ? "-" : each.pool.value();
      String server = each.server == null ? "-" : each.server.value();
      all.add("%s %s %dxx %s".formatted(pool, server, each.statusClass, each.outcome()));
    }
    return all;
  }

  @Test
  void each_label_makes_a_series_of_its_own_in_the_order_in_which_they_came() {
    ended("a");
    ended("b");
    ended(POOL, "a", 404, RequestEnd.COMPLETED);
    ended(POOL, "a", 200, RequestEnd.CLIENT_GONE);
    ended(POOL, null, 200, RequestEnd.COMPLETED);
    ended(null, null, 200, RequestEnd.COMPLETED);
    ended("a");
    assertThat(series())
        .containsExactly(
            "p a 2xx COMPLETED",
            "p b 2xx COMPLETED",
            "p a 4xx COMPLETED",
            "p a 2xx CLIENT_GONE",
            "p - 2xx COMPLETED",
            "- - 2xx COMPLETED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c"})
  void a_removed_server_takes_its_series_along_wherever_that_stands(String removed) {
    List.of("a", "b", "c").forEach(this::ended);
    servers.remove(removed);
    meters.removeStale();
    assertThat(series())
        .containsExactlyElementsOf(
            Stream.of("a", "b", "c")
                .filter(server -> !server.equals(removed))
                .map("p %s 2xx COMPLETED"::formatted)
                .toList());
    servers.add(removed);
    ended(removed);
    assertThat(series()).hasSize(3).endsWith("p %s 2xx COMPLETED".formatted(removed));
    servers.clear();
    meters.removeStale();
    assertThat(series()).as("all were removed").isEmpty();
  }

  @Test
  void requests_that_end_after_their_server_was_removed_are_counted_without_it() {
    servers.remove("a");
    ended("a");
    ended("a");
    assertThat(series()).containsExactly("p - 2xx COMPLETED");
  }
}
