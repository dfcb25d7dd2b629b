package dev.understudy.reload;

import static dev.understudy.testing.TestRoutes.part;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.config.RouteChecker;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.gateway.OfflineRouteTrial;
import dev.understudy.proxy.gateway.RouteTrial;
import dev.understudy.proxy.route.CompilableParts;
import dev.understudy.proxy.route.ShadowedRoutes;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Gateway is asked about what does not compile, and would have taken all the rest. */
@Tag(Extent.FULL)
class GatewayRouteCheckerTest {
  private static final List<String> PREDICATES =
      List.of("Host", "Path", "Method", "When", "Listener");

  private static final List<String> FILTERS =
      List.of(
          """
          AddRequestHeader AddResponseHeader AllowUpgrade BasicAuth Compress Deny ForwardAuth \
          PrefixPath PreferServer RateLimit Redirect RedirectToHost RedirectToHttps Reject \
          RemoveRequestHeader RemoveResponseHeader ReplaceRequestHeader ReplaceResponseHeader \
          RequireWebSocketUpgrade Respond RewritePath SetHost SetMethod SetPath SetQuery \
          SetRequestHeader SetResponseHeader SetStatus SetVariable StrictTransportSecurity \
          StripPrefix Tarpit UsePool\
          """
              .split(" "));

  /**
   * Arguments of which most are good for some predicate or filter, and all are odd for others; the
   * first is empty.
   */
  private static final List<String> ARGUMENTS =
      List.of(
          """
          ; ;a;a b;a,b;true;GET;get;0;1;007;1234567890;-1;301;403;600;10s;100/10s;/;/a;/a/**;\
          /**/a;/*/a;/{a}/{b};/{a}/{a};/{a}/{*a};/{a-b};/{1};/{a:[0-9]+};/./a;/a/..;//a;/a?b;/ä;\
          **;*.a.test;a.test.;a:8080;https://a.test;X-Forwarded-For;client-address;max-age=1;\
          path(/a);status(200);{path};{status};{other};#{1+1};${x};$1;(?<x>a);(?P<x>a);\
          [[:alpha:]];(;a\nb;text/html;/users\
          """
              .split(";"));

  /** Knows whether the Gateway was asked for anything. */
  private static final class Asking extends GatewayRouteChecker {
    private boolean asked;

    Asking() {
      super(null);
    }

    @Override
    RouteTrial gateway() {
      asked = true;
      return trial.trial();
    }
  }

  /** Asks the Gateway about all. */
  private static final RouteChecker ALONE =
      new RouteChecker() {
        @Override
        public Set<String> predicateNames() {
          return trial.trial().predicateNames();
        }

        @Override
        public Set<String> filterNames() {
          return trial.trial().filterNames();
        }

        @Override
        public @Nullable String predicateProblem(RoutePart predicate) {
          return trial.trial().checkPredicate(predicate).orElse(null);
        }

        @Override
        public @Nullable String filterProblem(RoutePart filter) {
          return trial.trial().checkFilter(filter).orElse(null);
        }

        @Override
        public Map<String, Set<String>> shadowed(List<RouteSpec> routes) {
          return ShadowedRoutes.of(routes);
        }
      };

  @AutoClose private static OfflineRouteTrial trial;

  @BeforeAll
  static void open() {
    trial = OfflineRouteTrial.open();
  }

  /** All parts of that name with at most two arguments, without names, and a few with them. */
  private static Stream<RoutePart> parts(String name) {
    List<Map<String, String>> arguments = new ArrayList<>();
    arguments.add(Map.of());
    for (String first : ARGUMENTS) {
      arguments.add(Map.of(RoutePart.generatedKey(0), first));
      for (String key :
          List.of("name", "value", "status", "patterns", "patterns[0]", "expression", "text")) {
        arguments.add(Map.of(key, first));
      }
      for (String second : Extent.sample(ARGUMENTS)) {
        Map<String, String> both = new LinkedHashMap<>();
        both.put(RoutePart.generatedKey(0), first);
        both.put(RoutePart.generatedKey(1), second);
        arguments.add(both);
      }
    }
    return arguments.stream().map(each -> new RoutePart(name, each));
  }

  private static List<RoutePart> parts(List<String> names, Predicate<RoutePart> which) {
    return names.stream().flatMap(GatewayRouteCheckerTest::parts).filter(which).toList();
  }

  private static List<String> problems(
      List<RoutePart> parts, Function<RoutePart, Optional<String>> check) {
    return parts.stream()
        .flatMap(part -> check.apply(part).map(why -> part.name() + part.args() + why).stream())
        .toList();
  }

  @Test
  void the_gateway_takes_every_predicate_that_compiles() {
    List<RoutePart> compiled = parts(PREDICATES, CompilableParts::hasPredicate);
    assertThat(names(compiled)).containsExactlyInAnyOrderElementsOf(PREDICATES);
    assertThat(problems(compiled, trial.trial()::checkPredicate)).isEmpty();
  }

  /** With no condition, with one on the request, and with one on the response. */
  @Rows(
      """
      | SetPath RewritePath SetRequestHeader Respond
      path(/a) | AddResponseHeader SetStatus
      status(200) | AddResponseHeader SetStatus
      """)
  void the_gateway_takes_every_filter_that_compiles(@Nullable String when, String some) {
    List<RoutePart> compiled =
        parts(FILTERS, part -> true).stream()
            .map(part -> new RoutePart(part.name(), part.args(), when))
            .filter(CompilableParts::hasFilter)
            .toList();
    assertThat(names(compiled)).contains(some.split(" "));
    assertThat(problems(compiled, trial.trial()::checkFilter)).isEmpty();
  }

  private static Set<String> names(List<RoutePart> parts) {
    return parts.stream().map(RoutePart::name).collect(Collectors.toSet());
  }

  @Rows(
      """
      # a predicate
      predicate | Path=/**                    | false
      predicate | Path=/a/{b}/**,/c           | false
      predicate | Host=*.a.test               | false
      predicate | Method=GET,HEAD             | false
      predicate | When=path(/a) and not tls   | false
      predicate | Listener=web                | false
      predicate | Path=/a/{b:[0-9]+}          | true
      predicate | Path=/{a}/{a}               | true
      predicate | Path=/a/../b                | true
      predicate | Host=a?.test                | true
      predicate | Method=PURGE                | true
      predicate | When=status(200)            | true
      predicate | Query=a                     | true
      predicate | Unknown=a                   | true
      # a filter
      filter | Deny=403                    | false
      filter | RedirectToHttps             | false
      filter | SetRequestHeader=X-Client, {client-address} | false
      filter | AddResponseHeader=X, 1      | false
      filter | StripPrefix=1               | false
      filter | RewritePath=/a/(.*), /$1    | false
      filter | SetHost=a.test              | false
      filter | Deny=200                    | true
      filter | StripPrefix=x               | true
      filter | RewritePath=(?P<a>b), c     | true
      filter | Retry=3                     | true
      filter | SetHost=a, b                | true
      filter | Unknown                     | true
      """)
  void the_gateway_is_asked_about_a_part_that_does_not_compile(
      String kind, String text, boolean asked) {
    boolean filter = kind.equals("filter");
    Asking names = new Asking();
    assertThat(filter ? names.knowsFilter(part(text)) : names.knowsPredicate(part(text)))
        .isEqualTo(!text.startsWith("Unknown"));
    assertThat(names.asked).isEqualTo(asked);
    Asking arguments = new Asking();
    String problem =
        filter ? arguments.filterProblem(part(text)) : arguments.predicateProblem(part(text));
    assertThat(problem == null).isIn(true, !asked);
    assertThat(arguments.asked).isEqualTo(asked);
  }

  private static final String FILE =
      """
      pools:
        p: { servers: { a: { url: "http://192.0.2.1" } } }
      default-filters:
        - %s
      routes:
        - { id: r, uri: "pool://p", predicates: [ "%s" ] }
      """;

  private static LoadResult load(String filter, String predicate, RouteChecker checker) {
    return new ConfigLoader(name -> null, checker)
        .load(
            Path.of("gateway.yaml"),
            FILE.formatted(filter, predicate).getBytes(StandardCharsets.UTF_8));
  }

  @Rows(
      """
      Deny=403            | Path=/**               | false
      Deny=403 when tls   | Host=a.test            | false
      Deny=1              | Path=/**               | true
      Denyy=403           | Path=/**               | true
      Deny=403            | Paht=/**               | true
      Retry=3             | Path=/**               | true
      SetStatus=404       | Path=/**               | true
      Deny=403            | Query=a                | true
      Deny=403            | Path=a                 | true
      SetHost             | When=path(/a)          | true
      SetHost=a when no   | Path=/**               | false
      """)
  void a_file_is_read_as_with_the_gateway_alone(String filter, String predicate, boolean asked) {
    Asking lazy = new Asking();
    assertThat(load(filter, predicate, lazy)).isEqualTo(load(filter, predicate, ALONE));
    assertThat(lazy.asked).isEqualTo(asked);
  }

  @ParameterizedTest
  @ValueSource(strings = {"config/gateway.yaml", "config/sense.yaml"})
  void an_example_is_read_without_the_gateway(String file) {
    try (OfflineRouteChecker lazy = new OfflineRouteChecker()) {
      assertThat(new ConfigLoader(lazy).load(Path.of(file)))
          .isInstanceOf(LoadResult.Loaded.class)
          .isEqualTo(new ConfigLoader(ALONE).load(Path.of(file)));
      assertThat(lazy.isOpen()).isFalse();
    }
  }
}
