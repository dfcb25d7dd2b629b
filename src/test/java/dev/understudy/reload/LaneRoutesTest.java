package dev.understudy.reload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.route.CurrentRouteTable;
import dev.understudy.proxy.route.RouteLane;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.settings.StaticSettings;
import dev.understudy.testing.TestRoutes;
import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.mock.env.MockEnvironment;

/** The routes of a file come into force in both lanes or in none. */
class LaneRoutesTest {
  private final CurrentRouteTable inForce = new CurrentRouteTable();
  private final Set<String> applied = new TreeSet<>();
  private Optional<String> response = Optional.empty();
  private final List<String> joined = new ArrayList<>();
  private final LaneRoutes lanes = new LaneRoutes(RouteTableFactory.of(), inForce, applied::addAll);

  private Optional<String> join() {
    return lanes.join(
        (routes, filters) -> {
          joined.add(String.join(" ", routes.stream().map(RouteSpec::id).toList()));
          return response;
        },
        table -> {});
  }

  private static RouteSpec route(String id) {
    return TestRoutes.route(id, "pool://sense", "Path=/**");
  }

  private static RouteTable table(RouteTableFactory tables) {
    return tables.table(List.of(route("a")), List.of());
  }

  @Test
  void routes_are_found_before_the_gateway_is_there_and_put_before_it_when_it_is() {
    assertThat(lanes.apply(List.of(route("a")), List.of())).isEmpty();
    assertThat(inForce.current().find(HttpMethod.GET, "h", "/x")).isNotNull();
    assertThat(joined).isEmpty();

    assertThat(join()).isEmpty();
    assertThat(joined).containsExactly("a");
  }

  @Test
  void the_gateway_says_why_it_refuses_the_routes_that_were_there_before() {
    var unused = lanes.apply(List.of(route("a")), List.of());
    response = Optional.of("as the test wants");

    assertThat(join()).contains("as the test wants");
  }

  @Test
  void routes_that_the_gateway_accepts_are_found_from_then_on() {
    assertThat(join()).isEmpty();
    assertThat(lanes.apply(List.of(route("a")), List.of())).isEmpty();

    assertThat(inForce.current().find(HttpMethod.GET, "h", "/x")).isNotNull();
    assertThat(applied).containsExactly("a");
  }

  @Test
  void routes_that_the_gateway_refuses_change_nothing() {
    assertThat(join()).isEmpty();
    var unused = lanes.apply(List.of(route("a")), List.of());
    RouteTable before = inForce.current();
    response = Optional.of("as the test wants");

    assertThat(lanes.apply(List.of(route("b")), List.of())).contains("as the test wants");

    assertThat(inForce.current()).isSameAs(before);
    assertThat(applied).containsExactly("a");
  }

  private static final String GATEWAY = "spring.cloud.gateway.server.webflux.";
  private static final String INCLUDE_PORT = GATEWAY + "predicate.host.include-port";

  private final MockEnvironment environment =
      new MockEnvironment().withProperty(INCLUDE_PORT, "false");

  private List<RouteLane> lanes(StaticSettings.Express express) {
    Map<String, String> properties = Map.of("understudy.express", express.name());
    StaticSettings settings =
        new Binder(new MapConfigurationPropertySource(properties))
            .bindOrCreate("understudy", StaticSettings.class);
    return table(RouteTableFactory.of(settings, environment, new GuardRegistry())).lanes();
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

  @ParameterizedTest
  @CsvSource({
    GATEWAY + "globalcors.cors-configurations.[/**].allowed-origins, https://a.test, globalcors",
    "spring.webflux.base-path, /base, base-path",
    GATEWAY + "routes[0].id, a, dynamic file",
    INCLUDE_PORT + ", true, include-port"
  })
  void settings_that_change_what_routes_mean_leave_all_to_the_gateway(
      String name, String value, String why) {
    environment.setProperty(name, value);
    assertThat(lanes(StaticSettings.Express.ON).getFirst().why()).contains(why);
  }
}
