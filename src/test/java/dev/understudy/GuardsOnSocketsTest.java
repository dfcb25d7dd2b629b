package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ways around filters that keep requests from servers, none of which leads there: each row in both
 * lanes and over all protocols.
 */
@Tag(Extent.FULL)
class GuardsOnSocketsTest {
  /** Forms of {@code /sv/admin} as one server or another reads it. */
  private static final List<String> FORMS =
      words(
          """
          /sv/admin //sv/admin /sv//admin /x/..;/sv/admin /x/../sv/admin /%2e%2e/sv/admin
          /x/%2e%2e;a=b/sv/admin /sv;a/admin /sv/%61dmin /sv%2Fadmin /sv%5cadmin
          /;x/sv/admin /%3b/sv/admin /%3Bx/sv/admin /sv%3Ba=b/admin /x/..%3b/sv/admin
          /sv%2f%3badmin%2fadmin /sv/admin%3b /sv;%2Fx/admin /;%2Fx/sv/admin /sv/admin;%2F
          /sv/admin;%5Cx /a//../sv/admin //sv//../admin //a%2Fb/../sv/admin /a%2Fb/../sv/admin;
          /a%2Fb/..;/sv/admin /sv/%2e%2e/../admin /sv;/..;/../admin
          """);

  private static List<String> words(String text) {
    return List.of(text.strip().split("\\s+"));
  }

  /** Values that some server reads as a dot segment or as several segments. */
  private static final List<String> STRAY =
      words(
          """
          . .. %2e%2E %252e%252e ..;a ../admin %2e%2e%2fadmin a/b a%2Fb a%252Fb a\\b a%5cb
          """);

  private record Row(String name, List<String> filters, List<String> requests) {
    static Row of(String line) {
      String[] cells = line.split(" \\| ");
      return new Row(
          cells[0],
          List.of(cells[1].split(" ; ")),
          Stream.of(cells[2].split(" ; ")).flatMap(Row::requests).toList());
    }

    private static Stream<String> requests(String request) {
      String status = request.substring(0, 3);
      return switch (request.substring(4)) {
        case "FORMS" ->
            Stream.concat(
                Stream.of("200 /x", "200 /sv/public"),
                FORMS.stream().map(form -> status + " " + form));
        case "VALUES" -> values(status);
        case "SEGMENTS" ->
            Stream.concat(
                Stream.of("200 /x/a", "200 /x/a.b", "200 /x/..."),
                Stream.of(
                        "%2Fb", "a%2Fb", "a%5cb", "a%252Fb", "..;a", "%252e%252e", "%2e%2e%2fadmin")
                    .map(each -> "400 /x/" + each));
        default -> Stream.of(request);
      };
    }

    /** With 400 for values that lead elsewhere, in a header, a parameter or a cookie. */
    private static Stream<String> values(String status) {
      Stream<String> harmless =
          Stream.of("a", "a.b", "...", "%41").map(each -> status + " /x X-T: " + each);
      Stream<String> stray =
          STRAY.stream()
              .flatMap(
                  each ->
                      Stream.of(
                          "400 /x X-T: " + each,
                          "400 /x?t=" + each.replace("%", "%25"),
                          "400 /x Cookie: t=" + each));
      return Stream.of(harmless, stray, Stream.of("400 /x?t=../admin", "400 /x?t=%2e%2e"))
          .flatMap(each -> each);
    }

    /** The predicate that gives the variables that its filters name. */
    String predicate() {
      return filters.toString().contains("{seg}")
          ? ", 'Path=/x/{seg}'"
          : filters.toString().contains("{rest}") ? ", 'Path=/x/{*rest}'" : "";
    }
  }

  /**
   * Name, filters of one route, and requests: a status, a target, and possibly a header field.
   * {@code FORMS}, {@code VALUES} and {@code SEGMENTS} stand for all those.
   */
  private static final List<Row> ROWS =
      """
      a guard itself | Deny=403 when path(/sv/admin) | 403 FORMS
      a guard of a path with reserved characters | Deny=403 when path(/@admin) ; Deny=403 when path-suffix(:reset) | 403 /@admin ; 403 /%40admin ; 403 /x/..;/%40%61dmin ; 403 /v1%3Areset ; 403 /v1%3areset;x ; 200 /%2540admin ; 200 /%40admin%3F ; 200 /%40admin%23 ; 200 /%40admin%
      a path for WebSockets with a reserved character | RequireWebSocketUpgrade=/@ws | 403 /@ws ; 403 /%40ws ; 200 /%2540ws
      what a server resolves in its own way | Deny=403 when path-prefix(/sv/admin) | 403 //sv/admin/..;/x ; 403 //sv/admin/..%5Cx ; 403 /%2Fsv/admin/..;/x ; 200 /sv/public/..;/x
      what a server does not take for a parameter | Deny=403 when path-suffix(:reset) | 403 /v1;%3Areset ; 200 /v1;x
      a path that has to begin so | Deny=403 when not path-prefix(/public) | 200 /public/x ; 200 /public/a%20b;c ; 403 /public/a%5Cb/..%2F..%2Fadmin ; 403 /public/..;%2Fpublic/admin
      characters that a path has encoded alone | Deny=403 when path-contains('<x') ; Deny=403 when path('/a[b]') | 403 /y%3Cx ; 403 /a%5Bb%5D ; 403 /a%5bb%5d ; 200 /y%3Cy
      a guard whose path is written in another way | Deny=403 when path(/%40admin) ; Deny=403 when path(/caf%c3%a9) ; Deny=403 when path-prefix('/my files') | 403 /@admin ; 403 /%40admin ; 403 /caf%C3%A9 ; 403 /caf%c3%a9 ; 403 /my%20files/x ; 200 /my+files
      a path for WebSockets beyond ASCII | RequireWebSocketUpgrade=/café | 403 /caf%C3%A9 ; 403 /caf%c3%a9 ; 200 /cafe
      an encoded slash | Deny=403 when path-contains(%2f) ; Deny=403 when path(/100%) | 403 /x%2fy ; 403 /x%2Fy ; 200 /x/y ; 403 /100%25
      an expression that lists what is allowed | Deny=403 when not path-matches('^/[A-Za-z0-9_.%/-]+$') | 200 /my%20report.pdf ; 200 /caf%c3%a9 ; 403 /a~b
      an expression of what a path has encoded alone | Deny=403 when path-matches('[{]x') ; Deny=403 when target-matches('^/my files') | 403 /%7Bx ; 403 /{x ; 403 /my%20files?a ; 200 /x
      a slash that stays encoded beside a backslash that does not | Deny=403 when path-prefix(/sv/admin) | 403 /x%2Fy%2Fz/..%5Csv/admin
      a target that has to begin so | Deny=403 when not target-prefix(/my%20app/, '/café?a=%20') | 200 /my%20app/x ; 200 /caf%C3%A9?a=%20b ; 403 /caf%C3%A9 ; 403 /my%20app/..%2Fx
      an escape that is not UTF-8 | Deny=403 when path-contains(%c0) | 403 /%c0%af ; 403 /%C0%AF ; 200 /caf%E9 ; 200 /caf%C3%A9
      a query that a rewritten path brings | RewritePath=/old/(.*), /api/new?id=$1 ; Deny=403 when path(/api/new) and not method(POST) | 403 /old/5
      a written point | Deny=403 when path(/v1%2E0) ; RequireWebSocketUpgrade=/ws%2Ev1 | 403 /v1.0 ; 403 /v1%2e0 ; 403 /ws.v1
      a guard on something else behind a filter of the Gateway | RewritePath=/api/(.*), /$1 ; AddRequestParameter=by, edge ; Deny=403 when method(TRACE) ; Deny=403 when path(/sv/admin) | 200 /api/caf%C3%A9 ; 200 /api/a%20b;c ; 403 /api/sv/admin
      what a filter of the Gateway makes of a path that has parted | SetPath=/refused when path(/sv/admin) ; PrefixPath=/a ; Deny=403 when path(/a/refused) | 403 FORMS
      what a filter of the Gateway makes of a query that has parted | SetQuery=private=1 when path(/sv/admin) ; AddRequestParameter=by, edge ; Deny=403 when query(private) | 403 FORMS
      a path that can be read in too many ways | Deny=403 when path(/nowhere) | 403 //a%5C..;b/..//c%2F;d/../e;%2Ff/..%5C..//g ; 200 /a%20b;c//d
      dot segments themselves | Deny=403 when path-contains(..) | 403 /x/%2e%2e/%2e%2e/y ; 403 /x/../y ; 200 /x/y
      a guard behind a change of the query | AddRequestParameter=by, edge ; Deny=403 when path(/sv/admin) | 403 FORMS
      semicolons in a parameter's value | Deny=403 when query-contains(q, union) ; Deny=403 when query-suffix(file, .php) | 403 /x?q=;union ; 403 /x?file=x;.php ; 403 /x?a=1;file=x.php ; 200 /x?q=a;b
      a path for WebSockets | RequireWebSocketUpgrade=/sv/admin | 403 FORMS
      a variable that a guard reads | SetVariable=private, 1 when path(/sv/admin) ; Deny=403 when variable(private) | 403 FORMS
      a default filter's variable | Deny=403 when variable(private-by-default) | 403 FORMS
      a variable's value | SetVariable=p, {path} ; Deny=403 when variable-prefix(p, /sv/admin) | 403 FORMS
      a variable of a variable | SetVariable=a, {path} ; SetVariable=b, <{variable.a}> ; Deny=403 when variable(b, '</sv/admin>') | 403 FORMS
      a header that a guard reads | RemoveRequestHeader=X-Private ; SetRequestHeader=X-Private, 1 when path(/sv/admin) ; Deny=403 when header(X-Private, 1) | 403 FORMS
      a header that is removed elsewhere | SetRequestHeader=X-Private, 1 ; RemoveRequestHeader=X-Private when not path(/sv/admin) ; Deny=403 when header(X-Private) | 403 FORMS
      a cookie that a guard reads | SetRequestHeader=Cookie, private=1 when path(/sv/admin) ; Deny=403 when cookie(private) | 403 FORMS
      a parameter that a guard reads | SetQuery=private=1 when path(/sv/admin) ; Deny=403 when query(private) | 403 FORMS
      a host that a guard reads | SetHost=private.test when path(/sv/admin) ; Deny=403 when host(private.test) | 403 FORMS
      a path that a guard reads | SetPath=/refused when path(/sv/admin) ; Deny=403 when path(/refused) | 403 FORMS
      a rewritten path | RewritePath=^/sv/admin$, /refused when any ; Deny=403 when path(/refused) | 403 FORMS
      a path rewritten by an expression of Java's | RewritePath=^/sv/admin$(?!x), /refused ; Deny=403 when path(/refused) | 403 FORMS
      a redirect | SetVariable=private, 1 when path(/sv/admin) ; Redirect=301, https://login.test/ when variable(private) | 301 FORMS
      a password | SetVariable=private, 1 when path(/sv/admin) ; BasicAuth=USERS when variable(private) | 401 FORMS
      credentials that a filter adds | SetRequestHeader=Authorization, Basic b3BzOnNlY3JldA== when not path(/sv/admin) ; BasicAuth=USERS | 401 FORMS
      a rate's condition | SetVariable=private, 1 when path(/sv/admin) ; RateLimit=1/1d, host when variable(private) | 200 /x ; 200 //sv/admin ; 429 /x/..;/sv/admin ; 200 /x
      a rate's key | RemoveRequestHeader=X-Key ; SetRequestHeader=X-Key, HOST when path(/sv/admin) ; RateLimit=1/1d, header:X-Key | 200 /x ; 200 //sv/admin ; 429 /x/..;/sv/admin ; 429 /sv/admin ; 200 /x
      a variable that lets pass | SetVariable=public, 1 when path-prefix(/public) ; Deny=403 when not variable(public) | 200 /public/x ; 403 /x ; 403 /public/../x ; 403 /public/%2e%2e/x ; 403 /public/..;/x ; 403 /public/..%2Fx ; 403 /public\\..\\x
      a path is seen as the filters before left it | StripPrefix=1 ; Deny=403 when path(/sv/admin) | 403 /x/sv/admin ; 200 /x/sv/public ; 200 /sv/admin
      an absent header gives no variable | SetVariable=token, {header.X-Token} ; Deny=403 when not variable(token) | 403 /x ; 200 /x X-Token: a
      absent values give no variable | SetVariable=a, {cookie.a}{query.a}{header.A}{variable.none}{query-string} ; Deny=403 when not variable(a) | 403 /x ; 200 /x?a=1
      an absent value leaves a variable as it was | SetVariable=a, none ; SetVariable=a, {header.X-A} ; Deny=403 when variable(a, none) | 403 /x ; 200 /x X-A: a
      a client without a certificate has none of its names | SetVariable=who, {tls.subject}{tls.subject.CN}{tls.issuer}{tls.serial} ; Deny=403 when not variable(who) | 403 /x
      a text beside an absent value is a value | SetVariable=a, of-{header.X-A} ; Deny=403 when variable(a, of-) | 403 /x ; 200 /x X-A: a
      SetPath=/t/{header.X-T}{query.t}{cookie.t}/data | SetPath=/t/{header.X-T}{query.t}{cookie.t}/data | 200 VALUES
      SetPath=/t/{query.t}{header.X-T}{cookie.t} when any | SetPath=/t/{query.t}{header.X-T}{cookie.t} when any | 200 VALUES
      Redirect=302, /t/{header.X-T}{query.t}{cookie.t}/data | Redirect=302, /t/{header.X-T}{query.t}{cookie.t}/data | 302 VALUES
      a variable in a path | SetVariable=t, {query.t} ; SetPath=/t/{variable.t}/data | 200 /x?t=a ; 400 /x?t=.. ; 400 /x?t=%2e%2e%2fadmin ; 400 /x?t=%252e%252e ; 400 /x?t=a/b ; 400 /x?t=a%2fb ; 400 /x?t=a%5cb
      a variable of a variable in a path | SetVariable=t, {query.t} ; SetVariable=u, <{variable.t}> ; SetPath=/t/{variable.u}/data | 200 /x?t=a ; 400 /x?t=a/b
      a variable that is set again | SetVariable=t, {query.t} ; SetVariable=t, a/b ; SetPath=/t/{variable.t} | 200 /x?t=a/b
      a path in a variable in a path | SetVariable=base, /v1 ; SetVariable=p, {path} ; SetPath={variable.base}{variable.p} | 200 /x/y
      a rewritten path of the operator's | RewritePath=/x(.*), /t/.$1 | 200 /xy ; 200 /a/..;/y ; 400 /x. ; 400 /x./admin ; 400 /x%252e/admin ; 400 /x.;a/admin
      a captured value | RewritePath=/x/(?<t>[^/]*), /t/$\\{t}/data | 200 /x/a ; 400 /x/..;a ; 400 /x/%252e%252e
      a captured value by an expression of Java's | RewritePath=/x/(?!q)([^/]*), /t/$1/data | 200 /x/a ; 400 /x/..;a ; 400 /x/%252e%252e
      SetPath=/t/{seg}/data | SetPath=/t/{seg}/data | 400 SEGMENTS
      SetPath=/t/{seg}/data when any | SetPath=/t/{seg}/data when any | 400 SEGMENTS
      PrefixPath=/t/{seg} | PrefixPath=/t/{seg} | 400 SEGMENTS
      all segments of a path | SetPath=/t{rest} | 200 /x/a/b/c ; 400 /x/a/..;/b ; 400 /x/a/%252e%252e
      a path in a path | SetPath=/t{path} | 200 /x/y ; 400 /x/../../admin ; 400 /x/..;/..;/admin ; 400 /%2e%2e/admin
      a value in a query | Redirect=302, /t?to={query.t} | 302 /x?t=/a/../b
      the own target elsewhere, with dot segments too | Redirect=301, https://{host}{target} | 301 /x/../y ; 301 /%2e/y ; 301 /a/./b ; 301 /..%2fy ; 301 /x?a=/../b
      the own path and query elsewhere | Redirect=301, https://www.example.com{path}{query-string} | 301 /x/../y?a ; 301 /%2e%2e/y
      the own path below another | Redirect=301, https://www.example.com/t{path} | 301 /x/y ; 400 /x/../../y
      a location that is a value | Redirect=302, {query.t} | 302 /x?t=/a/b
      a full host name | Deny=403 when host(HOST) | 403 /x Host: HOST ; 403 /x Host: HOST. ; 403 /x Host: HOST.:80
      a host name with an empty label | Deny=403 when host(HOST) | 403 /x Host: HOST ; 400 /x Host: HOST..
      a host name with an empty label before the port | Deny=403 when host(HOST) | 400 /x Host: HOST..:80
      an encoded host name | Deny=403 when host(HOST) | 400 /x Host: HOST%2e
      a full host name in a condition | Deny=403 when host(HOST.) | 403 /x Host: HOST ; 403 /x Host: HOST.
      a host name's end | Deny=403 when host(**.test) | 403 /x Host: HOST. ; 403 /x Host: HOST.:8080
      a header that an absent value sets is none | SetRequestHeader=X-B, {header.X-A} ; Deny=403 when not header(X-B) | 403 /x X-B: b ; 200 /x X-A: a
      """
          .lines()
          .map(Row::of)
          .toList();

  /** Rates count: each protocol has a route of its own. */
  private static final String HOST = "LANE%d-%d.test";

  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    Path users = Files.writeString(folder.resolve("users"), "ops:{plain}secret\n");
    StringBuilder text = new StringBuilder(TestProxy.POOLS);
    text.append("default-filters: ['SetVariable=private-by-default, 1 when path(/sv/admin)']\n");
    text.append("routes:\n");
    for (int i = 0; i < ROWS.size(); i++) {
      Row row = ROWS.get(i);
      for (Protocol protocol : Protocol.STATIC) {
        String host = HOST.formatted(i, protocol.ordinal());
        String filters = TestProxy.list(row.filters).replace("HOST", host);
        text.append(TestProxy.routes(host, "p", "'Host=" + host + "'" + row.predicate(), filters));
      }
    }
    proxy =
        new TestProxy(
            folder, text.toString().replace("USERS", users.toString()), TestProxy.tls(folder));
  }

  static Stream<Arguments> cases() {
    return EachWay.Ways.of(ROWS, Row::name, HOST);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void no_way_leads_around_a_guard(Row row, String host, Protocol protocol) {
    List<String> seen = new ArrayList<>();
    try (TestClient client = proxy.connect(protocol)) {
      for (String request : row.requests) {
        String[] words = request.split(" ", 3);
        List<String> fields = new ArrayList<>(List.of(words).subList(2, words.length));
        fields.replaceAll(field -> field.replace("HOST", host));
        if (fields.stream().noneMatch(field -> field.startsWith("Host: "))) {
          fields.addFirst("Host: " + host);
        }
        int status = client.get(words[1], fields.toArray(String[]::new)).status();
        seen.add(status + request.substring(3));
      }
    }
    assertThat(seen).containsExactlyElementsOf(row.requests);
  }
}
