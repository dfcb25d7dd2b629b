package dev.understudy.reload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.guard.Guards;
import dev.understudy.proxy.route.RouteLane;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.proxy.route.RoutesInForce;
import dev.understudy.settings.StaticSettings;
import dev.understudy.testing.TestRoutes;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.webflux.autoconfigure.WebFluxProperties;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.web.cors.CorsConfiguration;

/** The routes of a file come into force in both lanes or in none. */
class BothLanesTest {
  private final RoutesInForce inForce = new RoutesInForce();
  private final Set<String> applied = new TreeSet<>();
  private Optional<String> response = Optional.empty();
  private final BothLanes lanes =
      new BothLanes(
          RouteTables.of(),
          (routes, filters) -> {
            assertThat(routes).extracting(RouteSpec::id).isNotEmpty();
            return response;
          },
          table -> {},
          inForce,
          applied::addAll);

  private static RouteSpec route(String id) {
    return TestRoutes.route(id, "pool://sense", "Path=/**");
  }

  private static RouteTable table(RouteTables tables) {
    return tables.table(List.of(route("a")), List.of());
  }

  @Test
  void routes_that_the_gateway_accepts_are_found_from_then_on() {
    assertThat(lanes.apply(List.of(route("a")), List.of())).isEmpty();

    assertThat(inForce.current().find(HttpMethod.GET, "h", "/x")).isNotNull();
    assertThat(applied).containsExactly("a");
  }

  @Test
  void routes_that_the_gateway_refuses_change_nothing() {
    var unused = lanes.apply(List.of(route("a")), List.of());
    RouteTable before = inForce.current();
    response = Optional.of("as the test wants");

    assertThat(lanes.apply(List.of(route("b")), List.of())).contains("as the test wants");

    assertThat(inForce.current()).isSameAs(before);
    assertThat(applied).containsExactly("a");
  }

  private final GatewayProperties gateway = new GatewayProperties();
  private final GlobalCorsProperties cors = new GlobalCorsProperties();
  private final WebFluxProperties webFlux = new WebFluxProperties();
  private final MockEnvironment environment =
      new MockEnvironment()
          .withProperty("spring.cloud.gateway.server.webflux.predicate.host.include-port", "false");

  private List<RouteLane> lanes(StaticSettings.Express express) {
    Map<String, String> properties = Map.of("understudy.express", express.name());
    StaticSettings settings =
        new Binder(new MapConfigurationPropertySource(properties))
            .bindOrCreate("understudy", StaticSettings.class);
    return table(RouteTables.of(settings, gateway, cors, webFlux, environment, new Guards()))
        .lanes();
  }

  @Test
  void nothing_in_the_way_is_the_express_lane() {
    assertThat(lanes(StaticSettings.Express.ON)).extracting(RouteLane::express).containsOnly(true);
  }

  @Test
  void express_off_leaves_all_to_the_gateway_and_says_so() {
    assertThat(lanes(StaticSettings.Express.OFF))
        .containsExactly(new RouteLane("a", false, "understudy.express is off"));
  }

  @Test
  void settings_that_change_what_routes_mean_leave_all_to_the_gateway() {
    cors.getCorsConfigurations().put("/**", new CorsConfiguration());
    assertThat(lanes(StaticSettings.Express.ON).getFirst().why()).contains("globalcors");

    cors.getCorsConfigurations().clear();
    webFlux.setBasePath("/base");
    assertThat(lanes(StaticSettings.Express.ON).getFirst().why()).contains("base-path");

    webFlux.setBasePath(null);
    gateway.setRoutes(List.of(new RouteDefinition()));
    assertThat(lanes(StaticSettings.Express.ON).getFirst().why()).contains("dynamic file");

    gateway.setRoutes(List.of());
    environment.setProperty(
        "spring.cloud.gateway.server.webflux.predicate.host.include-port", "true");
    assertThat(lanes(StaticSettings.Express.ON).getFirst().why()).contains("include-port");
  }
}
