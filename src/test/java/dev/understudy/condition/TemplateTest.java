package dev.understudy.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Rows;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What values become, and that no client can end a line, a path or an element with one. */
class TemplateTest {
  private static String render(String text, TestFacts facts, Escape escape)
      throws ExpressionException {
    return Template.parse(text, Set.of()).render(facts, escape);
  }

  @ParameterizedTest
  @CsvSource({
    "{client.address}:{client.port}, 192.0.2.7:1234",
    "{scheme}://{host}{target}, http://a.example.com:8080/a/b?q=1&r=%61",
    "{host-name} {query-string}, a.example.com q=1&r=%61",
    "{path} {query}, /a/b ?q=1&r=%61",
    "{method} {request-id} {pool}, GET id-1 p",
    "{open-brace}host} {open-brace}, {host} {",
    "{listener}:{listener.port}, main:8443",
    "{header.X-A}-{cookie.c}-{query.q}-{query.r}, 1-3-1-%61",
    "{tls.subject}{tls.version}|{tls.verified}, |false",
    "{variable.v}{variable.none}, w",
    "{unknown} {a.b} {} { host}, {unknown} {a.b} {} { host}",
  })
  void values_are_those_of_the_request(String text, String expected) throws ExpressionException {
    TestFacts facts = new TestFacts().header("X-A", "1", "2").header("cookie", "b=2; c=3");
    facts.variables.put("v", "w");
    assertThat(render(text, facts, Escape.HEADER)).isEqualTo(expected);
  }

  @Rows(
      """
      {client.adress}      | one of the values {client.address}
      {tls.subjct}         | one of the values {client.address}
      {header.}x{client.x} | one of the values {client.address}
      {listener.x}         | one of the values {client.address}
      {tls.subject.MAIL}   | an attribute C, CN,
      """)
  void an_unknown_name_of_a_family_is_a_problem(String text, String expected) {
    assertThatThrownBy(() -> Template.parse(text, Set.of()))
        .isInstanceOf(ExpressionException.class)
        .hasMessageContaining("expected " + expected);
  }

  @Test
  void names_of_the_routes_own_path_are_not_values() throws ExpressionException {
    assertThat(Template.parse("{path}", Set.of("path")).isConstant()).isTrue();
    assertThat(Template.parse("{path}", Set.of()).isConstant()).isFalse();
  }

  @Test
  void a_clients_value_stays_one_segment_and_one_parameter() throws ExpressionException {
    TestFacts facts = new TestFacts();
    facts.header("X-T", "../../admin;a").header("x-t", "../../admin;a");
    assertThat(render("/t/{header.X-T}/d", facts, Escape.PATH))
        .isEqualTo("/t/..%2F..%2Fadmin%3Ba/d");
    facts.header("X-T", "..").header("x-t", "..");
    assertThat(render("/t/{header.X-T}/d", facts, Escape.PATH)).isEqualTo("/t/%2E%2E/d");
    facts.header("X-T", "a&role=admin").header("x-t", "a&role=admin");
    assertThat(render("u={header.X-T}", facts, Escape.QUERY)).isEqualTo("u=a%26role%3Dadmin");
    facts.variables.put("p", "/a/b");
    assertThat(render("/x{variable.p}", facts, Escape.PATH)).isEqualTo("/x/a/b");
  }

  @Test
  void no_value_ends_a_line_a_path_or_an_element() throws ExpressionException {
    TestFacts facts = new TestFacts();
    facts.variables.put("v", "a\r\nX: 1 ?#<é\uD83D\uDE00\u0000\"");
    assertThat(render("{variable.v}", facts, Escape.HEADER))
        .isEqualTo("a%0D%0AX: 1 ?#<%C3%A9%F0%9F%98%80%00\"");
    assertThat(render("/{variable.v}", facts, Escape.PATH))
        .isEqualTo("/a%0D%0AX:%201%20%3F%23%3C%C3%A9%F0%9F%98%80%00%22");
    assertThat(render("<b>{variable.v}", facts, Escape.MARKUP)).contains("<b>a", "&#60;", "&#34;");
    assertThat(render("\"{variable.v}\"", facts, Escape.JSON))
        .startsWith("\"a\\u000D\\u000AX: 1 ?#\\u003C")
        .endsWith("\\u0000\\u0022\"");
  }

  @Test
  void the_response_fills_in_what_is_its_own() throws ExpressionException {
    TestFacts facts = new TestFacts();
    Template template = Template.parse("{host} {status} {response.header.X}", Set.of());
    assertThat(template.isOfResponse()).isTrue();
    Template left = template.resolve(facts, Escape.HEADER);
    facts.authority = "other";
    facts.status = 404;
    facts.responseHeaders.put("X", java.util.List.of("y"));
    assertThat(left.render(facts, Escape.HEADER)).isEqualTo("a.example.com:8080 404 y");
  }

  @Test
  void a_text_does_not_grow_without_bound() throws ExpressionException {
    TestFacts facts = new TestFacts().header("X", "x".repeat(10_000));
    assertThat(render("{header.X}{header.X}{header.X}", facts, Escape.HEADER))
        .hasSize(Template.LONGEST);
  }
}
