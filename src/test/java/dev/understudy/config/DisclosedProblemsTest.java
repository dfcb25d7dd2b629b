package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RoutePart;
import dev.understudy.testing.Rows;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a problem shows of the value in question: ordinary mistakes, and nothing like a secret. */
class DisclosedProblemsTest {
  /** Refuses every part in words that repeat no argument. */
  private static final RouteChecker REFUSING =
      new RouteChecker() {
        @Override
        public Set<String> filterNames() {
          return Set.of("AddRequestHeader", "SetPath");
        }

        @Override
        public @Nullable String filterProblem(RoutePart filter) {
          return "value: expected a text of at least 1 character";
        }
      };

  @Rows(
      """
      filters: ['SetRequestHeader X-Key, hunter22']              | "SetRequestHeader ***"
      filters: ['SetRequestHeader: X-Key, hunter22']             | "SetRequestHeader ***"
      filters: ['hunter22 =']                                    | ***
      filters: 'AddRequestHeader=X-Key,hunter22'                 | "AddRequestHeader=X-Key,***"
      filters: 'AddRequestHeader=X-Key: hunter22, a'             | "AddRequestHeader=***"
      filters: [{ name: 'AddRequestHeader=X-Key,hunter22' }]     | "AddRequestHeader=X-Key,***"
      filters: [{ name: AddRequestHeader, args: X-Key=hunter22 }] | ***
      filters: [{ name: AddRequestHeader, args: 12345678 }]      | ***
      filters: [{ name: A, args: { value: 0123456 } }]           | ***
      filters: [{ name: A, args: { value: 010 } }]               | 010
      filters: [{ name: A, args: { value: on } }]                | on
      predicates: ['Path /a']                                    | "Path /a"
      predicates: ['Path']                                       | "Path"
      predicates: ['Header: X-Key, hunter22']                    | "Header ***"
      metadata: hunter22                                         | ***
      metadata: hunter                                           | ***
      uri: 'http:/a b/hunter22'                                  | "http:/a***"
      uri: 'http://me:hunter22@'                                 | "http://***"
      uri: 'me:hunter22@a'                                       | ***
      uri: 'pool://u:hunter22@sense'                             | "pool://***"
      uri: 'ftp://a/hunter22'                                    | "ftp://a/***"
      uri: 'pool://sence'                                        | "pool://sence"
      uri: react2:8079                                           | "react2:8079"
      order: first                                               | "first"
      order: 2 apples                                            | "2 apples"
      enabled: yes                                               | yes
      id: 'a b'                                                  | "a b"
      """)
  void route(String setting, String shown) {
    String text =
        Texts.POOL + "routes:\n  - { id: x, uri: 'pool://sense', predicates: ['Path=/'] }\n";
    String name = setting.substring(0, setting.indexOf(':'));
    String route =
        switch (name) {
          case "id" -> "uri: 'pool://sense', predicates: ['Path=/'], ";
          case "uri" -> "id: y, predicates: ['Path=/'], ";
          case "predicates" -> "id: y, uri: 'pool://sense', ";
          default -> "id: y, uri: 'pool://sense', predicates: ['Path=/'], ";
        };
    assertThat(Texts.lines(text + "  - { " + route + setting + " }\n"))
        .singleElement()
        .asString()
        .endsWith("found " + shown);
  }

  @Rows(
      """
      mode: failovr                                      | "failovr"
      mode: hunter22                                     | ***
      health: { fall: three }                            | "three"
      health: { fall: "${FALL" }                         | "${FALL"
      health: { interval: 2 }                            | 2
      health: { interval: 2 seconds }                    | "2 seconds"
      health: { method: get }                            | "get"
      health: { path: "x?key=hunter22" }                 | "x?***"
      health: { path: status }                           | "status"
      health: { expect: { status: 2xx-400 } }            | "2xx-400"
      health: { expect: { body-regex: "hunter22[" } }    | ***
      health: { expect: { body-regex: "a[" } }           | "a["
      health: { expect: hunter22 }                       | ***
      health: { headers: hunter22 }                      | ***
      health: { headers: { X: [hunter22] } }             | a list
      health: { headers: { X: 12_345_678 } }             | ***
      health: { headers: { X: on } }                     | on
      health: { headers: { X: !!int hunter22 } }         | ***
      health: { headers: { Host: !!int shop } }          | "shop"
      hold: { body: 65MB }                               | "65MB"
      retry: { methods: [get] }                          | "get"
      retry: { idempotency-key: maybe }                  | "maybe"
      tls: { bundle: "a b" }                             | "a b"
      servers: { a: "http://10.0.0.2:8080" }             | "http://10.0.0.2:8080"
      servers: { a: "http://me:hunter22@a" }             | "http://***"
      servers: { a: { url: "http://10.0.0.2:8080/?key=hunter22" } } | "http://10.0.0.2:8080/?***"
      servers: { a: { url: "http://a/?u=x@hunter22" } }  | "http://***"
      servers: { a: { url: "http://a:99999" } }          | "http://a:99999"
      servers: { a: { url: "a:80" } }                    | "a:80"
      """)
  void pool(String setting, String shown) {
    boolean servers = setting.startsWith("servers");
    String text =
        "pools:\n  token-service:\n"
            + (servers ? "" : "    servers: { a: { url: 'http://a' } }\n")
            + "    "
            + setting
            + "\n"
            + "routes: [{ id: a, uri: 'pool://token-service', predicates: ['Path=/'] }]\n";
    assertThat(Texts.lines(text)).first().asString().endsWith("found " + shown);
    assertThat(Texts.lines(text).toString()).doesNotContain("hunter22");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "health: { headers: { X-Key: *hunter22 } }",
        "health: { headers: { X-Key: !hunter22 } }",
        "health: { headers: { X-Key: !hunter22 x } }"
      })
  void secret_that_yaml_reads_as_its_own_sign(String setting) {
    assertThat(Texts.lines(Texts.POOL + "    " + setting + "\n" + Texts.ROUTE))
        .singleElement()
        .asString()
        .startsWith("gateway.yaml:5: ")
        .doesNotContain("hunter22");
  }

  @Rows(
      """
      # a short argument does not hide the reason
      '' | value: expected a text of at least 1 character
      a | value: expected a text of at least 1 character
      al | value: expected a text of at least 1 character
      # one that the reason repeats hides it
      text | the reason may contain a secret
      least | the reason may contain a secret
      """)
  void reason_of_the_gateway(String value, String shown) {
    String filter =
        "default-filters: [{ name: AddRequestHeader, args: { name: X, value: " + value + " } }]\n";
    assertThat(Texts.problems(Texts.read(Texts.POOL + filter + Texts.ROUTE, Map.of(), REFUSING)))
        .singleElement()
        .asString()
        .endsWith(shown);
  }

  @Test
  void name_of_a_filter_is_not_shown_if_a_placeholder_stands_for_it() {
    String filters = "default-filters: ['${S}', 'SetPth=${S}', { name: '${S}' }, SetPat]\n";
    assertThat(
            Texts.problems(
                    Texts.read(
                        Texts.POOL + filters + Texts.ROUTE, Map.of("S", "hunter22"), REFUSING))
                .toString())
        .doesNotContain("hunter22")
        .contains("unknown filter \"SetPth\", did you mean \"SetPath\"?", "\"SetPat\"");
  }
}
