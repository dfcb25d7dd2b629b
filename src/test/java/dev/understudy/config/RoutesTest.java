package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;

/** Routes are written in Spring Cloud Gateway's form, and mean the same. */
class RoutesTest {
  private static final RouteChecker GATEWAY =
      new RouteChecker() {
        @Override
        public Set<String> predicateNames() {
          return Set.of("Path", "Host", "Method");
        }

        @Override
        public Set<String> filterNames() {
          return Set.of("PreferServer", "StripPrefix", "AddRequestHeader");
        }

        @Override
        public @Nullable String filterProblem(RoutePart filter) {
          return filter.args().containsValue("one") ? "parts: expected a number" : null;
        }

        @Override
        public @Nullable String bundleProblem(String bundle) {
          return bundle.equals("internal-ca") ? null : "the name of an SSL bundle: internal-ca";
        }
      };

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Path=/**",
        "Path=/a/**,/b/**",
        "Path= /a , /b ",
        "Path=",
        "Path=/a,,/b",
        "Host=a=b",
        "Between=2017-01-20T17:42:47.789-07:00[America/Denver], 2017-01-21T17:42:47.789-07:00",
        "StrictTransportSecurity=max-age=16000000; preload",
        "Query=foo, ba.",
        "RewritePath=/red/?(?<segment>.*), /$\\{segment}",
      })
  void the_short_form_is_parsed_as_the_gateway_parses_it(String text) {
    PredicateDefinition predicate = new PredicateDefinition(text);
    FilterDefinition filter = new FilterDefinition(text);
    RouteSpec route = route("predicates: ['" + text + "'], filters: ['" + text + "']");

    RoutePart ours = route.predicates().get(0);
    assertThat(ours.name()).isEqualTo(predicate.getName());
    assertThat(List.copyOf(ours.args().entrySet()))
        .isEqualTo(List.copyOf(predicate.getArgs().entrySet()));
    assertThat(route.filters().get(0).name()).isEqualTo(filter.getName());
    assertThat(route.filters().get(0).args()).isEqualTo(filter.getArgs());
  }

  @Rows(
      """
      Respond=200, a, b,, c , | 200 | a, b,, c ,
      Respond=200 , "a"| 200| "a"
      Respond=200,|200|
      Respond= 200 |200|
      Respond=,a,b | a,b |
      """)
  void the_text_of_a_response_may_have_commas(String filter, String first, String second) {
    assertThat(route("predicates: ['Path=/'], filters: ['" + filter + "']").filters())
        .singleElement()
        .satisfies(
            each ->
                assertThat(each.args().values())
                    .containsExactlyElementsOf(
                        Stream.of(first, second).filter(Objects::nonNull).toList()));
  }

  @Test
  void a_filter_may_be_a_name_alone_and_a_predicate_may_not() {
    assertThat(route("predicates: ['Path=/'], filters: [PreserveHostHeader]").filters())
        .containsExactly(new RoutePart("PreserveHostHeader", Map.of()));
    assertThat(problems("predicates: [Path], filters: ['=x']"))
        .containsExactly(
            "gateway.yaml:6: routes[0].predicates[0]: expected a predicate such as Path=/**, found"
                + " \"Path\"",
            "gateway.yaml:6: routes[0].filters[0]: expected a filter such as Name=argument, found"
                + " \"=x\"");
  }

  @Test
  void the_long_form_keeps_its_keys_and_flattens_what_is_nested() {
    RouteSpec route =
        route(
            "predicates: [{ name: Path, args: { patterns: [/a, /b], matchTrailingSlash: true,"
                + " a: { b: '1' } } }]");
    Map<String, String> args =
        Map.of("patterns[0]", "/a", "patterns[1]", "/b", "matchTrailingSlash", "true", "a.b", "1");
    assertThat(route.predicates()).containsExactly(new RoutePart("Path", args));
    assertThat(problems("predicates: [{ nam: Path }, { name: Path, arg: {} }, [a], 3]"))
        .containsExactly(
            "gateway.yaml:6: routes[0].predicates[0].nam: unknown key, did you mean \"name\"?",
            "gateway.yaml:6: routes[0].predicates[1].arg: unknown key, did you mean \"args\"?",
            "gateway.yaml:6: routes[0].predicates[2]: expected a text such as Name=argument, or a"
                + " map, found a list",
            "gateway.yaml:6: routes[0].predicates[3]: expected a predicate such as Path=/**, found"
                + " 3");
  }

  @Rows(
      """
      # other URIs are the Gateway's
      true | http://a:80
      true | https://a/b
      true | forward:/fallback
      true | no://op
      true | ws://a
      true | wss://a
      # malformed ones are refused
      false | pool
      false | pool://
      false | pool:sense
      false | pool://sense/a
      false | pool://sense:1
      false | pool://u@sense
      false | POOL://sense
      false | lb://a
      false | file:///etc
      false | http:/a
      false | //sense
      false | sense
      false | a b
      false | pool://none
      """)
  void a_route_has_the_uri_of_a_pool_or_one_of_the_gateways(boolean good, String uri) {
    String text = Texts.POOL + "routes: [{ id: a, uri: '" + uri + "', predicates: ['Path=/'] }]\n";
    if (good) {
      assertThat(Texts.good(text).routes().get(0).pool()).isNull();
    } else {
      assertThat(Texts.lines(text))
          .singleElement()
          .asString()
          .startsWith("gateway.yaml:5: routes[0].uri: expected ");
    }
  }

  @Test
  void the_gateways_names_and_arguments_are_checked_at_their_lines() {
    String text =
        Texts.POOL
            + """
                tls: { bundle: internal } #! pools.sense.tls.bundle: expected the name of an SSL bundle: internal-ca, found "internal"
            default-filters:
              - StripPrefx=1 #! default-filters[0]: unknown filter "StripPrefx", did you mean "StripPrefix"?
              - PreferServer=sen9 #! default-filters[1]: expected PreferServer with one of the pool's servers: sen2; did you mean "sen2"?, found "PreferServer=sen9"
            routes:
              - id: a
                uri: pool://sense
                predicates:
                  - Hots=a #! routes[0].predicates[0]: unknown predicate "Hots", did you mean "Host"?
                filters:
                  - StripPrefix=one #! routes[0].filters[0]: parts: expected a number
                  - PreferServer=sen1 #! routes[0].filters[1]: expected PreferServer with one of the pool's servers: sen2; did you mean "sen2"?, found "PreferServer=sen1"
                  - PreferServer #! routes[0].filters[2]: PreferServer: expected the name of one server of the pool
              - { id: b, uri: "http://a", predicates: ["Path=/"], filters: ["PreferServer=sen2"] } #! routes[1].filters[0]: PreferServer: expected only on routes to a pool
            """;
    assertThat(Texts.problems(Texts.read(text, Map.of(), GATEWAY)))
        .extracting(Problem::toString)
        .containsExactlyElementsOf(Texts.marked(text, "gateway.yaml:%d: %s"));
  }

  @Test
  void a_disabled_route_is_checked_and_left_out() {
    String disabled =
        Texts.POOL
            + Texts.ROUTE
            + "  - { id: b, uri: 'no://op', enabled: false, predicates: ['%s'] }\n";
    assertThat(Texts.good(disabled.formatted("Path=/")).routes()).hasSize(1);
    assertThat(Texts.problems(disabled.formatted("Path"))).hasSize(1);
  }

  @Test
  void metadata_keeps_types_and_letters() {
    assertThat(
            route("predicates: ['Path=/'], metadata: { a.B: 1, c: [true, 'x'], d: { e: 1.5 } }")
                .metadata())
        .isEqualTo(Map.of("a.B", 1, "c", List.of(true, "x"), "d", Map.of("e", 1.5)));
    assertThat(problems("predicates: ['Path=/'], metadata: { a: , b: [~] }")).hasSize(2);
  }

  private static String text(String parts) {
    return Texts.POOL + "routes:\n  - { id: a, uri: \"pool://sense\", " + parts + " }\n";
  }

  private static RouteSpec route(String parts) {
    return Texts.good(text(parts)).routes().get(0);
  }

  private static List<String> problems(String parts) {
    return Texts.lines(text(parts));
  }
}
