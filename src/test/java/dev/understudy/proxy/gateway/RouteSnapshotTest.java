package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.guard.GuardRegistry;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;
import org.springframework.cloud.gateway.event.RefreshRoutesResultEvent;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ConfigurationService;
import reactor.core.publisher.Flux;

/** What becomes of the routes in memory when they are made anew. */
class RouteSnapshotTest {
  private final List<Object> events = new ArrayList<>();
  private Flux<Route> source = Flux.empty();
  private final RouteSnapshot snapshot =
      new RouteSnapshot(
          () -> Flux.defer(() -> source),
          new PoolRoutes(new GatewayProperties(), event -> {}, none()),
          events::add);

  /** The filters of a file that is never applied. */
  private static FileFilterFactory none() {
    DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
    return new FileFilterFactory(
        beans.getBeanProvider(GatewayFilterFactory.class),
        beans.getBeanProvider(ConfigurationService.class),
        beans.getBeanProvider(GuardRegistry.class));
  }

  private static Route route(String id, int order) {
    return Route.async()
        .id(id)
        .order(order)
        .uri(URI.create("pool://sense"))
        .predicate(exchange -> true)
        .build();
  }

  /** Makes them out of these; returns what came of it. */
  private RefreshRoutesResultEvent refresh(Flux<Route> routes) {
    source = routes;
    snapshot.onApplicationEvent(new RefreshRoutesEvent(this));
    return (RefreshRoutesResultEvent) events.getLast();
  }

  private List<String> ids() {
    return snapshot.getRoutes().map(Route::getId).collectList().block();
  }

  @Test
  void there_are_none_before_the_first_refresh() {
    source = Flux.just(route("a", 0));

    assertThat(ids()).isEmpty();
  }

  @Test
  void they_are_in_true_order() {
    assertThat(refresh(Flux.just(route("c", 1), route("a", -1), route("d", 1))).isSuccess())
        .isTrue();

    assertThat(ids()).containsExactly("a", "c", "d");
  }

  @Test
  void those_before_stay_when_they_cannot_be_made() {
    refresh(Flux.just(route("before", 0)));
    RefreshRoutesResultEvent result =
        refresh(Flux.just(route("now", 0)).concatWith(Flux.error(new Exception("as it is"))));

    assertThat(result.getThrowable()).hasRootCauseMessage("as it is");
    assertThat(ids()).containsExactly("before");
  }

  @Test
  void an_asynchronous_source_has_failed() {
    refresh(Flux.just(route("before", 0)));
    RefreshRoutesResultEvent result = refresh(Flux.never());

    assertThat(result.getThrowable()).hasMessageContaining("did not complete at once");
    assertThat(ids()).containsExactly("before");
  }
}
