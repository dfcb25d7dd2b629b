package dev.understudy.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Rows;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the language says of a request, and what is no condition. */
class ConditionTest {
  private static boolean test(String expression, TestFacts facts) throws ExpressionException {
    return Condition.parse(expression).test(facts);
  }

  private static Stream<String> expressions(String text) {
    return Stream.of(text.strip().split(";\\s+", -1));
  }

  static Stream<String> holding() {
    return expressions(
        """
        any; not never; any or never and never; not never and any;
        not (never or never) and (any); path(/x, /a/b); path-prefix(/a/); path-prefix(i: /A);
        path-prefix(/a, /a/b/c); path-suffix(/b); path-contains(a/); path-directory(/b/);
        path-matches(^/[a-z]/b$); path-matches("^/(a|x)/"); host(a.example.com);
        host(A.EXAMPLE.COM); host(*.example.com); host(**.com); host(**.a.example.com);
        host-prefix(a.); host-suffix(.example.com, .test); host-contains(EXAMPLE);
        host-matches(^a[.]); method(GET); target("/a/b?q=1&r=%61"); target-contains(b?q=);
        query-string("q=1&r=%61"); query-string-prefix(q=); query(q); query(q, 1);
        query(r, a); query(r, %61); client-address(192.0.2.0/24);
        client-address(10.0.0.0/8, 192.0.2.7, fd00::/8); listener(main);
        usable-servers(p, >= 1); usable-servers(q, 0); not tls; not header(X-A);
        header-count(X-A, 0); not content-length(>= 0); random(100, < 100); random(1, 0)
        """);
  }

  @ParameterizedTest
  @MethodSource("holding")
  void holds(String expression) throws ExpressionException {
    assertThat(test(expression, new TestFacts())).isTrue();
  }

  static Stream<String> notHolding() {
    return expressions(
        """
        never; not any; path(/a); path-prefix(/A); path-prefix(/a/b/c);
        path-directory(a/b/c); path-matches(^b); host(example.com); host(*.com);
        host(b.example.com); host-suffix(:8080); method(get); query(a);
        client-address(192.0.2.0/30, 10.0.0.0/8); client-address(::/0); tls;
        client-certificate; client-certificate-subject-contains(CN); tls-server-name(a);
        websocket; listener(http); variable(x); usable-servers(p, > 1);
        random(100, >= 100); random(1, 1)
        """);
  }

  @ParameterizedTest
  @MethodSource("notHolding")
  void does_not_hold(String expression) throws ExpressionException {
    assertThat(test(expression, new TestFacts())).isFalse();
  }

  @Test
  void a_number_is_drawn_for_each_request() throws ExpressionException {
    Condition third = Condition.parse("random(3, 0)");
    int held = 0;
    for (int i = 0; i < 3_000; i++) {
      held += third.test(new TestFacts()) ? 1 : 0;
    }
    // Beyond these once in 10^12 runs.
    assertThat(held).isBetween(800, 1_200);
  }

  @Test
  void a_certificate_is_known_by_its_subject() throws ExpressionException {
    TestFacts facts = new TestFacts();
    facts.session =
        new TlsSession(
            "TLSv1.3", "X", "a.test", new TlsSession.Certificate("CN=a,O=b", "CN=ca", "01"));
    assertThat(test("client-certificate", facts)).isTrue();
    assertThat(test("client-certificate-subject-contains(\"CN=a,\")", facts)).isTrue();
    assertThat(test("client-certificate-issuer(CN=ca)", facts)).isTrue();
    assertThat(test("tls-server-name(*.test)", facts)).isTrue();
  }

  @Rows(
      """
      CN=admin,O=b          | (CN, admin)               | true
      CN=admin,O=b          | (cn, x, admin)            | true
      CN=admin,O=b          | (O, b)                    | true
      UID=1+CN=admin,O=b    | (CN, admin)               | true
      CN=Admin              | (CN, admin)               | false
      CN=Admin              | (i: CN, admin)            | true
      CN=administrator      | (CN, admin)               | false
      CN=administrator      | -prefix(CN, admin)        | true
      O=CN\\=admin          | (CN, admin)               | false
      CN=x\\,CN\\=admin     | (CN, admin)               | false
      CN=x\\,CN\\=admin     | (CN, "x,CN=admin")      | true
      CN=inner,CN=outer     | (CN, inner)               | false
      CN=inner,CN=outer     | (CN, outer)               | true
      O=b                   | (CN)                      | false
      CN=                   | (CN)                      | true
      ``                    | (CN)                      | false
      1.2.3=#0c0141         | (CN)                      | false
      """)
  void an_attribute_of_the_subject_is_compared_as_a_whole(
      String subject, String arguments, boolean holds) throws ExpressionException {
    TestFacts facts = new TestFacts();
    facts.session =
        new TlsSession("TLSv1.3", "X", "", new TlsSession.Certificate(subject, "CN=ca", "01"));
    assertThat(test("client-certificate-subject-attribute" + arguments, facts)).isEqualTo(holds);
    facts.session = new TlsSession("TLSv1.3", "X", "", null);
    assertThat(test("client-certificate-subject-attribute" + arguments, facts)).isFalse();
  }

  @Test
  void the_response_is_asked_only_for_what_the_request_leaves_open() throws ExpressionException {
    TestFacts facts = new TestFacts().header("X-A", "1");
    Condition mixed = Condition.parse("header(X-A) and status(500-599) or status(404)");
    Condition left = mixed.resolve(facts);
    facts.headers.clear();
    facts.status = 503;
    assertThat(left.test(facts)).isTrue();
    facts.status = 404;
    assertThat(left.test(facts)).isTrue();
    facts.status = 200;
    assertThat(left.test(facts)).isFalse();

    Condition none = mixed.resolve(facts);
    facts.status = 503;
    assertThat(none.test(facts)).isFalse();
    Condition pure = Condition.parse("not response-header(X) and status(200)");
    assertThat(pure.resolve(facts)).isSameAs(pure);
  }

  @Rows(
      """
      `` | expected a term such as path-prefix(/a) at column 1 of the condition, found its end
      path(/a) |
      path(/a | expected ',' or ')' at column 8 of the condition, found its end
      path(/a)) | expected 'and', 'or' or the end at column 9 of the condition, found ')'
      path /a | expected '(' and the arguments of path at column 6 of the condition, found '/a'
      path() | expected a value, in quotes if it is empty
      path(/a /b) | expected ',' or ')' at column 9 of the condition, found '/b'
      path(/a) path(/b) | expected 'and', 'or' or the end at column 10
      (any | expected 'and', 'or' or ')' at column 5 of the condition, found its end
      and any | expected a term such as path-prefix(/a) at column 1 of the condition, found 'and'
      any and | at column 8 of the condition, found its end
      frobnicate(/a) | expected a term, one of any, client-address
      pth(/a) | expected a term (did you mean path?) at column 1 of the condition, found 'pth'
      any and tsl | at column 9 of the condition, found 'tsl'
      tls(x) | expected no arguments of tls at column 4
      path-directry(a) | expected a term (did you mean path-directory?)
      host-directory(a) | expected a term
      path(/a?b) | path at column 1: expected a path without a query
      host(a:80) | expected a host without a port
      header(X-A, 'b) | expected the value at column 13 to end with '
      header("X A") | expected a name of letters, digits and '-', found 'X A'
      header-prefix(X) | expected a value after the name
      client-address(10.0.0.0/33) | expected an address or a network
      client-address(localhost) | expected an address or a network
      status(abc) | expected a number, a range such as 5-9
      status(599-500) | expected a number, a range such as 5-9
      content-length(1, 2) | expected one argument, found 2
      usable-servers(p) | expected a name and a number such as '> 5', found 1 argument
      random(0, 1) | expected a number from 1 to 999999999 to draw below, found '0'
      random(x, 1) | expected a number from 1 to 999999999 to draw below, found 'x'
      random(100) | expected a name and a number such as '> 5', found 1 argument
      usable-servers(A_b, 1) | expected the name of a pool, found 'A_b'
      path-matches('(?=a)') | expected a regular expression of RE2, without look-around
      path-matches('(a') | expected a regular expression of RE2
      client-address(i: 10.0.0.1) | expected no i:, which is only for texts
      """)
  void a_problem_says_what_was_expected_and_where(String expression, String problem)
      throws ExpressionException {
    if (problem == null) {
      assertThat(Condition.parse(expression)).isNotNull();
      return;
    }
    assertThatThrownBy(() -> Condition.parse(expression))
        .isInstanceOf(ExpressionException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void nesting_and_terms_are_bounded() {
    String deep = "(".repeat(40) + "any" + ")".repeat(40);
    assertThatThrownBy(() -> Condition.parse(deep)).hasMessageContaining("at most 32 levels");
    String nots = "not ".repeat(10_000) + "any";
    assertThatThrownBy(() -> Condition.parse(nots)).hasMessageContaining("at most 32 levels");
    String many = IntStream.range(0, 300).mapToObj(i -> "any").collect(Collectors.joining(" or "));
    assertThatThrownBy(() -> Condition.parse(many)).hasMessageContaining("at most 256 terms");
  }

  @Test
  void an_expression_needs_time_in_proportion_to_the_text() throws ExpressionException {
    TestFacts facts = new TestFacts().header("X-A", "a".repeat(8000) + "!");
    Condition evil = Condition.parse("header-matches(X-A, \"^(a+)+$\")");
    org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(30), () -> assertThat(evil.test(facts)).isFalse());
  }

  @Test
  void values_of_files_take_their_place() throws ExpressionException {
    assertThat(
            FileValues.expanded(
                "not client-address(10.0.0.1, file(\"a b\")) or header(file, file)",
                name -> List.of("192.0.2.0/24", name)))
        .isEqualTo("not client-address(10.0.0.1, \"192.0.2.0/24\", \"a b\") or header(file, file)");
    assertThat(FileValues.expanded("path(/file)", name -> List.of())).isEqualTo("path(/file)");
  }

  @Test
  void many_networks_are_searched_not_scanned() throws ExpressionException {
    String all =
        IntStream.range(0, 4000)
            .mapToObj(i -> "10." + i / 256 + "." + i % 256 + ".0/25")
            .collect(Collectors.joining(", "));
    Condition condition = Condition.parse("client-address(10.1.0.0/16, " + all + ")");
    TestFacts facts = new TestFacts();
    for (String inside : List.of("10.0.0.0", "10.0.0.127", "10.1.2.200", "10.15.159.1")) {
      facts.client = inside;
      assertThat(condition.test(facts)).as(inside).isTrue();
    }
    for (String outside : List.of("10.0.0.128", "10.15.160.1", "9.255.255.255", "10.2.0.200")) {
      facts.client = outside;
      assertThat(condition.test(facts)).as(outside).isFalse();
    }
  }

  @Rows(
      """
      /?x=1;admin=1          | true
      /?;admin=1             | true
      /?admin=1;x            | true
      /?x=admin=1            | false
      """)
  void semicolons_separate_parameters_as_ampersands_do(String target, boolean holds)
      throws ExpressionException {
    TestFacts facts = new TestFacts();
    facts.target = target;
    assertThat(test("query(admin, 1)", facts)).isEqualTo(holds);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "header-matches(X, \"^10[.][0-9]{1,3}[.]\")",
        "header(X, \"a,b\", 10.20.0.1)",
        "header-prefix(X, \"a,b\", 10.)",
        "header-contains(X, \"1.1.1.1, 10\")",
      })
  void a_comma_in_a_value_adds_the_whole_line_to_its_elements(String expression)
      throws ExpressionException {
    TestFacts facts = new TestFacts().header("x", "1.1.1.1, 10.20.0.1");
    facts.header("X", "1.1.1.1, 10.20.0.1");
    assertThat(test(expression, facts)).isTrue();
  }
}
