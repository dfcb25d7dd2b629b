package dev.understudy.reload;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.config.Problem;
import dev.understudy.pool.RoutePart;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conditions and values as the file has them: how they are read, and what is refused. */
class ConditionsInFileTest {
  @AutoClose private static OfflineRouteChecker offline;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    offline = new OfflineRouteChecker();
  }

  private LoadResult load(String predicate, String filter) {
    String text =
        """
        pools:
          p: { servers: { a: { url: "http://192.0.2.1" } } }
          q: { servers: { b: { url: "http://192.0.2.2" } } }
        routes:
          - id: r
            uri: pool://p
            predicates:
              - %s
            filters:
              - %s
        """
            .formatted(predicate, filter);
    return new ConfigLoader(name -> null, offline)
        .load(folder.resolve("gateway.yaml"), text.getBytes(StandardCharsets.UTF_8));
  }

  private RoutePart filter(String written) {
    LoadResult result = load("Path=/**", written);
    assertThat(result).isInstanceOf(LoadResult.Loaded.class);
    return ((LoadResult.Loaded) result).config().routes().getFirst().filters().getFirst();
  }

  private static List<String> problems(LoadResult result) {
    return result instanceof LoadResult.Rejected rejected
        ? rejected.problems().stream().map(Problem::toString).toList()
        : List.of();
  }

  @Rows(
      """
      Deny=403 when path(/a, /b)                | 403             | path(/a, /b)
      Deny when tls                             |                 | tls
      Respond=200, back when the work is done   | 200,back when the work is done |
      Respond=200, a when b when tls            | 200,a when b    | tls
      SetRequestHeader=X, a when any or b | X,a | any or b
      SetRequestHeader=X, a when b              | X,a when b      |
      { name: Deny, args: { status: 403 }, when: 'path(/a) and not tls' } | 403 | path(/a) and not tls
      """)
  void a_condition_follows_the_word_when(String written, String args, String when) {
    if ("any or b".equals(when)) {
      assertThat(problems(load("Path=/**", written)).getFirst())
          .contains("routes[0].filters[0]", "found 'b'");
      return;
    }
    RoutePart part = filter(written);
    assertThat(part.when()).isEqualTo(when);
    assertThat(String.join(",", part.args().values())).isEqualTo(args == null ? "" : args);
  }

  @Rows(
      """
      AddRequestHeader=X, b if host(a)        | AddRequestHeader: ' if' belongs to the argument; a condition stands after 'when'
      Respond=200, gone unless tls            | Respond: ' unless' belongs to the argument; a condition stands after 'when not'
      Respond=200, ask if you want to know    | ``
      AddRequestHeader=X, b when host(a)      | ``
      """)
  void a_condition_as_haproxy_has_it_in_an_argument_is_a_warning(String written, String warning) {
    LoadResult.Loaded loaded = (LoadResult.Loaded) load("Path=/**", written);
    assertThat(
            loaded.warnings().stream()
                .map(Problem::message)
                .filter(each -> each.contains("belongs to"))
                .collect(joining()))
        .isEqualTo(warning == null ? "" : warning);
  }

  @Rows(
      """
      Deny=403 when pth(/a) | :10: routes[0].filters[0]: expected a term (did you mean path?)
      Deny=403 when         | expected
      Deny=403 when path(/a | expected ',' or ')' at column 8 of the condition, found its end
      Deny=403 when status(200) | expected a condition without status and response-header
      Deny=99 when tls | expected
      Deny=403 if path-prefix(/admin) | found '403 if path-prefix(/admin)'; a condition stands after 'when'
      Deny=403 if path(/a, /b) | expected at most 1 arguments [status], found 2; a condition stands after 'when'
      Tarpit=429 unless tls | found '429 unless tls'; a condition stands after 'when not'
      Redirect=301 https://a.test | ; separate arguments by commas
      RateLimit=100/10s client-address | ; separate arguments by commas
      SetRequestHeader=X-A b | ; separate arguments by commas
      UsePool=x | UsePool: expected the name of a pool
      UsePool | expected a value, found nothing
      Deny=403 when usable-servers(x, 1) | usable-servers: expected the name of a pool
      Redirect=200, https://a.test | expected 301, 302, 303, 307 or 308
      Redirect=301 | location: expected a value, found nothing
      SetRequestHeader=X, {client.adress} | expected one of the values {client.address}
      SetRequestHeader=X, {status} | expected values of the request only
      Tarpit=429, 10 | time: expected a time such as 10s
      Tarpit=200, 10s | status: expected 400 to 599
      Tarpit=429, 10m | time: expected more than 0 to 5m
      ReplaceRequestHeader=X, (a, b | expected a regular expression of RE2
      ReplaceRequestHeader=X, a, $1 | expected a replacement with groups up to 0, found $1
      SetVariable=a b, c | name: expected a name of letters
      AllowUpgrade | protocols: expected names such as tcp or SPDY/3.1, found ''
      AllowUpgrade=tcp, a b | protocols: expected names such as tcp or SPDY/3.1, found 'a b'
      AllowUpgrade=tcp, H2C | protocols: expected neither h2c nor HTTP
      AllowUpgrade=HTTP/2.0 | protocols: expected neither h2c nor HTTP
      AllowUpgrade=websocket | nor websocket, which is relayed anyway
      Reject=1 | Reject: expected no argument
      { name: Deny, whn: tls } | unknown key, did you mean "when"?
      { name: Respond, args: { txt: a, headers: { X: 1 } } } | expected the arguments status, text, content-type
      Deny=403 when client-address(file(none.txt)) | expected a readable file at none.txt
      Deny=403 when client-address(file(empty.txt)) | expected 1 to 10000 values
      """)
  void what_is_wrong_is_said_with_its_line(String written, String problem) throws IOException {
    Files.writeString(folder.resolve("empty.txt"), "# nothing\n\n");
    assertThat(problems(load("Path=/**", written)))
        .singleElement()
        .asString()
        .contains(problem, "routes[0].filters[0]");
  }

  @Rows(
      """
      When=pth(/a)
      When=
      When=status(200)
      When=usable-servers(x, 1)
      """)
  void a_wrong_condition_of_a_route_is_a_problem(String predicate) {
    assertThat(problems(load(predicate, "Deny")))
        .singleElement()
        .asString()
        .contains("routes[0].predicates[0]", "expected ");
  }

  @Test
  void values_of_a_file_are_read_and_the_file_is_watched() throws IOException {
    Path file = Files.writeString(folder.resolve("blocked.txt"), "# these\n10.0.0.0/8\n\n::1\n");
    LoadResult result = load("Path=/**", "Deny=403 when client-address(file(blocked.txt))");
    assertThat(((LoadResult.Loaded) result).namedFiles().paths()).contains(file);
    assertThat(filter("Deny=403 when client-address(file(blocked.txt))").when())
        .isEqualTo("client-address(\"10.0.0.0/8\", \"::1\")");
  }

  @Test
  void a_pool_that_only_a_filter_names_is_used() {
    LoadResult result = load("Path=/**", "UsePool=q when tls");
    assertThat(((LoadResult.Loaded) result).warnings()).isEmpty();
  }

  @Test
  void the_gateway_is_opened_when_it_is_first_asked() {
    try (OfflineRouteChecker lazy = new OfflineRouteChecker()) {
      assertThat(lazy.isOpen()).isFalse();
    }
    var unused = load("Path=/**", "Deny=99 when tls");
    assertThat(offline.isOpen()).isTrue();
  }
}
