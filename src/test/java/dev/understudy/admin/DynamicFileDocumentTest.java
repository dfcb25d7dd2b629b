package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dynamic file as it is shown to somebody who looks for a defect. */
class DynamicFileDocumentTest {
  private static JsonNode shown(String yaml) {
    return new JsonMapper().valueToTree(DynamicFileDocument.of(yaml, new SecretMask()));
  }

  @Test
  void file_is_shown_as_written() {
    JsonNode shown =
        shown(
            """
            pools:
              shop: # a comment
                servers: { a: { url: "http://a:80", role: master } }
                health: { interval: 2s, headers: { Host: a.test } }
                sticky: { cookie: UNDERSTUDY }
            routes:
              - { id: shop, uri: "pool://shop", predicates: ["Path=/**"], order: 1 }
            """);
    assertThat(shown)
        .hasToString(
            "{\"pools\":{\"shop\":{\"servers\":{\"a\":{\"url\":\"http://a:80\",\"role\":\"master\"}},"
                + "\"health\":{\"interval\":\"2s\",\"headers\":{\"Host\":\"a.test\"}},"
                + "\"sticky\":{\"cookie\":\"UNDERSTUDY\"}}},"
                + "\"routes\":[{\"id\":\"shop\",\"uri\":\"pool://shop\",\"predicates\":[\"Path=/**\"],"
                + "\"order\":\"1\"}]}");
  }

  @Test
  void no_secret_is_shown_wherever_a_filter_or_a_check_has_it() {
    JsonNode shown =
        shown(
            """
            pools:
              shop:
                servers: { a: { url: "http://user:hunter22@a:80" } }
                health: { headers: { Authorization: "Basic aHVudGVyMjI=", X-Check: hunter22 } }
            routes:
              - id: a
                filters:
                  - AddRequestHeader=X-Api-Key, hunter22
                  - { name: SetRequestHeader, args: { name: X-Auth-Token, value: hunter22 } }
                metadata: { password: hunter33 }
              - { id: "b hunter33" }
            """);
    assertThat(shown.toString())
        .doesNotContain("hunter22", "hunter33", "aHVudGVyMjI")
        .contains("X-Check", "X-Auth-Token", "\"id\":\"b ******\"");
  }

  @Test
  void file_that_is_no_yaml_is_not_quoted() {
    assertThat(shown("a: 1\ntoken: [hunter22\n").asString()).startsWith("not YAML in line ");
    assertThat(DynamicFileDocument.of(Path.of("nope.yaml"), new SecretMask()))
        .isEqualTo("can't be read: it does not exist");
    assertThat(shown("").isEmpty()).isTrue();
  }

  @Test
  void aliases_do_not_make_it_grow_without_bound() {
    StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i <= 9; i++) {
      yaml.append("a").append(i).append(": &a").append(i).append(" [");
      yaml.append(("*a" + (i - 1) + ", ").repeat(9)).append("*a").append(i - 1).append("]\n");
    }
    assertThat(shown(yaml.toString()).toString().length()).isLessThan(2_000_000);
  }

  @Test
  void recursive_alias_ends() {
    assertThat(shown("a: &a { b: *a, c: 1 }").toString().length()).isLessThan(10_000);
  }
}
