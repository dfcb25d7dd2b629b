package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ways around filters that keep requests from servers, none of which leads there: each row in both
 * lanes and over all protocols.
 */
class GuardsOnSocketsTest {
  private static final List<String> LANES = List.of("express", "gateway");

  /** Forms of {@code /sv/admin} as one server or another reads it. */
  private static final List<String> FORMS =
      List.of(
          "/sv/admin",
          "//sv/admin",
          "/sv//admin",
          "/x/..;/sv/admin",
          "/x/../sv/admin",
          "/%2e%2e/sv/admin",
          "/x/%2e%2e;a=b/sv/admin",
          "/sv;a/admin",
          "/sv/%61dmin",
          "/sv%2Fadmin",
          "/sv%5cadmin",
          "/;x/sv/admin",
          "/%3b/sv/admin",
          "/%3Bx/sv/admin",
          "/sv%3Ba=b/admin",
          "/x/..%3b/sv/admin",
          "/sv%2f%3badmin%2fadmin",
          "/sv/admin%3b");

  /** Values that some server reads as a dot segment or as several segments. */
  private static final List<String> STRAY =
      List.of(
          ".",
          "..",
          "%2e%2E",
          "%252e%252e",
          "..;a",
          "../admin",
          "%2e%2e%2fadmin",
          "a/b",
          "a%2Fb",
          "a%252Fb",
          "a\\b",
          "a%5cb");

  /**
   * Guards of one route.
   *
   * @param requests a status, a target, and possibly a header field
   */
  private record Row(String name, List<String> filters, List<String> requests) {
    static Row of(String name, List<String> filters, String... requests) {
      return new Row(name, filters, List.of(requests));
    }

    /** With that status for all {@link #FORMS}, and 200 for other paths. */
    static Row ofForms(int status, String name, String... filters) {
      List<String> requests = new ArrayList<>(List.of("200 /x", "200 /sv/public"));
      FORMS.forEach(form -> requests.add(status + " " + form));
      return new Row(name, List.of(filters), requests);
    }

    /** With 400 for values that lead elsewhere, in a header, a parameter or a cookie. */
    static Row ofValues(int status, String filter) {
      List<String> requests = new ArrayList<>();
      List.of("a", "a.b", "...", "%41").forEach(each -> requests.add(status + " /x X-T: " + each));
      for (String each : STRAY) {
        requests.add("400 /x X-T: " + each);
        requests.add("400 /x?t=" + each.replace("%", "%25"));
        requests.add("400 /x Cookie: t=" + each);
      }
      requests.add("400 /x?t=../admin");
      requests.add("400 /x?t=%2e%2e");
      return new Row(filter, List.of(filter), requests);
    }

    /** With 400 for a variable of a path that leads elsewhere. */
    static Row ofSegments(String filter) {
      List<String> requests = new ArrayList<>(List.of("200 /x/a", "200 /x/a.b", "200 /x/..."));
      List.of("%2Fb", "a%2Fb", "a%5cb", "a%252Fb", "..;a", "%252e%252e", "%2e%2e%2fadmin")
          .forEach(each -> requests.add("400 /x/" + each));
      return new Row(filter, List.of(filter), requests);
    }

    /** The predicate that gives the variables that its filters name. */
    String predicate() {
      return filters.toString().contains("{seg}")
          ? ", 'Path=/x/{seg}'"
          : filters.toString().contains("{rest}") ? ", 'Path=/x/{*rest}'" : "";
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private record Case(Row row, String host, Protocol protocol) {
    @Override
    public String toString() {
      return row.name() + ", " + host + ", " + protocol;
    }
  }

  private static final List<Row> ROWS =
      List.of(
          Row.ofForms(403, "a guard itself", "Deny=403 when path(/sv/admin)"),
          Row.ofForms(403, "a path for WebSockets", "RequireWebSocketUpgrade=/sv/admin"),
          Row.ofForms(
              403,
              "a variable that a guard reads",
              "SetVariable=private, 1 when path(/sv/admin)",
              "Deny=403 when variable(private)"),
          Row.ofForms(
              403, "a default filter's variable", "Deny=403 when variable(private-by-default)"),
          Row.ofForms(
              403,
              "a variable's value",
              "SetVariable=p, {path}",
              "Deny=403 when variable-prefix(p, /sv/admin)"),
          Row.ofForms(
              403,
              "a variable of a variable",
              "SetVariable=a, {path}",
              "SetVariable=b, <{variable.a}>",
              "Deny=403 when variable(b, '</sv/admin>')"),
          Row.ofForms(
              403,
              "a header that a guard reads",
              "RemoveRequestHeader=X-Private",
              "SetRequestHeader=X-Private, 1 when path(/sv/admin)",
              "Deny=403 when header(X-Private, 1)"),
          Row.ofForms(
              403,
              "a header that is removed elsewhere",
              "SetRequestHeader=X-Private, 1",
              "RemoveRequestHeader=X-Private when not path(/sv/admin)",
              "Deny=403 when header(X-Private)"),
          Row.ofForms(
              403,
              "a cookie that a guard reads",
              "SetRequestHeader=Cookie, private=1 when path(/sv/admin)",
              "Deny=403 when cookie(private)"),
          Row.ofForms(
              403,
              "a parameter that a guard reads",
              "SetQuery=private=1 when path(/sv/admin)",
              "Deny=403 when query(private)"),
          Row.ofForms(
              403,
              "a host that a guard reads",
              "SetHost=private.test when path(/sv/admin)",
              "Deny=403 when host(private.test)"),
          Row.ofForms(
              403,
              "a path that a guard reads",
              "SetPath=/refused when path(/sv/admin)",
              "Deny=403 when path(/refused)"),
          Row.ofForms(
              403,
              "a rewritten path",
              "RewritePath=^/sv/admin$, /refused when any",
              "Deny=403 when path(/refused)"),
          Row.ofForms(
              403,
              "a path rewritten by an expression of Java's",
              "RewritePath=^/sv/admin$(?!x), /refused",
              "Deny=403 when path(/refused)"),
          Row.ofForms(
              301,
              "a redirect",
              "SetVariable=private, 1 when path(/sv/admin)",
              "Redirect=301, https://login.test/ when variable(private)"),
          Row.ofForms(
              401,
              "a password",
              "SetVariable=private, 1 when path(/sv/admin)",
              "BasicAuth=USERS when variable(private)"),
          Row.ofForms(
              401,
              "credentials that a filter adds",
              "SetRequestHeader=Authorization, Basic b3BzOnNlY3JldA== when not path(/sv/admin)",
              "BasicAuth=USERS"),
          Row.of(
              "a rate's condition",
              List.of(
                  "SetVariable=private, 1 when path(/sv/admin)",
                  "RateLimit=1/1d, host when variable(private)"),
              "200 /x",
              "200 //sv/admin",
              "429 /x/..;/sv/admin",
              "200 /x"),
          Row.of(
              "a rate's key",
              List.of(
                  "RemoveRequestHeader=X-Key",
                  "SetRequestHeader=X-Key, HOST when path(/sv/admin)",
                  "RateLimit=1/1d, header:X-Key"),
              "200 /x",
              "200 //sv/admin",
              "429 /x/..;/sv/admin",
              "429 /sv/admin",
              "200 /x"),
          Row.of(
              "a variable that lets pass",
              List.of(
                  "SetVariable=public, 1 when path-prefix(/public)",
                  "Deny=403 when not variable(public)"),
              "200 /public/x",
              "403 /x",
              "403 /public/../x",
              "403 /public/%2e%2e/x",
              "403 /public/..;/x",
              "403 /public/..%2Fx",
              "403 /public\\..\\x"),
          Row.of(
              "a path is seen as the filters before left it",
              List.of("StripPrefix=1", "Deny=403 when path(/sv/admin)"),
              "403 /x/sv/admin",
              "200 /x/sv/public",
              "200 /sv/admin"),
          Row.of(
              "an absent header gives no variable",
              List.of("SetVariable=token, {header.X-Token}", "Deny=403 when not variable(token)"),
              "403 /x",
              "200 /x X-Token: a"),
          Row.of(
              "absent values give no variable",
              List.of(
                  "SetVariable=a, {cookie.a}{query.a}{header.A}{variable.none}{query-string}",
                  "Deny=403 when not variable(a)"),
              "403 /x",
              "200 /x?a=1"),
          Row.of(
              "an absent value leaves a variable as it was",
              List.of(
                  "SetVariable=a, none",
                  "SetVariable=a, {header.X-A}",
                  "Deny=403 when variable(a, none)"),
              "403 /x",
              "200 /x X-A: a"),
          Row.of(
              "a client without a certificate has none of its names",
              List.of(
                  "SetVariable=who, {tls.subject}{tls.subject.CN}{tls.issuer}{tls.serial}",
                  "Deny=403 when not variable(who)"),
              "403 /x"),
          Row.of(
              "a text beside an absent value is a value",
              List.of("SetVariable=a, of-{header.X-A}", "Deny=403 when variable(a, of-)"),
              "403 /x",
              "200 /x X-A: a"),
          Row.ofValues(200, "SetPath=/t/{header.X-T}{query.t}{cookie.t}/data"),
          Row.ofValues(200, "SetPath=/t/{query.t}{header.X-T}{cookie.t} when any"),
          Row.ofValues(302, "Redirect=302, /t/{header.X-T}{query.t}{cookie.t}/data"),
          Row.of(
              "a variable in a path",
              List.of("SetVariable=t, {query.t}", "SetPath=/t/{variable.t}/data"),
              "200 /x?t=a",
              "400 /x?t=..",
              "400 /x?t=%2e%2e%2fadmin",
              "400 /x?t=%252e%252e",
              "400 /x?t=a/b",
              "400 /x?t=a%2fb",
              "400 /x?t=a%5cb"),
          Row.of(
              "a variable of a variable in a path",
              List.of(
                  "SetVariable=t, {query.t}",
                  "SetVariable=u, <{variable.t}>",
                  "SetPath=/t/{variable.u}/data"),
              "200 /x?t=a",
              "400 /x?t=a/b"),
          Row.of(
              "a variable that is set again",
              List.of("SetVariable=t, {query.t}", "SetVariable=t, a/b", "SetPath=/t/{variable.t}"),
              "200 /x?t=a/b"),
          Row.of(
              "a path in a variable in a path",
              List.of(
                  "SetVariable=base, /v1",
                  "SetVariable=p, {path}",
                  "SetPath={variable.base}{variable.p}"),
              "200 /x/y"),
          Row.of(
              "a rewritten path of the operator's",
              List.of("RewritePath=/x(.*), /t/.$1"),
              "200 /xy",
              "200 /a/..;/y",
              "400 /x.",
              "400 /x./admin",
              "400 /x%252e/admin",
              "400 /x.;a/admin"),
          Row.of(
              "a captured value",
              List.of("RewritePath=/x/(?<t>[^/]*), /t/$\\{t}/data"),
              "200 /x/a",
              "400 /x/..;a",
              "400 /x/%252e%252e"),
          Row.of(
              "a captured value by an expression of Java's",
              List.of("RewritePath=/x/(?!q)([^/]*), /t/$1/data"),
              "200 /x/a",
              "400 /x/..;a",
              "400 /x/%252e%252e"),
          Row.ofSegments("SetPath=/t/{seg}/data"),
          Row.ofSegments("SetPath=/t/{seg}/data when any"),
          Row.ofSegments("PrefixPath=/t/{seg}"),
          Row.of(
              "all segments of a path",
              List.of("SetPath=/t{rest}"),
              "200 /x/a/b/c",
              "400 /x/a/..;/b",
              "400 /x/a/%252e%252e"),
          Row.of(
              "a path in a path",
              List.of("SetPath=/t{path}"),
              "200 /x/y",
              "400 /x/../../admin",
              "400 /x/..;/..;/admin",
              "400 /%2e%2e/admin"),
          Row.of(
              "a value in a query", List.of("Redirect=302, /t?to={query.t}"), "302 /x?t=/a/../b"),
          Row.of("a location that is a value", List.of("Redirect=302, {query.t}"), "302 /x?t=/a/b"),
          Row.of(
              "a full host name",
              List.of("Deny=403 when host(HOST)"),
              "403 /x Host: HOST",
              "403 /x Host: HOST.",
              "403 /x Host: HOST.:80"),
          Row.of(
              "a host name with an empty label",
              List.of("Deny=403 when host(HOST)"),
              "403 /x Host: HOST",
              "400 /x Host: HOST.."),
          Row.of(
              "a host name with an empty label before the port",
              List.of("Deny=403 when host(HOST)"),
              "400 /x Host: HOST..:80"),
          Row.of(
              "an encoded host name", List.of("Deny=403 when host(HOST)"), "400 /x Host: HOST%2e"),
          Row.of(
              "a full host name in a condition",
              List.of("Deny=403 when host(HOST.)"),
              "403 /x Host: HOST",
              "403 /x Host: HOST."),
          Row.of(
              "a host name's end",
              List.of("Deny=403 when host(**.test)"),
              "403 /x Host: HOST.",
              "403 /x Host: HOST.:8080"),
          Row.of(
              "a header that an absent value sets is none",
              List.of("SetRequestHeader=X-B, {header.X-A}", "Deny=403 when not header(X-B)"),
              "403 /x X-B: b",
              "200 /x X-A: a"));

  private static TestServer server;
  private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = new TestServer("server");
    Path users = Files.writeString(folder.resolve("users"), "ops:{plain}secret\n");
    Path file =
        Files.writeString(
            folder.resolve("gateway.yaml"), text().replace("USERS", users.toString()));
    proxy = new TestProxy(file, TestProxy.tlsAndPlain(folder));
  }

  private static String text() {
    StringBuilder text =
        new StringBuilder(
            """
            pools:
              p: { servers: { a: { url: "http://127.0.0.1:%d" } }, health: { type: tcp } }
            default-filters:
              - SetVariable=private-by-default, 1 when path(/sv/admin)
            routes:
            """
                .formatted(server.port()));
    cases()
        .forEach(
            each ->
                text.append(
                    "  - { id: '%1$s', uri: 'pool://p', predicates: [ 'Host=%1$s'%2$s ], filters: [ %3$s ] }\n"
                        .formatted(
                            each.host(),
                            each.row().predicate()
                                + (each.host().startsWith("gateway")
                                    ? ", 'After=2020-01-01T00:00:00Z'"
                                    : ""),
                            String.join(
                                    ", ",
                                    each.row().filters().stream()
                                        .map(f -> "'" + f.replace("'", "''") + "'")
                                        .toList())
                                .replace("HOST", each.host()))));
    return text.toString();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    server.close();
  }

  /** A route for each protocol too: rates count. */
  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < ROWS.size(); i++) {
      for (String lane : LANES) {
        for (Protocol protocol : Protocol.values()) {
          cases.add(new Case(ROWS.get(i), lane + i + "-" + protocol.ordinal() + ".test", protocol));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void no_way_leads_around_a_guard(Case each) {
    List<String> seen = new ArrayList<>();
    try (TestClient client = proxy.connect(each.protocol())) {
      for (String request : each.row().requests()) {
        String[] words = request.split(" ", 3);
        List<String> fields = new ArrayList<>(List.of(words).subList(2, words.length));
        fields.replaceAll(field -> field.replace("HOST", each.host()));
        if (fields.stream().noneMatch(field -> field.startsWith("Host: "))) {
          fields.addFirst("Host: " + each.host());
        }
        int status = client.get(words[1], fields.toArray(String[]::new)).status();
        seen.add(status + request.substring(3));
      }
    }
    assertThat(seen).containsExactlyElementsOf(each.row().requests());
  }
}
