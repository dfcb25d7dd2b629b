package dev.understudy.proxy.gateway;

import static dev.understudy.testing.TestRoutes.part;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.testing.RawClient;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the trial refuses fails every request, or matches none; what it takes works. */
class RouteTrialTest extends ScriptedLaneTable {

  private RouteTrial trial() {
    return app.context.getBean(RouteTrial.class);
  }

  /** Has an id of its own: the Gateway goes on keeping bodies where a filter once wanted them. */
  private static RouteSpec tried(String filter) {
    return route("tried", "pool://sense", "Path=/**", filter);
  }

  private String status() {
    return get("/a/b?p=1", "Host: a.test", "Cookie: c=1", "X: 1").substring(9, 12);
  }

  /** With semicolons between them. */
  private static Stream<String> each(String text) {
    return Stream.of(text.split("[;\n]")).map(String::strip).filter(one -> !one.isEmpty());
  }

  static Stream<String> refusedPredicates() {
    return each(
        """
        Query=p, [; Cookie=c, [; Version=1.0; ReadBody=; Path=; Path=a/**; Path=*; Path={x}/**
        Path=/z/../a/b; Path=/./a/b; Path=/a/{x}/..; Host=; Host=http://a.test; Host=a.test/
        Host=a.test x; Method=
        """);
  }

  @ParameterizedTest
  @MethodSource("refusedPredicates")
  void a_refused_predicate_matches_nothing_or_fails(String text) {
    assertThat(trial().checkPredicate(part(text)).orElse("")).contains("expected ");
    app.use(List.of(), route("x", "pool://sense", text));
    assertThat(status()).isIn("404", "500");
  }

  static Stream<String> predicates() {
    return each(
        """
        Query=p; Query=p, [0-9]; Cookie=c, 1; Header=X, 1; Path=/**; Path=**; Path={*rest}
        Path=/{x}/{y:.+}; Path=/a/..b,/a/b; Host=**; Host={x:[^/]+}.test; Host=*.test; Method=GET
        RemoteAddr=127.0.0.1; RemoteAddr=127.0.0.0/8,::1/128
        """);
  }

  @ParameterizedTest
  @MethodSource("predicates")
  void a_predicate_that_is_taken_matches(String text) {
    assertThat(trial().checkPredicate(part(text))).isEmpty();
    app.use(List.of(), route("x", "pool://sense", text));
    assertThat(status()).isEqualTo("200");
  }

  static Stream<String> refusedFilters() {
    return each(
        """
        SetStatus=1000; SetStatus=99; SetPath=a; PrefixPath=a; RewritePath=/a, $5
        RewriteResponseHeader=Content-Length, [, x; RewriteResponseHeader=Content-Length
        RewritePath=(?<x>/a), ${y}; RewriteRequestParameter=p; MapRequestHeader=Host
        MapRequestHeader=Host, a b; ModifyRequestBody; ModifyResponseBody; CacheRequestBody
        CacheRequestBody=java.lang.String; SetRequestHostHeader; RequestHeaderToRequestUri
        AddRequestHeadersIfNotPresent=a b:c; AddRequestHeader=a b, c; SetRequestHeader=a b, c
        AddResponseHeader=a b, c; SetResponseHeader=a b, c; RemoveRequestHeader
        RemoveResponseHeader
        """);
  }

  @ParameterizedTest
  @MethodSource("refusedFilters")
  void a_refused_filter_fails(String text) {
    assertThat(trial().checkFilter(part(text)).orElse("")).contains("expected ");
    app.use(List.of(), tried(text));
    assertThat(status()).isEqualTo("500");
  }

  static Stream<String> filters() {
    return each(
        """
        SetStatus=200; SetStatus=OK; RewriteResponseHeader=Content-Length, ([0-9]+), $1
        RewritePath=/(?<x>.*), /$\\{x}; RewritePath=/a, /\\$5; RewriteRequestParameter=p, x
        RewriteLocationResponseHeader; MapRequestHeader=Host, X-Host; SetPath=/x; PrefixPath=/x
        AddRequestHeadersIfNotPresent=a:b,c:d; DedupeResponseHeader=X; SecureHeaders
        PreserveHostHeader; SaveSession; Retry; RequestSize; SetRequestHostHeader=b.test
        AddResponseHeader=X, 1
        """);
  }

  @ParameterizedTest
  @MethodSource("filters")
  void a_filter_that_is_taken_works(String text) {
    assertThat(trial().checkFilter(part(text))).isEmpty();
    app.use(List.of(), tried(text));
    assertThat(status()).isEqualTo("200");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SetStatus=abc       | status: expected 200 to 599, or a name such as NOT_FOUND, found 'abc'
          SetStatus=150       | status: expected 200 to 599, or a name such as NOT_FOUND, found '150'
          SetStatus=          | status: expected a value, found nothing
          RedirectTo=999,/x   | status: expected 300 to 399, or a name such as FOUND, found '999'
          RedirectTo=302      | url: expected a value, found nothing
          RedirectTo=302, a b | expected a URI, found 'a b' (Illegal character in path)
          RedirectToHost=301  | url: expected a scheme and a host without a path, such as https://www.example.com, found nothing
          StrictTransportSecurity | value: expected directives such as 'max-age=16000000; preload', found nothing
          RequireWebSocketUpgrade | path: expected one that starts with '/', without a query, found nothing
          RequestSize=5x      | expected the arguments [maxSize] by name, in the form { name, args }, found one without a name
          PreserveHostHeader=x| expected no arguments, found 1
          RequestHeaderSize=x | max-size: expected a size such as 5MB, found 'x'
          RetryBudget         | percent: expected a value, found nothing
          RetryBudget=0       | percent: expected a number from 1 to 100, found 0
          RetryBudget=101     | percent: expected a number from 1 to 100, found 101
          RetryBudget=10%     | percent: expected a whole number, found '10%'
          RetryBudget=10,0    | reserve: expected a number from 1 to 1000000, found 0
          RetryBudget=10,1000001 | reserve: expected a number from 1 to 1000000, found 1000001
          Timeout             | request: expected a time such as 10s, found nothing
          Timeout=0s          | request: expected a time from 1ms to 24h, found '0s'
          Timeout=10          | request: expected a time such as 10s, found '10'
          Timeout=10s, 25h    | attempt: expected a time from 1ms to 24h, found '25h'
          """)
  void messages_about_filters(String text, String message) {
    assertThat(trial().checkFilter(part(text))).contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          RedirectToHttps=303 | status: expected 301, 302, 307 or 308, found 303
          RedirectToHttps=abc | status: expected a whole number, found 'abc'
          RedirectToHttps=301,8443,1 | expected at most 2 arguments [status, port], found 3
          RedirectToHttps=301,0 | port: expected 1 to 65535, found 0
          RedirectToHost=300,https://a.test | status: expected 301, 302, 303, 307 or 308, found 300
          RedirectToHost | status: expected 301, 302, 303, 307 or 308, found nothing
          RedirectToHost=https://a.test | status: expected a whole number
          RedirectToHost=301,https://a.test/x | url: expected a scheme and a host without a path
          RedirectToHost=301,https://a.test?x | found 'https://a.test?x'
          RedirectToHost=301,https://a.test#x | found 'https://a.test#x'
          RedirectToHost=301,https://u@a.test | found 'https://u@a.test'
          RedirectToHost=301,https://a.test:99999 | found 'https://a.test:99999'
          RedirectToHost=301,https://a.test: | found 'https://a.test:'
          RedirectToHost=301,https:// | found 'https://'
          RedirectToHost=301,a.test | found 'a.test'
          RedirectToHost=301,//a.test | found '//a.test'
          RedirectToHost=301,ftp://a.test | found 'ftp://a.test'
          StrictTransportSecurity=preload | value: expected directives such as
          RequireWebSocketUpgrade=websocket | path: expected one that starts with '/'
          Deny=200 | status: expected 400 to 599, found 200
          Deny=600 | status: expected 400 to 599, found 600
          Deny=no | status: expected a whole number, found 'no'
          Deny=403,no | expected at most 1 arguments [status], found 2
          Respond=101 | status: expected 200 to 599, found 101
          Respond=text | status: expected a whole number, found 'text'
          PreferServer=Sen_2 | expected a DNS label
          StripPrefix=x | parts: expected a whole number, found 'x'
          NoSuch=1 | found NoSuch
          """)
  void messages_about_our_own_filters(String text, String part) {
    assertThat(trial().checkFilter(part(text))).get().asString().contains(part).hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Header=X, [         | regexp: expected a regular expression, found '[' (Unclosed character class)
          RemoteAddr=nope     | sources: expected an address or a network such as 10.0.0.0/8, found 'nope'
          RemoteAddr=::1/129  | sources: expected an address or a network such as 10.0.0.0/8, found '::1/129'
          XForwardedRemoteAddr=localhost | sources: expected an address or a network such as 10.0.0.0/8, found 'localhost'
          Path=/{a            | expected a path pattern (Expected close capture character after variable name })
          Path=a              | expected a path pattern that starts with '/', found 'a'
          Host=a/             | expected a host pattern such as *.example.com, without scheme and path, found 'a/'
          Method=             | expected a method such as GET, found none
          Version=1           | Version: expected spring.webflux.apiversion in the static settings
          """)
  void messages_about_predicates(String text, String message) {
    assertThat(trial().checkPredicate(part(text))).contains(message);
  }

  @ParameterizedTest
  @CsvSource({"NoSuch=1, found NoSuch", "After=yesterday, datetime: expected a date"})
  void messages_about_predicates_of_no_name_or_form(String text, String part) {
    assertThat(trial().checkPredicate(part(text))).get().asString().contains(part).hasLineCount(1);
  }

  @Test
  void an_unknown_argument_is_found_that_the_gateway_would_pass_over() {
    assertThat(trial().checkFilter(new RoutePart("StripPrefix", Map.of("prats", "1"))))
        .get()
        .asString()
        .contains("[parts]", "'prats'");
  }

  @Test
  void all_names_are_known() {
    assertThat(trial().filterNames()).contains("RedirectToHttps", "PreferServer", "StripPrefix");
    assertThat(trial().predicateNames()).contains("Host", "Path", "Weight");
  }

  @Test
  void the_long_form_of_a_size_is_taken() {
    assertThat(trial().checkFilter(new RoutePart("RequestSize", Map.of("maxSize", "5MB"))))
        .isEmpty();
    assertThat(trial().checkFilter(new RoutePart("RequestSize", Map.of("maxSize", "5x"))))
        .contains("max-size: expected a size such as 5MB, found '5x'");
  }

  @Test
  void versions_are_taken_where_they_are_configured() {
    try (LaneApp versioned =
        LaneApp.start(
            "spring.webflux.apiversion.use.header=V",
            "spring.webflux.apiversion.supported=1.0,2.0")) {
      assertThat(versioned.context.getBean(RouteTrial.class).checkPredicate(part("Version=1.0")))
          .isEmpty();
      versioned.use(List.of(), route("x", "pool://sense", "Version=1.0"));
      assertThat(RawClient.get(versioned.port(), "/", "Host: a", "V: 1.0"))
          .startsWith("HTTP/1.1 200");
      assertThat(RawClient.get(versioned.port(), "/", "Host: a", "V: 2.0"))
          .startsWith("HTTP/1.1 404");
    }
  }
}
