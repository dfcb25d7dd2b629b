package dev.understudy.proxy.route;

import static dev.understudy.testing.TestRoutes.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.filter.Deny;
import dev.understudy.proxy.filter.EditHeader;
import dev.understudy.proxy.filter.EditHeader.How;
import dev.understudy.proxy.filter.EditHeader.Of;
import dev.understudy.proxy.filter.Origin;
import dev.understudy.proxy.filter.PreferServer;
import dev.understudy.proxy.filter.PrefixPath;
import dev.understudy.proxy.filter.RedirectToHost;
import dev.understudy.proxy.filter.RedirectToHttps;
import dev.understudy.proxy.filter.RequireWebSocketUpgrade;
import dev.understudy.proxy.filter.Respond;
import dev.understudy.proxy.filter.Step;
import dev.understudy.proxy.filter.StrictTransportSecurity;
import dev.understudy.proxy.filter.StripPrefix;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is compiled to what, what is not and why, and what that means for the routes after it. */
class RouteCompilerTest {
  private static final RoutePart ALL = part("Path=/**");

  private static RouteSpec route(
      String id, int order, List<RoutePart> predicates, RoutePart... filters) {
    return new RouteSpec(id, "pool://sense", order, predicates, List.of(filters), Map.of());
  }

  private static RouteTable table(RouteSpec... routes) {
    return RouteCompiler.compile(List.of(routes), List.of());
  }

  private static String why(RouteTable table) {
    RouteLane lane = table.lanes().getFirst();
    assertThat(lane.express()).isFalse();
    assertThat(table.find(HttpMethod.GET, "a.test", "/a")).isNull();
    return lane.why();
  }

  private static List<Step> steps(List<RoutePart> defaults, RoutePart... filters) {
    RouteTable table =
        RouteCompiler.compile(List.of(route("r", 0, List.of(ALL), filters)), defaults);
    CompiledRoute route = table.find(HttpMethod.GET, null, "/");
    assertThat(route).as("%s", table.lanes()).isNotNull();
    return route.steps();
  }

  static Stream<Arguments> steps() {
    return Stream.of(
        arguments("RedirectToHttps", new RedirectToHttps(301, "")),
        arguments("RedirectToHttps=308,8443", new RedirectToHttps(308, ":8443")),
        arguments("RedirectToHttps=302,443", new RedirectToHttps(302, "")),
        arguments(
            "RedirectToHost=302,HTTPS://www.A.test:8443",
            new RedirectToHost(
                302, new Origin("https://www.A.test:8443", true, "www.a.test", 8443))),
        arguments("StrictTransportSecurity=max-age=1", new StrictTransportSecurity("max-age=1")),
        arguments("RequireWebSocketUpgrade=/a/../ws", new RequireWebSocketUpgrade("/ws")),
        arguments("Deny", new Deny(403)),
        arguments("Deny=429", new Deny(429)),
        arguments("Respond", new Respond(200, "")),
        arguments("Respond=503,{a}", new Respond(503, "{a}")),
        arguments("PreferServer=sen2", new PreferServer(new ServerId("sen2"))),
        arguments("AddRequestHeader=X,1", new EditHeader(Of.REQUEST, How.ADD, "X", "1")),
        arguments("SetRequestHeader=X,1", new EditHeader(Of.REQUEST, How.SET, "X", "1")),
        arguments("RemoveRequestHeader=X", new EditHeader(Of.REQUEST, How.REMOVE, "X", "")),
        arguments("AddResponseHeader=X,1", new EditHeader(Of.RESPONSE, How.ADD, "X", "1")),
        arguments("AddResponseHeader=X,1,true", new EditHeader(Of.RESPONSE, How.ADD, "X", "1")),
        arguments(
            "AddResponseHeader=X,1,false",
            new EditHeader(Of.RESPONSE, How.ADD_IF_MISSING, "X", "1")),
        arguments("SetResponseHeader=X,a b", new EditHeader(Of.RESPONSE, How.SET, "X", "a b")),
        arguments("RemoveResponseHeader=X", new EditHeader(Of.RESPONSE, How.REMOVE, "X", "")),
        arguments("StripPrefix", new StripPrefix(1)),
        arguments("StripPrefix=2", new StripPrefix(2)),
        arguments("PrefixPath=/a/b", new PrefixPath("/a/b")));
  }

  @ParameterizedTest
  @MethodSource("steps")
  void a_filter_becomes_a_step(String filter, Step step) {
    assertThat(steps(List.of(), part(filter))).containsExactly(step);
  }

  @Test
  void arguments_may_have_their_names() {
    assertThat(steps(List.of(), new RoutePart("RedirectToHttps", Map.of("port", "8443"))))
        .containsExactly(new RedirectToHttps(301, ":8443"));
  }

  @Test
  void default_filters_and_own_ones_take_turns_as_the_gateway_sorts_them() {
    assertThat(
            steps(
                List.of(part("StripPrefix=1"), part("StripPrefix=2")),
                part("PreferServer=a"),
                part("PreferServer=b"),
                part("PreferServer=c")))
        .containsExactly(
            new StripPrefix(1),
            new PreferServer(new ServerId("a")),
            new StripPrefix(2),
            new PreferServer(new ServerId("b")),
            new PreferServer(new ServerId("c")));
  }

  @Test
  void a_path_is_prefixed_once() {
    assertThat(steps(List.of(part("PrefixPath=/a")), part("PrefixPath=/b")))
        .containsExactly(new PrefixPath("/a"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Retry=3 | filter Retry is not compiled
          SetResponseHeader=X,#{'a'} | filter SetResponseHeader has a placeholder
          AddRequestHeader=X | filter AddRequestHeader has no value
          Respond=200,#{'a'} | filter Respond has a placeholder
          SetRequestHeader=Host,x | filters that change the header Host are not compiled
          AddResponseHeader=content-length,1 | filters that change the header content-length are not compiled
          RemoveRequestHeader=X-Forwarded-For | filters that change the header X-Forwarded-For are not compiled
          AddResponseHeader=X,1,yes | argument override of filter AddResponseHeader is not a plain value
          StripPrefix=-1 | argument parts of filter StripPrefix is not a plain value
          StripPrefix=1,2 | an argument of filter StripPrefix is not known
          PrefixPath=a | the prefix of filter PrefixPath has special characters
          PrefixPath=/a b | the prefix of filter PrefixPath has special characters
          RedirectToHttps=200 | an argument of filter RedirectToHttps is invalid
          RedirectToHost=301,https://a.test/x | an argument of filter RedirectToHost is invalid
          SetRequestHeader=X Y,1 | the header name has invalid characters
          """)
  void a_filter_that_is_not_known_through_and_through_stays_with_the_gateway(
      String filter, String why) {
    assertThat(why(table(route("r", 0, List.of(ALL), part(filter))))).isEqualTo(why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Header=X,y | predicate Header is not compiled
          Host=a*.test | a pattern of predicate Host is not compiled
          Host=a.test,*.b.* | a pattern of predicate Host is not compiled
          Path=/a/{id:[0-9]+} | a pattern of predicate Path is not compiled
          Path=/**/a | a pattern of predicate Path is not compiled
          Path=true | a pattern of predicate Path is not compiled
          Method=PURGE | predicate Method has a method that the Gateway does not know
          """)
  void a_predicate_that_is_not_known_through_and_through_stays_with_the_gateway(
      String predicate, String why) {
    assertThat(why(table(route("r", 0, List.of(part(predicate)))))).isEqualTo(why);
  }

  @Test
  void metadata_and_uris_that_are_the_gateways_stay_with_it() {
    assertThat(why(table(with("pool://sense", Map.of("response-timeout", 1)))))
        .isEqualTo("metadata response-timeout is not compiled");
    assertThat(why(table(with("http://a.test", Map.of())))).isEqualTo("its uri names no pool");
    assertThat(table(with("pool://sense", Map.of("team", "web"))).lanes().getFirst().express())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "no://op, Deny=404, true",
    "no://op, 'Redirect=302, https://a.test{target}', true",
    "no://op, Respond=200, true",
    "no://op, Deny=404 when path(/a), false",
    "no://op, 'SetRequestHeader=X-A, b', false",
    "http://a.test, Deny=404, false"
  })
  void a_route_without_a_pool_is_compiled_if_it_ends_every_request(
      String uri, String filter, boolean compiled) {
    RouteTable table =
        table(new RouteSpec("r", uri, 0, List.of(ALL), List.of(part(filter)), Map.of()));
    assertThat(table.lanes().getFirst().express()).isEqualTo(compiled);
  }

  @Test
  void cors_of_one_route_leaves_all_to_the_gateway() {
    RouteTable table =
        table(route("a", 0, List.of(ALL)), with("pool://sense", Map.of("cors", Map.of())));
    assertThat(table.lanes()).hasSize(2).noneMatch(RouteLane::express);
    assertThat(why(table)).startsWith("route r has CORS rules");
  }

  private static RouteSpec with(String uri, Map<String, Object> metadata) {
    return new RouteSpec("r", uri, 0, List.of(ALL), List.of(), metadata);
  }

  @Test
  void lanes_come_in_the_order_in_which_routes_are_tried() {
    RouteTable table =
        table(
            route("c", 1, List.of(ALL)),
            route("a", -1, List.of(ALL)),
            route("b", -1, List.of(ALL)));
    assertThat(table.lanes()).extracting(RouteLane::id).containsExactly("a", "b", "c");
  }

  @Test
  void a_route_that_only_requests_of_one_before_it_could_reach_is_the_gateways_and_says_so() {
    RouteTable table =
        table(
            route("first", 0, List.of(part("Header=X"), part("Path=/a/**"))),
            route("second", 0, List.of(part("Path=/a/b"))),
            route("third", 0, List.of(ALL)));
    assertThat(table.lanes())
        .containsExactly(
            new RouteLane("first", false, "predicate Header is not compiled"),
            new RouteLane(
                "second",
                false,
                "route first comes first, is not compiled and might match the same requests"),
            new RouteLane("third", true, "its predicates and filters are compiled"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, a.test, /x, third",
    "GET, a.test, /a/b, ",
    "GET, b.a.test, /x, ",
    "POST, b.a.test, /x, third",
    "GET, ' ', /x, ",
    "GET, a.test, /x%20y, ",
    "GET, a.test, /x/y%20z, third",
    "CONNECT, a.test, /x, ",
    "OPTIONS, a.test, *, "
  })
  void requests_that_an_earlier_route_might_match_are_left_to_the_gateway(
      String method, String host, String path, String expected) {
    RouteTable table =
        table(
            route("first", 0, List.of(part("Header=X"), part("Path=/a/{n:[0-9]+}"))),
            route(
                "second", 0, List.of(part("Header=X"), part("Host=*.a.test"), part("Method=GET"))),
            route("third", 0, List.of(part("Path=/x/**,/a/**"))),
            route("fourth", 0, List.of(part("Host=never.test"))));
    CompiledRoute found = table.find(HttpMethod.valueOf(method), host, path);
    assertThat(found == null ? null : found.id()).isEqualTo(expected);
  }
}
